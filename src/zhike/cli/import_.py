"""`zhike import`: files of customers, contacts or events become records with classes."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zhike.cli.import_files import BadOption
from zhike.cli.import_log import MoneyUnit, Options, bring_log, refusal
from zhike.cli.language import language, say
from zhike.cli.session import installation
from zhike.cli.steps import Steps
from zhike.core.errors import ZhikeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.accounts.models import User
    from zhike.cli.import_files import Wishes
    from zhike.engine.files import Layout

app = typer.Typer()


class What(StrEnum):
    """What the rows of the file are."""

    CUSTOMERS = "customers"
    CONTACTS = "contacts"
    EVENTS = "events"


class OnMatch(StrEnum):
    """What becomes of a row whose customer is there."""

    UPDATE = "update"
    FILL = "fill"
    SKIP = "skip"
    REVIEW = "review"


@app.command(
    help=say(
        "导入客户、联系人或事件（CSV、XLSX、XLS、ODS、vCard、Parquet）。同一个文件导入两次，第二次不改变任何东西；"
        "中途停下，再运行一次就从停下的地方继续。",
        "Import customers, contacts or events (CSV, XLSX, XLS, ODS, vCard, Parquet). The same file twice changes "
        "nothing; broken off, the same command goes on where it was.",
    )
)
def run(  # noqa: PLR0913  one argument an option
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE…", help=say("要导入的文件。", "The files."))
    ] = None,
    *,
    what: Annotated[
        What | None,
        typer.Option(
            "--as", help=say("每一行是客户、联系人还是一件事；默认自己认。", "What a row is; recognised by default.")
        ),
    ] = None,
    match: Annotated[
        str,
        typer.Option(
            metavar="phone,email,…",
            help=say(
                "按哪些字段认出已有的客户：id、credit_code、phone、email、name。",
                "By which keys customers are known again: id, credit_code, phone, email, name.",
            ),
        ),
    ] = "",
    on_match: Annotated[
        OnMatch,
        typer.Option(
            help=say(
                "认出以后：update 更新、fill 只填空的、skip 跳过、review 留给人看。",
                "Then: update, fill what is empty, skip, or hold for review.",
            )
        ),
    ] = OnMatch.UPDATE,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=say("只说会怎样，什么都不写。", "Say what would happen, write nothing."))
    ] = False,
    undo: Annotated[int | None, typer.Option(metavar="ID", help=say("撤销一次导入。", "Take an import back."))] = None,
    by: Annotated[
        str,
        typer.Option(
            metavar="EMAIL",
            help=say("以哪位使用者的名义和权限导入。", "On whose behalf, and with whose rights, it is imported."),
        ),
    ] = "",
    sheet: Annotated[
        str, typer.Option(help=say("工作簿里的哪张表；默认第一张有内容的。", "Which sheet; the first that holds any."))
    ] = "",
    encoding: Annotated[
        str, typer.Option(help=say("文件的编码；默认自己认。", "The encoding; recognised by default."))
    ] = "",
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
    verdicts: Annotated[
        Path | None,
        typer.Option(
            help=say(
                "每一行的结果写到哪里；默认 文件名.verdicts.csv，有要看的行才写。",
                "Where every row's verdict goes; FILE.verdicts.csv, where somebody has to look at one.",
            )
        ),
    ] = None,
    lang: Annotated[  # noqa: ARG001  read before, by `zhike.cli.language`
        str, typer.Option(metavar="zh|en", help=say("提示语言。", "Language of the messages."))
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help=say("结果打印为一个 JSON 对象。", "Print the result as one JSON object."))
    ] = False,
) -> None:
    from zhike.cli.import_files import Wishes, person  # noqa: PLC0415
    from zhike.engine.columns import parse_mapping  # noqa: PLC0415
    from zhike.engine.files import Layout  # noqa: PLC0415

    columns = parse_mapping(mapping or [])
    if undo is not None:
        with installation(), Steps(_step_names()) as steps:
            _undo(undo, by, steps, as_json=as_json)
        return
    if not files:
        raise BadOption("请给出要导入的文件。", "Say which file to import.")
    layout = Layout(encoding=encoding, sheet=sheet)
    keys = tuple(key.strip() for key in match.split(",") if key.strip())
    targets = [(path, _what(path, layout, columns, what)) for path in files]
    options = Options(kind, unit, timezone, currency, create_customers, source, as_json)
    wishes = Wishes(
        what.value if what else "",
        columns,
        keys,
        on_match.value,
        kind,
        unit.value,
        currency,
        bool(create_customers),
        dry_run,
    )
    answers = []
    with installation(), Steps(_step_names()) as steps:
        user = person(by)
        for path, is_log in targets:
            beside = rejected or Path(f"{path.stem}.rejected.csv")
            if is_log and not (keys or dry_run or by):
                answers.append(bring_log(path, layout, columns, options, beside, steps))
            else:
                answers.append(_file(path, layout, wishes, user, (beside, verdicts), steps, as_json=as_json))
    if as_json:
        typer.echo(json.dumps(answers[0] if len(answers) == 1 else _together(answers), ensure_ascii=False))
    if all(answer["rejected"] and answer["rejected"] == answer["rows"] for answer in answers):
        raise typer.Exit(ZhikeError.exit_code)


def _what(path: Path, layout: Layout, columns: dict[str, str], what: What | None) -> bool:
    """Say whether a file is a log of events that names its customers by their number; refuse what cannot be read."""
    from zhike.engine import customers, events  # noqa: PLC0415
    from zhike.engine.columns import Use, check_mapping, columns_for  # noqa: PLC0415
    from zhike.engine.files import open_table  # noqa: PLC0415
    from zhike.imports.targets import TARGETS  # noqa: PLC0415

    table = open_table(path, layout)
    known = [target.key for target in TARGETS[what.value if what else "customers"]]
    is_log = what is What.EVENTS or (
        what is None
        and {"customer_id", "occurred_at"} <= set(columns_for(table, columns, known=events.NAMES, required=()))
    )
    if is_log:
        check_mapping(columns, [Use(table, (*events.NAMES, *known), own="")])
    else:
        check_mapping(columns, [Use(table, (*customers.NAMES, *customers.ADDRESSES, *known), customers.OWN)])
    return is_log


def _file(  # noqa: PLR0913  one argument a thing to know
    path: Path,
    layout: Layout,
    wishes: Wishes,
    user: User | None,
    targets: tuple[Path, Path | None],
    steps: Steps,
    *,
    as_json: bool,
) -> dict[str, Any]:
    """Import customers, contacts, or events that are joined by other keys."""
    from zhike.cli.import_files import bring, sentences, write_files  # noqa: PLC0415
    from zhike.engine.columns import renamed_note  # noqa: PLC0415

    rejected, verdicts = targets
    imported, answer = bring(path, layout, wishes, user, steps)
    told, refused = write_files(imported, verdicts, rejected, is_asked=verdicts is not None)
    answer |= {"file_of_verdicts": told, "rejected_file": refused}
    if not as_json:
        if renamed := answer["columns_renamed"]:
            typer.echo(renamed_note(path.name, renamed).get(language()) + say("。", "."))
        for line in sentences(imported, answer, is_trial=wishes.is_trial):
            typer.echo(line)
        if refused:
            typer.echo(refusal(answer["rejected"], refused))
        if told:
            typer.echo(say(f"每一行的结果在 {told}", f"Every row's verdict is in {told}"))
    return answer


def _undo(pk: int, by: str, steps: Steps, *, as_json: bool) -> None:
    from zhike.cli.import_files import person, undo  # noqa: PLC0415

    found = undo(pk, person(by), steps)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    typer.echo(say(f"撤销了 {found['undone']} 行。", f"Took back {found['undone']} rows."))
    for one in found["conflicts"]:
        typer.echo(say(f"第 {one['line']} 行：{one['reason']}", f"Line {one['line']}: {one['reason']}"))


def _together(answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the sums of several files, and each by itself."""
    names = ("rows", "created", "updated", "unchanged", "skipped", "review", "rejected")
    return {**{name: sum(answer[name] for answer in answers) for name in names}, "files": list(answers)}


def _step_names() -> dict[str, str]:
    return {
        "read": say("读取文件", "Reading the file"),
        "customers": say("写入客户", "Writing customers"),
        "events": say("写入事件", "Writing events"),
        "place": say("判定类别", "Placing customers"),
        "undo": say("撤销", "Taking back"),
    }
