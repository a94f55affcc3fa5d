"""How the command line greets, refuses and fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.running import zhike
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


@pytest.mark.parametrize(
    ("line", "zh", "en"),
    [
        (
            "clasify",
            "没有 'clasify' 这个命令。是否指 'classify'？",
            "No such command 'clasify'. Did you mean 'classify'?",
        ),
        (
            "check --jsn",
            "没有 --jsn 这个选项。是否指 --json？",
            "No such option: --jsn (Possible options: --json)",
        ),
        (
            "import f --as x",
            "'--as' 只能是 'customers', 'contacts', 'events'，这里是 'x'。",
            "Invalid value for '--as': Value error, 'x' is not one of 'customers', 'contacts', 'events'.",
        ),
        ("user", "缺少命令。", "Missing command."),
        ("user add", "缺少 'email'。", "Missing argument 'email'."),
        (
            "serve --port 70000",
            "'--port' 不能大于 65535。",
            "Invalid value for '--port': Input should be less than or equal to 65535",
        ),
        (
            "serve --port x",
            "'--port' 应该是整数。",
            "Invalid value for '--port': Input should be a valid integer, unable to parse string as an integer",
        ),
    ],
)
def test_mistyped_line_gets_a_sentence_in_its_language(capsys, line: str, zh: str, en: str):
    for code, sentence in (("zh", zh), ("en", en)):
        with pytest.raises(SystemExit) as left:
            main.main([f"--lang={code}", *line.split()])
        assert left.value.code == 2
        said, where = capsys.readouterr().err.splitlines()
        assert said == sentence
        assert where.endswith("--help")


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


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        (["serve", "--lang", "en", "--port", "0"], ["serve", "--port", "0"]),
        (["--lang=zh", "check"], ["check"]),
        (["classify", "--lang", "fr"], ["classify", "--lang", "fr"]),
        (["explain", "--", "--lang=zh"], ["explain", "--", "--lang=zh"]),
    ],
)
def test_every_command_takes_the_language(arguments: list[str], kept: list[str]):
    assert language.without_language(arguments) == kept


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
