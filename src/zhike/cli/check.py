"""`zhike check`: is this installation sound? One line for each thing looked at; exit 1 when one is not.

`zhike check placements` looks closer: it works out facts and classes again and compares.
`zhike check audit` follows the audit log and the seals of the timeline.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from zhike.cli import check_audit, check_placements
from zhike.cli.language import language, say
from zhike.cli.serve import AlreadyServing, alone
from zhike.cli.session import installation, pending_migrations
from zhike.core.errors import ZhikeError

if TYPE_CHECKING:
    from collections.abc import Iterator

app = typer.Typer()

HEARTBEAT_SECONDS = 60  # a worker writes one every 10 s
SIGNS = {"ok": "✓", "note": "·", "failed": "✗"}


@dataclass(frozen=True)
class Finding:
    subject: str
    state: Literal["ok", "note", "failed"]
    sentence: str


@app.callback(
    invoke_without_command=True,
    help=say(
        "检查数据库、结构、后台任务、前端文件，以及分类是否与规则一致。",
        "Check the database, its schema, the worker, the front-end files, and that the classes agree with the rules.",
    ),
)
def run(
    context: typer.Context,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help=say("输出一个 JSON 对象。", "Print one JSON object."))
    ] = False,
) -> None:
    if context.invoked_subcommand is not None:
        return
    findings = list(_findings())
    is_sound = all(finding.state != "failed" for finding in findings)
    if as_json:
        document = {"ok": is_sound, "checks": [asdict(finding) for finding in findings]}
        typer.echo(json.dumps(document, ensure_ascii=False))
    else:
        for finding in findings:
            typer.echo(f"{SIGNS[finding.state]} {finding.sentence}")
    raise typer.Exit(0 if is_sound else 1)


app.command(
    "placements",
    help=say(
        "重新计算指标和类别，与存下的逐项比较；不写任何东西，有差异时退出码是 1。",
        "Work facts and classes out again and compare with what is stored; nothing is written, and any difference is exit code 1.",
    ),
)(check_placements.run)

app.command(
    "audit",
    help=say(
        "逐条核对审计日志的链和时间线的封存；不写任何东西，有一处不符时退出码是 1。",
        "Follow the chain of the audit log and the seals of the timeline; nothing is written, and a break is exit code 1.",
    ),
)(check_audit.run)


def _findings() -> Iterator[Finding]:
    yield _front_end()
    try:
        with installation(migrated=False):
            yield Finding("database", "ok", say("数据库可以连接。", "The database can be reached."))
            schema = _schema()
            yield schema
            if schema.state == "ok":
                yield _worker()
                yield _placements()
    except ZhikeError as error:
        yield Finding("database", "failed", error.message(language()))


def _front_end() -> Finding:
    base = files("zhike.base")
    made = [base / "static" / "vendor" / "tabler.min.css", base / "icons" / "tag.svg"]
    if all(file.is_file() for file in made):
        return Finding("front_end", "ok", say("前端文件齐全。", "The front-end files are in place."))
    return Finding(
        "front_end",
        "failed",
        say(
            "缺少前端文件，请运行 uv sync --reinstall-package zhike 重新生成。",
            "Front-end files are missing. Run uv sync --reinstall-package zhike to make them.",
        ),
    )


def _schema() -> Finding:
    pending = len(pending_migrations())
    if not pending:
        return Finding("schema", "ok", say("数据库结构是最新的。", "The schema is up to date."))
    return Finding(
        "schema",
        "failed",
        say(
            f"数据库结构还差 {pending} 步，请运行 zhike migrate。",
            f"The schema lacks {pending} steps. Run zhike migrate.",
        ),
    )


def _worker() -> Finding:
    """Look for a heartbeat. Nobody misses the worker of an installation that is not being served."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)",
            [HEARTBEAT_SECONDS],
        )
        (alive,) = cursor.fetchone()
    if alive:
        return Finding("worker", "ok", say("后台任务在运行。", "The worker is running."))
    if settings.ZHIKE_EMBEDDED and not _is_served():
        sentence = say(
            "没有在运行 zhike serve，后台任务因此停着。",
            "zhike serve is not running, so background work rests.",
        )
        return Finding("worker", "note", sentence)
    sentence = say(
        "后台任务没有在运行，请查看 zhike serve 的输出。",
        "The worker is not running. Look at what zhike serve says.",
    )
    return Finding("worker", "failed", sentence)


def _is_served() -> bool:
    try:
        with alone():
            return False
    except AlreadyServing:
        return True


def _placements() -> Finding:
    from zhike.classification.queries import out_of_step  # noqa: PLC0415
    from zhike.classification.rules import rulebook  # noqa: PLC0415

    for dimension, error in rulebook().broken.items():
        return Finding(
            "placements",
            "failed",
            say(
                f"维度 {dimension} 的规则已经读不懂，它不再判定任何人：{error.message('zh')}",
                f"The rules of {dimension} can no longer be read, so they place nobody: {error.message('en')}",
            ),
        )
    behind = out_of_step()
    if not behind:
        return Finding("placements", "ok", say("分类与规则一致。", "The classes agree with the rules."))
    return Finding(
        "placements",
        "failed",
        say(
            f"{behind} 位客户的分类还没有跟上规则，后台任务会补上。",
            f"The classes of {behind} customers lag behind the rules; the worker catches up.",
        ),
    )
