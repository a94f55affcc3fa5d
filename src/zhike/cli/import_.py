"""`zhike import`: a file of customers or of events becomes records with classes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.language import language, say
from zhike.cli.session import installation
from zhike.cli.steps import Steps
from zhike.core.errors import ZhikeError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from zhike.customers.imports import Imported
    from zhike.engine.columns import Use
    from zhike.engine.files import Table
    from zhike.engine.rejects import Rejects

app = typer.Typer()


class What(StrEnum):
    """What the rows of the file are."""

    CUSTOMERS = "customers"
    EVENTS = "events"


class MoneyUnit(StrEnum):
    """What the numbers of an amount column count."""

    MINOR = "minor"
    MAJOR = "major"


@dataclass(frozen=True, slots=True)
class Options:
    """How an event file is to be read; what is empty is the company's."""

    kind: str
    unit: MoneyUnit
    timezone: str
    currency: str
    create_customers: bool | None
    source: str
    as_json: bool


class BadOption(ZhikeError):
    """An option that does not fit this installation."""

    code = "bad_option"


@app.command(
    help=say(
        "导入客户或事件文件（CSV、XLSX、Parquet）。同一个文件导入两次，第二次不改变任何东西；全部写入，或者什么都不写。",
        "Import a file of customers or events (CSV, XLSX, Parquet). The same file twice changes nothing; "
        "all of it is written, or nothing.",
    )
)
def run(  # noqa: PLR0913  one argument an option
    file: Annotated[Path, typer.Argument(help=say("要导入的文件。", "The file."))],
    *,
    what: Annotated[
        What, typer.Option("--as", help=say("每一行是一位客户还是一件事。", "What a row is: a customer or an event."))
    ],
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="NAME=COLUMN",
            help=say("哪个名称对应哪一列，可多次使用。", "Which column holds what; may be given often."),
        ),
    ] = None,
    kind: Annotated[
        str, typer.Option(help=say("没有 kind 列时，所有行的事件类型。", "The kind of all events, without a column."))
    ] = "",
    unit: Annotated[
        MoneyUnit, typer.Option(help=say("金额以分（minor）还是元（major）计。", "Amounts in minor or major units."))
    ] = MoneyUnit.MINOR,
    timezone: Annotated[
        str,
        typer.Option(help=say("没有时区的时间属于哪里；默认公司的时区。", "Zone of times without one; the company's.")),
    ] = "",
    currency: Annotated[
        str, typer.Option(help=say("金额的币种；默认公司的币种。", "Currency of the amounts; the company's."))
    ] = "",
    create_customers: Annotated[
        bool | None,
        typer.Option(
            "--create-customers/--known-customers",
            help=say(
                "事件里的陌生客户：新建，还是拒绝。默认：文件里一位已有的客户都没有时新建，否则拒绝。",
                "Customers of events whom nobody knows: make them, or refuse their rows. By default they are "
                "made when the file names no known customer at all, else refused.",
            ),
        ),
    ] = None,
    source: Annotated[
        str,
        typer.Option(
            help=say(
                "事件来自哪个系统；key 在同一来源里唯一。", "The system that events come from; keys are unique in it."
            )
        ),
    ] = "import",
    rejected: Annotated[
        Path | None,
        typer.Option(
            help=say("拒绝的行写到哪里；默认 文件名.rejected.csv。", "Where refused rows go; FILE.rejected.csv.")
        ),
    ] = None,
    lang: Annotated[  # noqa: ARG001  read before, by `zhike.cli.language`
        str, typer.Option(metavar="zh|en", help=say("提示语言。", "Language of the messages."))
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help=say("结果打印为一个 JSON 对象。", "Print the result as one JSON object."))
    ] = False,
) -> None:
    from zhike.engine.columns import check_mapping, parse_mapping, renamed_note  # noqa: PLC0415
    from zhike.engine.files import open_table  # noqa: PLC0415
    from zhike.engine.rejects import Rejects  # noqa: PLC0415

    columns = parse_mapping(mapping or [])
    table = open_table(file)
    check_mapping(columns, [_use(table, what)])
    target = rejected or Path(f"{file.stem}.rejected.csv")
    with installation(), Rejects() as rejects, Steps(_step_names()) as steps:
        if what is What.CUSTOMERS:
            from zhike.customers.imports import import_customers  # noqa: PLC0415

            found = import_customers(table, columns, rejects, by=None, progress=steps)
        else:
            found = _events(
                table,
                columns,
                rejects,
                steps,
                Options(kind, unit, timezone, currency, create_customers, source, as_json),
            )
        _write_rejected(rejects, target)
    if table.renamed and not as_json:
        typer.echo(renamed_note(file.name, table.renamed).get(language()) + say("。", "."))
    _report(found, target if found.rejected else None, as_json=as_json)
    if found.rejected and found.rejected == found.rows:
        raise typer.Exit(ZhikeError.exit_code)


def _use(table: Table, what: What) -> Use:
    """Say which names mean something in the file."""
    from zhike.engine import customers, events  # noqa: PLC0415
    from zhike.engine.columns import Use  # noqa: PLC0415

    if what is What.EVENTS:
        return Use(table, events.NAMES, own="")
    return Use(table, (*customers.NAMES, *customers.ADDRESSES), customers.OWN)


