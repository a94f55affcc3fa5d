"""`zhike import`: files of customers, contacts or events become records with classes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from zhike.cli import import_options as given  # noqa: TC001  typer reads the annotations
from zhike.cli.import_files import BadOption, Wishes
from zhike.cli.import_log import MoneyUnit, Options, bring_log, refusal
from zhike.cli.import_options import OnMatch, What
from zhike.cli.language import language, say
from zhike.cli.session import installation
from zhike.cli.steps import Steps
from zhike.core.errors import ZhikeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.accounts.models import User
    from zhike.engine.files import Layout

app = typer.Typer()


@app.command(
    help=say(
        "导入客户、联系人或事件（CSV、XLSX、XLS、ODS、vCard、Parquet）。同一个文件导入两次，第二次不改变任何东西；"
        "中途停下，再运行一次就从停下的地方继续。",
        "Import customers, contacts or events (CSV, XLSX, XLS, ODS, vCard, Parquet). The same file twice changes "
        "nothing; broken off, the same command goes on where it was.",
    )
)
def run(  # noqa: PLR0913  one argument an option
    files: given.Files = None,
    *,
    what: given.As = None,
    match: given.Match = "",
    on_match: given.OnMatched = OnMatch.UPDATE,
    dry_run: given.DryRun = False,
    undo: given.Undo = None,
    by: given.By = "",
    sheet: given.Sheet = None,
    encoding: given.Encoding = "",
    mapping: given.Mapping = None,
    kind: given.Kind = "",
    unit: given.Unit = MoneyUnit.MINOR,
    timezone: given.Timezone = "",
    currency: given.Currency = "",
    create_customers: given.CreateCustomers = None,
    source: given.Source = "import",
    rejected: given.Rejected = None,
    verdicts: given.Verdicts = None,
    lang: given.Lang = "",  # noqa: ARG001  read before, by `zhike.cli.language`
    as_json: given.AsJson = False,
) -> None:
    from zhike.engine.columns import parse_mapping  # noqa: PLC0415

    if undo is not None:
        with installation(), Steps(_step_names()) as steps:
            _undo(undo, by, steps, as_json=as_json)
        return
    if not files:
        raise BadOption("请给出要导入的文件。", "Say which file to import.")
    wishes = Wishes(
        what=what.value if what else "",
        mapping=parse_mapping(mapping or []),
        match=tuple(key.strip() for key in match.split(",") if key.strip()),
        on_match=on_match.value,
        kind=kind,
        unit=unit.value,
        currency=currency,
        unknown=bool(create_customers),
        is_trial=dry_run,
    )
    options = Options(kind, unit, timezone, currency, create_customers, source, as_json)
    targets = _targets(files, encoding, sheet or [""], wishes)
    answers = _bring(targets, wishes, options, by, (rejected, verdicts))
    if as_json:
        typer.echo(json.dumps(answers[0] if len(answers) == 1 else _together(answers), ensure_ascii=False))
    if all(answer["rejected"] and answer["rejected"] == answer["rows"] for answer in answers):
        raise typer.Exit(ZhikeError.exit_code)


class _Target(NamedTuple):
    """A file or a sheet of one, how it is laid out, what its rows are, and how what comes of it is called.

    `is_log`: a log of events that names its customers by their number.
    """

    path: Path
    layout: Layout
    what: str
    is_log: bool
    stem: str


def _targets(files: Sequence[Path], encoding: str, sheets: Sequence[str], wishes: Wishes) -> list[_Target]:
    """Look at all files, sheet by sheet, before any is brought in."""
    from zhike.engine.files import Layout  # noqa: PLC0415

    found = []
    for path in files:
        for given_sheet in sheets:
            sheet, what = _sheet(given_sheet, wishes.what)
            layout = Layout(encoding=encoding, sheet=sheet)
            stem = f"{path.stem}.{sheet}" if len(sheets) > 1 else path.stem
            found.append(_Target(path, layout, what, _is_log(path, layout, wishes.mapping, what), stem))
    return found


def _sheet(said: str, what: str) -> tuple[str, str]:
    """Return the sheet that was said, and what its rows are: 订单=events."""
    name, equals, last = said.rpartition("=")
    return (name, last) if equals and last in list(What) else (said, what)


def _bring(
    targets: Sequence[_Target],
    wishes: Wishes,
    options: Options,
    by: str,
    files: tuple[Path | None, Path | None],
) -> list[dict[str, Any]]:
    """Bring files in one after the other; return what to print of each."""
    from zhike.cli.import_files import person  # noqa: PLC0415

    rejected, verdicts = files
    answers = []
    with installation(), Steps(_step_names()) as steps:
        user = person(by)
        for one in targets:
            beside = rejected or Path(f"{one.stem}.rejected.csv")
            if one.is_log and not (wishes.match or wishes.is_trial or by):
                answers.append(bring_log(one.path, one.layout, dict(wishes.mapping), options, beside, steps))
            else:
                wanted = replace(wishes, what=one.what)
                answers.append(_file(one, wanted, user, (beside, verdicts), steps, as_json=options.as_json))
    return answers


def _is_log(path: Path, layout: Layout, columns: Mapping[str, str], what: str) -> bool:
    """Say whether a file is a log of events that names its customers by their number; refuse what cannot be read."""
    from zhike.engine import customers, events  # noqa: PLC0415
    from zhike.engine.columns import Use, check_mapping, columns_for  # noqa: PLC0415
    from zhike.engine.files import open_table  # noqa: PLC0415
    from zhike.imports.targets import TARGETS  # noqa: PLC0415

    table = open_table(path, layout)
    known = [target.key for target in TARGETS[what or What.CUSTOMERS]]
    is_log = what == What.EVENTS or (
        not what and {"customer_id", "occurred_at"} <= set(columns_for(table, columns, known=events.NAMES, required=()))
    )
    if is_log:
        check_mapping(columns, [Use(table, (*events.NAMES, *known), own="")])
    else:
        check_mapping(columns, [Use(table, (*customers.NAMES, *customers.ADDRESSES, *known), customers.OWN)])
    return is_log


def _file(
    one: _Target,
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
    imported, answer = bring(one.path, one.layout, wishes, user, steps)
    target = verdicts or Path(f"{one.stem}.verdicts.csv")
    told, refused = write_files(imported, target, rejected, is_asked=verdicts is not None)
    answer |= {"file_of_verdicts": told, "rejected_file": refused}
    if not as_json:
        if renamed := answer["columns_renamed"]:
            typer.echo(renamed_note(one.path.name, renamed).get(language()) + say("。", "."))
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
