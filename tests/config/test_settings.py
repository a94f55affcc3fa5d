"""Every variable that is read is documented, and https closes what it should."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r"""(?:env\w+|environ\.get)\(\s*"(ZHIKE_\w+|DATABASE_URL)\"""")


def test_every_variable_is_documented_and_no_other():
    source = "".join(f.read_text(encoding="utf-8") for f in (ROOT / "src").rglob("*.py"))
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    assert set(READ.findall(source)) == documented


def read(names: str, **environ: str) -> str:
    """Return settings as a fresh process sees them."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ZHIKE_", "DATABASE_"))}
    home = os.environ["ZHIKE_HOME"]
    program = f"from zhike.config import settings as s; print({names})"
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**kept, "ZHIKE_HOME": home, **environ},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_cookies_are_open_only_to_http_that_nobody_declared_https():
    names = "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS, s.ALLOWED_HOSTS"
    assert read(names) == "False False 0 ['localhost', '127.0.0.1', '[::1]']"
    assert read(names, ZHIKE_URL="https://crm.example.com", ZHIKE_ALLOWED_HOSTS="crm") == (
        "True True 3600 ['crm', 'crm.example.com']"
    )


def test_secret_is_drawn_once_for_its_owner_alone():
    first = read("s.SECRET_KEY")
    assert len(first) > 50
    assert read("s.SECRET_KEY") == first
    assert (Path(os.environ["ZHIKE_HOME"]) / "secret").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "environ",
    [
        {"ZHIKE_URL": "crm.example.com"},
        {"ZHIKE_LOG_LEVEL": "LOUD"},
        {"ZHIKE_LANGUAGE": "fr"},
        {"ZHIKE_WEB_WORKERS": "0"},
        {"DATABASE_URL": "postgresql://a@b/c"},
    ],
)
def test_bad_setting_stops_the_start(environ: dict[str, str]):
    with pytest.raises(subprocess.CalledProcessError) as raised:
        read("s.DEBUG", **environ)
    assert "SettingError" in raised.value.stderr