def _events(table: Table, columns: dict[str, str], rejects: Rejects, steps: Steps, options: Options) -> Imported:
    from zhike.accounts.queries import company  # noqa: PLC0415
    from zhike.core.money import minor_digits  # noqa: PLC0415
    from zhike.customers.imports import NUMBERS, TEXTS, import_events  # noqa: PLC0415
    from zhike.engine.events import Reading  # noqa: PLC0415
    from zhike.timeline.rates import all_rates  # noqa: PLC0415
    from zhike.timeline.schema import kind_of  # noqa: PLC0415

    ours = company()
    currency = options.currency.upper() or ours.currency
    rated = set(all_rates(ours.currency).values_list("currency", flat=True))
    if currency != ours.currency and currency not in rated:
        raise BadOption(
            f"公司的币种是 {ours.currency}，不能导入 {currency} 的金额：没有汇率。先到「设置 → 汇率」添加。",
            f"The company's currency is {ours.currency}; amounts in {currency} need a rate, and there is none: "
            "add one under Settings → Exchange rates.",
        )
    others = {code: minor_digits(code) if options.unit is MoneyUnit.MAJOR else 0 for code in {*rated, ours.currency}}
    if options.timezone and not options.as_json and _zone(options.timezone).key != ours.zone.key:
        days = ours.zone.key
        typer.echo(
            say(
                f"时间按 {options.timezone} 读；哪一天按公司的时区 {days} 算。",
                f"Times are read as {options.timezone}; which day they fall on is the company's: {days}.",
            )
        )
    reading = Reading(
        zone=_zone(options.timezone) if options.timezone else ours.zone,
        mapping=columns,
        kind=kind_of(options.kind).key if options.kind else "",
        currency=currency,
        digits=minor_digits(currency) if options.unit is MoneyUnit.MAJOR else 0,
        others={code: digits for code, digits in others.items() if code != currency},
        numbers=NUMBERS,
        texts=TEXTS,
        instants=True,
        everything=True,
    )
    return import_events(
        table,
        reading,
        rejects,
        by=None,
        create_customers=options.create_customers,
        progress=steps,
        source=options.source,
    )


def _zone(name: str) -> ZoneInfo:
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise BadOption(
            f"没有 {name} 这个时区，例如 Asia/Shanghai。", f"There is no time zone {name}; one is Asia/Shanghai."
        ) from error


def _write_rejected(rejects: Rejects, target: Path) -> None:
    if len(rejects):
        try:
            rejects.write(target, language())
        except OSError as error:
            raise BadOption(
                f"写不了 {target}：{error.strerror}。文件的其余部分已经导入。",
                f"Cannot write {target}: {error.strerror}. The rest of the file was imported.",
            ) from error


def _report(found: Imported, rejected: Path | None, *, as_json: bool) -> None:
    if as_json:
        answer = {**asdict(found), "rejected_file": str(rejected) if rejected else None}
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    for line in _sentences(found):
        typer.echo(line)
    if rejected:
        typer.echo(
            say(
                f"拒绝了 {found.rejected} 行，每一行的行号和原因在 {rejected}",
                f"Refused {found.rejected} rows; their lines and reasons are in {rejected}",
            )
        )


def _sentences(found: Imported) -> list[str]:
    lines = [say(f"读了 {found.rows} 行。", f"Read {found.rows} rows.")]
    if found.events_created or found.events_known:
        lines.append(
            say(
                f"新记录 {found.events_created} 件事，{found.events_known} 件以前导入过。",
                f"Recorded {found.events_created} events; {found.events_known} were imported before.",
            )
        )
    if found.customers_created or found.customers_changed or found.customers_unchanged:
        lines.append(
            say(
                f"客户：新建 {found.customers_created} 位，更新 {found.customers_changed} 位，"
                f"{found.customers_unchanged} 位没有变化。",
                f"Customers: {found.customers_created} new, {found.customers_changed} changed, "
                f"{found.customers_unchanged} unchanged.",
            )
        )
    if found.fields_created:
        names = "、".join(found.fields_created)
        lines.append(say(f"新的自定义字段：{names}。", f"New custom fields: {', '.join(found.fields_created)}."))
    if found.orders_read_as_refunds:
        lines.append(
            say(
                f"{found.orders_read_as_refunds} 个负数金额的订单记为退款。",
                f"{found.orders_read_as_refunds} orders of a negative amount were recorded as refunds.",
            )
        )
    if found.contact_details_dropped:
        lines.append(
            say(
                f"{found.contact_details_dropped} 个不可能的电话或邮箱没有写入。",
                f"{found.contact_details_dropped} impossible telephone numbers or e-mail addresses were left out.",
            )
        )
    return lines


def _step_names() -> dict[str, str]:
    return {
        "read": say("读取文件", "Reading the file"),
        "customers": say("写入客户", "Writing customers"),
        "events": say("写入事件", "Writing events"),
        "place": say("判定类别", "Placing customers"),
    }
