"""A database that is down, misnamed or empty: one sentence, exit 2, nothing written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.cli.running import zhike

if TYPE_CHECKING:
    from pathlib import Path

SECRET = {"ZHIKE_SECRET_KEY": "only-a-test" * 5}


def test_database_that_is_down_is_named(tmp_path: Path):
    address = "postgresql://zhike:geheim@127.0.0.1:9/crm"
    down = zhike(tmp_path, "migrate", DATABASE_URL=address, **SECRET)
    assert down.returncode == 2
    assert down.stderr.startswith("Cannot reach the database 127.0.0.1/crm: ")
    assert down.stderr.endswith("Connection refused\n")
    assert down.stderr.count("\n") == 1
    assert "geheim" not in down.stderr


def test_wrong_database_url_is_explained_without_its_password(tmp_path: Path):
    wrong = zhike(tmp_path, "serve", DATABASE_URL="mysql://a:geheim@b/c", **SECRET)
    assert wrong.returncode == 2
    assert wrong.stderr == (
        "The environment variable DATABASE_URL must look like postgresql://user:password@host:5432/database.\n"
    )


def test_option_that_the_database_does_not_know_is_named(tmp_path: Path):
    wrong = zhike(tmp_path, "migrate", DATABASE_URL="postgresql://a@127.0.0.1:9/crm?sslmod=require", **SECRET)
    assert wrong.returncode == 2
    assert wrong.stderr == 'Cannot reach the database 127.0.0.1/crm: invalid connection option "sslmod"\n'


def test_secret_that_is_too_short_is_refused(tmp_path: Path):
    short = zhike(tmp_path, "migrate", ZHIKE_SECRET_KEY="x" * 49)
    assert short.returncode == 2
    assert short.stderr == ("The environment variable ZHIKE_SECRET_KEY is too short: 50 random characters or more.\n")
    assert list(tmp_path.iterdir()) == []


def test_secret_is_required_with_a_server(tmp_path: Path):
    missing = zhike(tmp_path, "migrate", DATABASE_URL="postgresql://a@b/c")
    assert missing.returncode == 2
    assert missing.stderr.startswith("With DATABASE_URL, set ZHIKE_SECRET_KEY")
    assert list(tmp_path.iterdir()) == []


def test_chinese_is_spoken_unless_the_machine_says_otherwise(tmp_path: Path):
    wrong = zhike(tmp_path, "migrate", DATABASE_URL="sqlite:///x", LANG="C.UTF-8", **SECRET)
    assert wrong.stderr == "环境变量 DATABASE_URL 必须形如 postgresql://用户:密码@主机:5432/数据库。\n"


def test_home_that_cannot_be_made_is_named(tmp_path: Path):
    file = tmp_path / "file"
    file.touch()
    refused = zhike(file, "migrate")
    assert refused.returncode == 2
    assert refused.stderr == f"Cannot use the folder {file}. Name a writable one in ZHIKE_HOME.\n"


@pytest.mark.django_db
def test_server_without_our_tables_is_not_touched_unasked(tmp_path: Path, settings):
    server = {"host": settings.DATABASES["default"]["HOST"], "user": "zhike"}
    with psycopg.connect(**server, dbname="postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS empty")
        connection.execute("CREATE DATABASE empty TEMPLATE template0")
    address = f"postgresql://zhike@/empty?host={server['host']}"
    refused = zhike(tmp_path, "user", "add", "a@b.cn", given="12345678\n", DATABASE_URL=address, **SECRET)
    assert refused.returncode == 2
    assert refused.stderr == ("The database is not at this version yet. Run zhike migrate first.\n")
    with psycopg.connect(**server, dbname="empty") as connection:
        tables = connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchone()
    assert tables == (0,)


def test_check_reports_a_database_that_is_down(tmp_path: Path):
    address = "postgresql://zhike@127.0.0.1:9/crm"
    checked = zhike(tmp_path, "check", DATABASE_URL=address, **SECRET)
    assert checked.returncode == 1
    assert "✗ Cannot reach the database 127.0.0.1/crm: " in checked.stdout
