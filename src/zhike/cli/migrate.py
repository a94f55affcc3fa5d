"""`zhike migrate`: bring the database to the schema of this version."""

from __future__ import annotations

import typer

from zhike.cli.language import say
from zhike.cli.session import installation, migrate, pending_migrations

app = typer.Typer()


@app.command(help=say("把数据库升级到本版本。", "Bring the database up to this version."))
def run() -> None:
    with installation(migrated=False):
        count = len(pending_migrations())
        migrate()
    typer.echo(say(f"数据库已是最新，应用了 {count} 步。", f"The database is up to date: {count} steps."))
