"""`zhike import` of a log of events that names its customers by their number: as a whole, at full speed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import typer

from zhike.cli.import_files import BadOption
from zhike.cli.language import language, say

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from zhike.cli.steps import Steps
    from zhike.engine.files import Layout, Table
    from zhike.engine.rejects import Rejects
    from zhike.imports.actions.log import Imported


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


def bring_log(
    path: Path,
    layout: Layout,
    columns: dict[str, str],
    options: Options,
    rejected: Path,
    steps: Steps,
) -> dict[str, Any]:
    """Import a log of events as a whole: fast, and all of it or nothing."""
    from zhike.engine.columns import renamed_note  # noqa: PLC0415
    from zhike.engine.files import open_table  # noqa: PLC0415
    from zhike.engine.rejects import Rejects  # noqa: PLC0415

    table = open_table(path, layout)
    with Rejects() as rejects:
        found = _events(table, columns, rejects, steps, options)
        _write_rejected(rejects, rejected)
    file = str(rejected) if found.rejected else None
    if not options.as_json:
        if table.renamed:
            typer.echo(renamed_note(path.name, table.renamed).get(language()) + say("。", "."))
        _report(found, rejected if found.rejected else None)
    return {
        **asdict(found),
        "created": found.events_created,
        "updated": 0,
        "unchanged": found.events_known,
        "skipped": 0,
        "review": 0,
        "file_of_verdicts": file,
        "rejected_file": file,
    }


def _events(table: Table, columns: dict[str, str], rejects: Rejects, steps: Steps, options: Options) -> Imported:
    from zhike.accounts.queries import company  # noqa: PLC0415
    from zhike.core.money import minor_digits  # noqa: PLC0415
    from zhike.engine.events import Reading  # noqa: PLC0415
    from zhike.imports.actions.log import NUMBERS, TEXTS, import_events  # noqa: PLC0415
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


def _report(found: Imported, rejected: Path | None) -> None:
    for line in _sentences(found):
        typer.echo(line)
    if rejected:
        typer.echo(refusal(found.rejected, str(rejected)))


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
    if found.events_created:
        lines.append(say(f"撤销：zhike import --undo {found.id}", f"To take it back: zhike import --undo {found.id}"))
    return lines


def refusal(size: int, file: str) -> str:
    return say(
        f"拒绝了 {size} 行，每一行的行号和原因在 {file}",
        f"Refused {size} rows; their lines and reasons are in {file}",
    )
