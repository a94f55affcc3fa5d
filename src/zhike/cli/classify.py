"""`zhike classify`: an order log in, explained classes out. Needs no installation and no database."""

from __future__ import annotations

import os
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from zhike.cli.language import language, say
from zhike.engine.errors import OptionError

if TYPE_CHECKING:
    from rich.table import Table

    from zhike.core.schemes import Scheme
    from zhike.engine.rejects import Rejects
    from zhike.engine.run import Order, Outcome

app = typer.Typer()

# A run is short and takes the same memory again and again: giving it back in between only costs
# time. Read by Polars' allocator when it is loaded, hence before the engine is.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:-1,muzzy_decay_ms:-1")

_FILE = {"exists": False, "show_default": False}


@app.command(
    help=say(
        "把订单（事件）文件变成客户分类：每位客户一行，每个维度一列，附带理由和下次变化的日期。",
        "Turn a file of orders (events) into customer classes: one row a customer, one column a dimension, with reasons "
        "and the day of the next change.",
    )
)
def run(  # noqa: PLR0913  one argument an option
    *,
    events: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=say("事件文件：CSV、XLSX 或 Parquet。", "Events: CSV, XLSX or Parquet.")),
    ] = None,
    customers: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=say("客户资料文件（可选）。", "Customers and their fields (optional).")),
    ] = None,
    pack: Annotated[
        str,
        typer.Option(
            metavar="FILE|NAME",
            help=say("分类包：自带的名字或 YAML 文件。", "The pack: a shipped name or a YAML file."),
        ),
    ] = "retail",
    as_of: Annotated[
        str,
        typer.Option(metavar="DAY", help=say("按哪一天判断，默认今天。", "The day to judge on; today if not given.")),
    ] = "",
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="NAME=COLUMN", help=say("指明哪一列是什么，可多次。", "Which column is what; repeatable.")
        ),
    ] = None,
    kind: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help=say("所有行都是这种事件，如 order.placed。", "The kind of every row, as in order.placed."),
        ),
    ] = "",
    unit: Annotated[
        str,
        typer.Option(
            metavar="major|minor", help=say("金额以元（major）还是分（minor）计。", "Amounts in major or minor units.")
        ),
    ] = "minor",
    timezone: Annotated[
        str,
        typer.Option(metavar="ZONE", help=say("没有写时区的时间属于哪个时区。", "The zone of times that name none.")),
    ] = "Asia/Shanghai",
    currency: Annotated[
        str,
        typer.Option(
            metavar="CODE", help=say("本位币；其他货币的行不采用。", "The base currency; rows in others are refused.")
        ),
    ] = "CNY",
    explain: Annotated[
        bool, typer.Option("--explain", help=say("每个维度加一列理由。", "Add the reason, one column a dimension."))
    ] = False,
    lang: Annotated[
        str,
        typer.Option(
            metavar="zh|en", help=say("提示、理由和报告的语言。", "Language of messages, reasons and report.")
        ),
    ] = "",
    engine: Annotated[str, typer.Option(metavar="polars|spark", help=say("计算引擎。", "What computes."))] = "polars",
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help=say("结果写到 .csv、.xlsx 或 .parquet。", "Where to write: .csv, .xlsx or .parquet.")
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=say("另写一份单文件网页报告。", "Also write a report, one page of HTML.")),
    ] = None,
) -> None:
    from zhike.cli.report.figures import FACTS  # noqa: PLC0415
    from zhike.engine.run import Order  # noqa: PLC0415

    _check_engine(engine)
    _check_language(lang)
    zone = _zone(timezone)
    order = Order(
        events=events,
        customers=customers,
        pack=pack,
        as_of=_day(as_of, zone),
        zone=zone,
        mapping=tuple(mapping or ()),
        kind=_kind(kind),
        is_major=_is_major(unit),
        currency=_currency(currency),
        language=language(),
        explain=explain,
        also=FACTS if report else (),
    )
    _classify(order, out, report)


def _classify(order: Order, out: Path | None, report: Path | None) -> None:
    from zhike.cli.steps import Steps  # noqa: PLC0415
    from zhike.engine.output import Outputs, form_of, write_table  # noqa: PLC0415
    from zhike.engine.rejects import Rejects  # noqa: PLC0415
    from zhike.engine.run import run as classify  # noqa: PLC0415

    form = form_of(out) if out else ""
    _check_distinct(order, out, report)
    with Rejects() as rejects, Outputs() as outputs:
        drafts = {path: outputs.place_for(path) for path in (out, report) if path}
        with Steps(vanishes=True) as steps:
            outcome = classify(order, rejects, lambda label, done: steps(label.get(language()), done, 1))
            if out:
                write_table(outcome.table(), drafts[out], form, title=say("客户分类", "Classes"))
            if report:
                from zhike.cli.report.page import write_report  # noqa: PLC0415

                write_report(outcome, rejects, drafts[report])
            refused = _refused_path(order, out or report)
            if len(rejects) or refused.exists():
                rejects.write(outputs.place_for(refused), order.language)
    _tell(outcome, rejects, out, report, refused)


