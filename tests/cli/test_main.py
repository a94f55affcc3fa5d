"""How the command line greets, refuses and fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from running import zhike

from zhike.cli import language, main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", main.COMMANDS)
def test_help_names_every_command_in_both_languages(capsys, name: str):
    for code in ("zh", "en"):
        with pytest.raises(SystemExit) as left:
            main.main([f"--lang={code}", "--help"])
        assert left.value.code == 0
        assert main.COMMANDS[name][1].get(code) in capsys.readouterr().out


def test_unknown_command_suggests_the_nearest(capsys):
    with pytest.raises(SystemExit) as left:
        main.main(["--lang", "en", "clasify"])
    assert left.value.code == 2
    assert "classify" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "environ", "expected"),
    [
        ([], {}, "zh"),
        ([], {"LANG": "C.UTF-8"}, "zh"),
        ([], {"LANG": "en_US.UTF-8"}, "en"),
        ([], {"LANG": "de_DE.UTF-8"}, "en"),
        ([], {"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        (["classify", "--lang", "en"], {"LANG": "zh_CN.UTF-8"}, "en"),
        (["--lang=zh", "check"], {"LANG": "en_US.UTF-8"}, "zh"),
        (["import", "--", "--lang=zh"], {"LANG": "en_US.UTF-8"}, "en"),
    ],
)
def test_language_comes_from_the_line_then_from_the_machine(
    monkeypatch, arguments: list[str], environ: dict[str, str], expected: str
):
    monkeypatch.setattr(language, "_language", "zh")
    assert language.choose(arguments, environ) == expected


def test_what_nobody_foresaw_is_a_sentence_and_a_file(tmp_path: Path):
    (tmp_path / "postgres").symlink_to("/dev/null")
    failed = zhike(tmp_path, "migrate")
    assert failed.returncode == 1
    sentence, where = failed.stderr.splitlines()
    assert sentence.startswith("Something went wrong: NotADirectoryError")
    assert str(tmp_path / "error.log") in where
    assert "Traceback" in (tmp_path / "error.log").read_text()


def test_demo_is_an_installation_of_its_own(monkeypatch, tmp_path: Path):
    from zhike.base.home import home, use_demo

    environ = {"DATABASE_URL": "postgresql://a@b/c", "ZHIKE_SECRET_KEY": "x", "PATH": "kept"}
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    use_demo(environ)
    assert environ == {"ZHIKE_HOME": str(home() / "demo"), "PATH": "kept"}


def test_version_is_the_changelogs(capsys):
    with pytest.raises(SystemExit):
        main.main(["--version"])
    assert capsys.readouterr().out.startswith("zhike ")
