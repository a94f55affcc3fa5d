"""`zhike`: finds the command, runs it, and turns every error into one sentence and an exit code.

How a command is added: write `zhike/cli/<name>.py` with `app = typer.Typer()` in it, and one line in
COMMANDS. One `@app.command()` makes a plain command (`zhike check`); a callback with several commands
makes a group (`zhike user add`). The module is imported only when its command is called, so
`zhike --help` stays quick: it may import what it likes, but Django models only inside functions, after
`with installation():` (see `session.py`). Help texts are written with `say("…", "…")`. A command raises
`ZhikeError` for what the person can mend and prints nothing about it itself.
"""

from __future__ import annotations

import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, override

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from zhike.cli.language import choose, language, say, without_language
from zhike.cli.usage import translate_help, usage_error
from zhike.core.errors import ZhikeError
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typer._click import Command, Context

# name: (module, what `zhike --help` says)
COMMANDS: dict[str, tuple[str, Text]] = {
    "demo": (
        "zhike.cli.demo",
        Text("建一家示范公司并打开它", "Make a demo company and open it"),
    ),
    "serve": (
        "zhike.cli.serve",
        Text("启动网站和后台任务", "Run the web site and the background work"),
    ),
    "migrate": (
        "zhike.cli.migrate",
        Text("把数据库升级到本版本", "Bring the database up to this version"),
    ),
    "user": ("zhike.cli.user", Text("添加成员", "Add people who may sign in")),
    "import": (
        "zhike.cli.import_",
        Text("导入客户或事件文件", "Import a file of customers or events"),
    ),
    "classify": (
        "zhike.cli.classify",
        Text("把订单文件变成客户分类", "Turn a file of orders into customer classes"),
    ),
    "explain": (
        "zhike.cli.explain",
        Text("说明一位客户为什么属于这些类别", "Say why a customer has these classes"),
    ),
    "pack": ("zhike.cli.pack", Text("查看和启用分类包", "See rule packs and put one in force")),
    "privacy": (
        "zhike.cli.privacy",
        Text("个人信息：恢复备份以后再抹去", "Personal data: erase again after a restore"),
    ),
    "bench": ("zhike.cli.bench", Text("测量速度", "Measure how fast it is")),
    "check": (
        "zhike.cli.check",
        Text("检查这套系统是否一切正常", "Check that this installation is sound"),
    ),
}


class Commands(TyperGroup):
    """The literal table above: lines of help until one of them is asked for."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401  Typer's own
        super().__init__(**settings)
        self.commands = {
            name: TyperCommand(name, help=summary.get(language())) for name, (_, summary) in COMMANDS.items()
        }

    @override
    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        if name in COMMANDS:
            app = import_module(COMMANDS[name][0]).app
            app._add_completion = False  # noqa: SLF001  else each command offers to install it
            command = get_command(app)
        return name, command, rest


def _version(wanted: bool) -> None:  # noqa: FBT001  Typer hands over the flag
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415

        typer.echo(f"zhike {version('zhike')}")
        raise typer.Exit


def build() -> typer.Typer:
    """Return the whole command line, in the language chosen before."""
    app = typer.Typer(
        name="zhike",
        cls=Commands,
        invoke_without_command=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help=say(
            "知客：每个客户都有实时、可解释的分类。",
            "Zhike: a CRM in which every customer has a live, explainable class.",
        ),
    )

    @app.callback()
    def options(
        context: typer.Context,
        *,
        demo: Annotated[
            bool,
            typer.Option(
                "--demo",
                help=say("使用 zhike demo 建的示范公司。", "Use the company that zhike demo makes."),
            ),
        ] = False,
        lang: Annotated[  # noqa: ARG001  read before, by `choose`
            str,
            typer.Option(metavar="zh|en", help=say("提示语言。", "Language of the messages.")),
        ] = "",
        version: Annotated[  # noqa: ARG001  answered by its callback
            bool,
            typer.Option(
                "--version",
                callback=_version,
                is_eager=True,
                help=say("显示版本。", "Show the version."),
            ),
        ] = False,
    ) -> None:
        if demo:
            from zhike.base.home import use_demo  # noqa: PLC0415

            use_demo()
        if context.invoked_subcommand is None:
            typer.echo(context.get_help())

    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; every way out is an exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    # Unwind as after Ctrl-C, so that an embedded database is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    if choose(arguments) == "zh" and (not arguments or "--help" in arguments):
        translate_help()
    try:
        sys.exit(build()(args=without_language(arguments), prog_name="zhike", standalone_mode=False))
    except typer.TyperException as error:
        typer.echo(usage_error(error), err=True)
        sys.exit(error.exit_code)
    except ZhikeError as error:
        typer.echo(error.message(language()), err=True)
        sys.exit(error.exit_code)
    except typer.Abort:
        sys.exit(130)
    except Exception:  # noqa: BLE001  the last door: whatever it is, a person reads a sentence
        from zhike.cli.crash import report  # noqa: PLC0415

        typer.echo(report(), err=True)
        sys.exit(1)