def _check_distinct(order: Order, *outputs: Path | None) -> None:
    """Refuse to write over what is read, or one result over another."""
    taken = [path.resolve() for path in (order.events, order.customers) if path]
    for path in outputs:
        if path is None:
            continue
        if path.resolve() in taken:
            raise OptionError(
                f"{path} 已经用作另一个文件，请换一个名字。",
                f"{path} is already another file of this run; choose another name.",
            )
        taken.append(path.resolve())


def _refused_path(order: Order, beside: Path | None) -> Path:
    source = order.events or order.customers
    assert source is not None
    return beside.with_name(f"{beside.stem}.rejected.csv") if beside else Path(f"{source.stem}.rejected.csv")


def _check_engine(engine: str) -> None:
    if engine == "spark":
        raise OptionError(
            "--engine spark 还没有做好，请先用 polars（默认）。",
            "--engine spark is not there yet; use polars, the default.",
        )
    if engine != "polars":
        raise OptionError(f"没有 {engine} 这个引擎，可用 polars。", f"there is no engine {engine}; use polars.")


def _check_language(lang: str) -> None:
    """Refuse a language that is not there; which one is spoken was settled before."""
    if lang not in {"", "zh", "en"}:
        raise OptionError(f"--lang 应为 zh 或 en，这里是 {lang}。", f"--lang is zh or en; found {lang}.")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise OptionError(
            f"没有 {name} 这个时区，应如 Asia/Shanghai。",
            f"there is no time zone {name}; expected as in Asia/Shanghai.",
        ) from None


def _day(text: str, zone: ZoneInfo) -> date:
    if not text:
        return _now().astimezone(zone).date()
    from zhike.engine.moments import fault_of  # noqa: PLC0415

    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or fault_of(day):
        raise OptionError(
            f"--as-of 应为日期，如 2026-03-31，这里是 {text}。", f"--as-of is a day as in 2026-03-31; found {text}."
        )
    return day


def _now() -> datetime:
    """Return the present, or the instant that ZHIKE_NOW fixes; no settings are loaded for it."""
    fixed = os.environ.get("ZHIKE_NOW")
    if not fixed:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(fixed)
    except ValueError:
        raise OptionError(f"ZHIKE_NOW 不是时间：{fixed}。", f"ZHIKE_NOW is no moment: {fixed}.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _kind(kind: str) -> str:
    if kind and not re.fullmatch(r"[a-z][a-z_]*\.[a-z][a-z_]*", kind):
        raise OptionError(f"--kind 应如 order.placed，这里是 {kind}。", f"--kind is as in order.placed; found {kind}.")
    return kind


def _is_major(unit: str) -> bool:
    if unit not in {"major", "minor"}:
        raise OptionError(
            f"--unit 应为 major（元）或 minor（分），这里是 {unit}。", f"--unit is major or minor; found {unit}."
        )
    return unit == "major"


def _currency(code: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", code):
        raise OptionError(
            f"--currency 应为三个字母的代码，如 CNY，这里是 {code}。",
            f"--currency is a code of three letters, as in CNY; found {code}.",
        )
    return code.upper()


def _tell(outcome: Outcome, rejects: Rejects, out: Path | None, report: Path | None, refused: Path) -> None:
    """Print the sizes of the classes on stdout, and what was written and noticed on stderr."""
    from rich.console import Console  # noqa: PLC0415

    console = Console(highlight=False)
    total = len(outcome.frame)
    console.print(
        say(
            f"{total:,} 位客户，截至 {outcome.order.as_of}，分类包 {outcome.pack.label.zh}",
            f"{total:,} customers as of {outcome.order.as_of}, pack {outcome.pack.label.en}",
        )
    )
    for scheme in outcome.pack.schemes:
        console.print(_sizes(outcome, scheme))
    for note in outcome.notes:
        typer.echo(f"· {note.get(language())}", err=True)
    if len(rejects):
        typer.echo(
            say(f"{len(rejects):,} 行没有采用，见 {refused}", f"{len(rejects):,} rows were not used: see {refused}"),
            err=True,
        )
    for path in (out, report):
        if path:
            typer.echo(say(f"已写入 {path}", f"Wrote {path}"), err=True)


def _sizes(outcome: Outcome, scheme: Scheme) -> Table:
    from rich.table import Table  # noqa: PLC0415

    total = max(1, len(outcome.frame))
    counts = outcome.sizes(scheme)
    table = Table(title=scheme.label.get(language()), title_justify="left", box=None, pad_edge=False)
    table.add_column(say("类别", "class"))
    table.add_column(say("客户", "customers"), justify="right")
    table.add_column(say("占比", "share"), justify="right")
    table.add_column("")
    for class_ in scheme.classes:
        count = counts.get(class_.key, 0)
        bar = "█" * round(24 * count / total)
        table.add_row(f"{class_.label.get(language())} {class_.key}", f"{count:,}", f"{count / total:.1%}", bar)
    return table
