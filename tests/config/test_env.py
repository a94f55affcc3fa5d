"""What the readers of environment variables take, and what they say to a bad value."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from zhike.config import env

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "expected"),
    [("true", True), ("1", True), ("YES", True), ("off", False), ("0", False), ("", True)],
)
def test_yes_and_no_are_read(monkeypatch: pytest.MonkeyPatch, text: str, expected: bool) -> None:
    monkeypatch.setenv("ZHIKE_X", text)
    assert env.envbool("ZHIKE_X", default=True) is expected


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (lambda: env.envbool("ZHIKE_X", default=False), "maybe"),
        (lambda: env.envint("ZHIKE_X", 1), "-1"),
        (lambda: env.envint("ZHIKE_X", 1, most=10), "11"),
        (lambda: env.envint("ZHIKE_X", 1), "１"),
        (lambda: env.envzone("ZHIKE_X", "UTC"), "Asia/Peking"),
        (lambda: env.envzone("ZHIKE_X", "UTC"), "../etc/passwd"),
        (lambda: env.envinstant("ZHIKE_X"), "yesterday"),
        (lambda: env.envinstant("ZHIKE_X"), "2026-07-01T09:00"),
        (lambda: env.envchoice("ZHIKE_X", "en", ("zh-hans", "en")), "fr"),
        (lambda: env.envdatabase("ZHIKE_X"), "mysql://a@b/c"),
        (lambda: env.envdatabase("ZHIKE_X"), "postgresql://a@b:port/c"),
        (lambda: env.envdatabase("ZHIKE_X"), "postgresql://a@b"),
        (lambda: env.envdatabase("ZHIKE_X"), "zhike"),
        (lambda: env.envdatabase("ZHIKE_X"), "postgresql://a@b/c%00d"),
    ],
)
def test_bad_value_names_the_variable_in_both_languages(monkeypatch: pytest.MonkeyPatch, read, text: str) -> None:
    monkeypatch.setenv("ZHIKE_X", text)
    with pytest.raises(env.SettingError) as raised:
        read()
    assert "ZHIKE_X" in raised.value.message("zh")
    assert "ZHIKE_X" in raised.value.message("en")


def test_bad_database_address_does_not_repeat_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://zhike:geheim@db:port/zhike")
    with pytest.raises(env.SettingError) as raised:
        env.envdatabase("DATABASE_URL")
    assert "geheim" not in str(raised.value)


def test_database_address_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a%40b:p%2Fw@db.example:6432/crm?sslmode=require")
    assert env.envdatabase("DATABASE_URL") == {
        "NAME": "crm",
        "USER": "a@b",
        "PASSWORD": "p/w",
        "HOST": "db.example",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "require"},
    }


def test_database_socket_is_named_by_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql:///crm?host=/run/postgresql")
    address = env.envdatabase("DATABASE_URL")
    assert address is not None
    assert address["HOST"] == "/run/postgresql"


def test_secret_comes_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("from-file\n")
    monkeypatch.setenv("ZHIKE_X_FILE", str(file))
    assert env.envsecret("ZHIKE_X") == "from-file"


def test_secret_given_twice_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZHIKE_X", "a")
    monkeypatch.setenv("ZHIKE_X_FILE", str(tmp_path))
    with pytest.raises(env.SettingError, match="not both"):
        env.envsecret("ZHIKE_X")


def test_missing_secret_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZHIKE_X_FILE", str(tmp_path / "gone"))
    with pytest.raises(env.SettingError, match="gone"):
        env.envsecret("ZHIKE_X")


def test_secret_has_no_default() -> None:
    assert env.envsecret("ZHIKE_NOT_SET") == ""


def test_list_drops_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIKE_X", " a, ,b ")
    assert env.envlist("ZHIKE_X", ["c"]) == ["a", "b"]


def test_instant_is_turned_to_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIKE_X", "2026-07-01T09:00:00+08:00")
    assert env.envinstant("ZHIKE_X") == datetime(2026, 7, 1, 1, tzinfo=UTC)
