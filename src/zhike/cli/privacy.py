"""`zhike privacy`: what concerns personal data and is done at the machine."""

from __future__ import annotations

import typer

from zhike.cli.language import say
from zhike.cli.session import installation

app = typer.Typer()


@app.callback(help=say("个人信息。", "Personal data."))
def group() -> None:
    pass


@app.command(
    help=say(
        "恢复备份以后，把账本上抹去过的人再抹去一次。",
        "After a restore, erase again whoever the ledger says was erased.",
    )
)
def reapply() -> None:
    with installation():
        from zhike.privacy.actions.erasure import reapply_deletions  # noqa: PLC0415
        from zhike.privacy.ledger import ledger_file, unapplied  # noqa: PLC0415

        count = reapply_deletions()
        gone = len(unapplied())
        typer.echo(
            say(
                f"又抹去了 {count} 位；账本里另有 {gone} 位不在这个数据库里。账本：{ledger_file()}",
                f"Erased {count} again; {gone} more of the ledger are not in this database. Ledger: {ledger_file()}",
            )
        )
