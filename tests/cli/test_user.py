"""People from the command line, and an installation that is found sound."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.running import installed, zhike
from zhike.base.postgres import Postgres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("people")  # they share one installation


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with installed("zhike-cli-") as home, Postgres(home / "postgres"):
        yield home


def test_password_is_read_from_a_file_and_checked(home: Path, tmp_path: Path):
    file = tmp_path / "password"
    file.write_text("short\n")
    command = ("user", "add", "Wang@Example.com", "--password-file", str(file))
    refused = zhike(home, *command)
    assert refused.returncode == 2
    assert "short" not in refused.stderr
    file.write_text("long enough\n")
    assert zhike(home, *command).stdout == "Added Wang <wang@example.com> as Administrator.\n"
    again = zhike(home, *command)
    assert (again.returncode, again.stdout) == (2, "")
    assert "wang@example.com" in again.stderr


def test_password_of_a_stranger_is_not_set(home: Path):
    refused = zhike(home, "user", "password", "nobody@example.com", given="long enough\n")
    assert refused.returncode == 2
    assert refused.stderr == "There is no user nobody@example.com.\n"


def test_missing_password_file_is_named(home: Path):
    refused = zhike(home, "user", "add", "a@b.cn", "--password-file", "/gone")
    assert refused.returncode == 2
    assert refused.stderr == "Cannot read the password file /gone.\n"


def test_check_finds_a_fresh_installation_sound(home: Path):
    assert zhike(home, "migrate").returncode == 0
    checked = zhike(home, "check", "--json")
    report = json.loads(checked.stdout)
    assert checked.returncode == 0
    assert {c["subject"]: c["state"] for c in report["checks"]} == {
        "front_end": "ok",
        "database": "ok",
        "schema": "ok",
        "worker": "note",
        "placements": "ok",
    }
