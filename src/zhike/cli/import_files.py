"""`zhike import` of customers and contacts, and of events that are joined by a telephone number or a name."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zhike.cli.language import language, say
from zhike.core.errors import ZhikeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from zhike.accounts.models import User
    from zhike.cli.steps import Steps
    from zhike.customers.models import CustomField
    from zhike.engine.files import Layout
    from zhike.imports.models import Import
    from zhike.imports.plans import Plan


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was said on the command line of how to import; what is empty is recognised."""

    what: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    match: Sequence[str] = ()
    on_match: str = "update"
    kind: str = ""
    unit: str = "major"
    currency: str = ""
    unknown: bool = False
    is_trial: bool = False


class BadOption(ZhikeError):
    """An option that does not fit this installation."""

    code = "bad_option"


def person(email: str) -> User | None:
    """Return the person on whose behalf a file is brought in; nobody for the operator."""
    if not email:
        return None
    from zhike.accounts.models import User  # noqa: PLC0415

    found = User.objects.filter(email=email.strip().casefold(), is_active=True).first()
    if found is None:
        raise BadOption(f"没有邮箱为 {email[:60]} 的使用者。", f"There is no user with the e-mail {email[:60]}.")
    return found


def bring(file: Path, layout: Layout, wishes: Wishes, by: User | None, steps: Steps) -> tuple[Import, dict[str, Any]]:
    """Carry a file out, or go on where a killed command left it; return what to print of it."""
    from zhike.customers.models import CustomField  # noqa: PLC0415
    from zhike.imports.actions.files import discard_quietly, open_file  # noqa: PLC0415
    from zhike.imports.actions.plans import set_plan  # noqa: PLC0415
    from zhike.imports.actions.running import advance, begin, try_out  # noqa: PLC0415
    from zhike.imports.models import Import  # noqa: PLC0415

    imported = open_file(file, by=by, layout=layout, progress=lambda share: steps("read", share, 1))
    unfinished = Import.objects.filter(
        owner=by, digest=imported.digest, layout__sheet=layout.sheet, state=Import.State.RUNNING, job=None
    ).first()
    before = list(CustomField.objects.values_list("key", flat=True))
    if unfinished is not None and not wishes.is_trial:
        discard_quietly(imported)
        imported = unfinished
    else:
        try:
            imported = set_plan(imported=imported, plan=_plan(imported, wishes), by=by)
            if wishes.is_trial:
                try_out(imported, lambda done, total: steps("customers", done, total))
            else:
                imported = begin(imported=imported, by=by)
        except BaseException:
            with suppress(ZhikeError):
                discard_quietly(imported)
            raise
    while imported.state == Import.State.RUNNING and advance(imported):
        steps("customers", imported.done, imported.total)
    imported.refresh_from_db()
    made = [key for key in CustomField.objects.order_by("pk").values_list("key", flat=True) if key not in before]
    return imported, _answer(imported, made)


def _answer(imported: Import, fields: Sequence[str]) -> dict[str, Any]:
    return {
        "id": imported.pk,
        "rows": imported.total,
        **{name: getattr(imported, name) for name in imported.COUNTED},
        "contact_details_dropped": imported.dropped,
        "fields_created": list(fields),
        "columns_renamed": imported.layout.get("renamed", {}),
    }


def _plan(imported: Import, wishes: Wishes) -> Plan:
    """Return the plan that the columns suggest, with what was said on the command line in its place."""
    from dataclasses import replace  # noqa: PLC0415

    from zhike.customers.models import CustomField  # noqa: PLC0415
    from zhike.imports.guessing import guess  # noqa: PLC0415
    from zhike.imports.profiles import profile_of  # noqa: PLC0415

    fields = list(CustomField.objects.all())
    profiles = {name: profile_of(data) for name, data in imported.profile.items()}
    is_cards = imported.layout.get("found_encoding") == "vcard"
    what = wishes.what or ("contacts" if is_cards else "")
    plan = guess(imported.columns, profiles, fields, what=what, makes_fields=False)
    uses = _mapped(imported, plan, wishes.mapping, fields)
    targets = {use.to for use in uses.values()}
    match = tuple(wishes.match) or tuple(
        name for name in ("id", "credit_code", "phone", "email", "name") if name in targets or name == "name"
    )
    return replace(
        plan,
        uses=uses,
        match=match,
        on_match=wishes.on_match,
        kind=wishes.kind,
        unit=wishes.unit,
        currency=wishes.currency,
        unknown=wishes.unknown,
        owner="me" if imported.owner_id else "",
    )


def _mapped(imported: Import, plan: Plan, mapping: Mapping[str, str], fields: Sequence[CustomField]) -> dict[str, Any]:
    from zhike.engine.columns import find  # noqa: PLC0415
    from zhike.imports.actions.plans import AUTO  # noqa: PLC0415
    from zhike.imports.guessing import DATA  # noqa: PLC0415
    from zhike.imports.plans import OWN, Use  # noqa: PLC0415
    from zhike.imports.presets import norm, preset_by_key  # noqa: PLC0415
    from zhike.imports.targets import target  # noqa: PLC0415

    uses = dict(plan.uses)
    known = {field.key for field in fields}
    for name, column in mapping.items():
        found = find(column, imported.columns) or column
        name = {"customer_id": "id"}.get(name, name)  # noqa: PLW2901  as an event file calls it
        uses = {one: use if use.to != name else Use() for one, use in uses.items()}
        own = name.removeprefix(OWN)
        if target(plan.what, name) is not None:
            uses[found] = Use(name)
        elif plan.what == "events":
            uses[found] = Use(DATA)
        else:
            uses[found] = Use(f"{OWN}{own}" if own in known else f"{AUTO}:{own}")
    preset = preset_by_key(plan.preset)
    passed = {norm(name) for name in preset.passed} if preset else set()
    for column, use in uses.items():
        is_filled = imported.profile.get(column, {}).get("filled")
        if not use.to and is_filled and norm(column) not in passed | {"原因", "reason"}:
            uses[column] = Use(DATA if plan.what == "events" else AUTO)
    return uses


def write_files(imported: Import, target: Path, rejected: Path, *, is_asked: bool) -> tuple[str | None, str | None]:
    """Write every row's verdict where somebody has to look at one, and the refused rows ready to be corrected."""
    from zhike.imports.verdicts import write_file  # noqa: PLC0415

    is_wanted = is_asked or imported.rejected or imported.review or imported.skipped
    files: list[tuple[Path, str]] = [(target, "")] if is_wanted else []
    files += [(rejected, "rejected")] if imported.rejected else []
    for path, only in files:
        try:
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                write_file(imported, file, language(), only=only)
        except OSError as error:
            raise BadOption(f"写不了 {path}：{error.strerror}。", f"Cannot write {path}: {error.strerror}.") from error
    return (str(target) if is_wanted else None), (str(rejected) if imported.rejected else None)


def undo(pk: int, by: User | None, steps: Steps) -> dict[str, Any]:
    """Take an import back and return what came of it."""
    from zhike.imports.actions.undoing import begin_undo, undo_step  # noqa: PLC0415
    from zhike.imports.models import Import  # noqa: PLC0415

    imported = Import.objects.filter(pk=pk).first()
    if imported is None or (by is not None and imported.owner_id != by.pk):
        raise BadOption(f"没有编号为 {pk} 的导入。", f"There is no import {pk}.")
    if imported.state != Import.State.UNDOING:
        imported = begin_undo(imported=imported, by=by)
    total = imported.created + imported.updated
    while undo_step(imported, by=by):
        steps("undo", imported.undone + imported.conflicts, total)
    conflicts = [
        {"line": row.line, "customer": row.customer_id, "reason": row.said.get(language(), "")}
        for row in imported.rows.filter(verdict="conflict").order_by("line")
    ]
    return {"id": pk, "undone": imported.undone, "conflicts": conflicts}


def sentences(imported: Import, answer: Mapping[str, Any], *, is_trial: bool) -> list[str]:
    """Say what came of a file."""
    lines = [say(f"读了 {answer['rows']} 行。", f"Read {answer['rows']} rows.")]
    told = [
        f"{column} → {_label(imported.what, str(use[0]))}"
        for column, use in imported.plan.get("uses", {}).items()
        if _is_told(column, str(use[0]))
    ]
    if told:
        lines.append(say(f"认出的列：{'、'.join(told)}。", f"Columns recognised: {', '.join(told)}."))
    if is_trial:
        lines.append(say("只是试运行，什么都没有写入。", "A dry run: nothing was written."))
    created, updated, same = answer["created"], answer["updated"], answer["unchanged"]
    names = {
        "customers": (say("客户", "Customers"), say("位", "")),
        "contacts": (say("联系人", "Contacts"), say("位", "")),
        "events": (say("事件", "Events"), say("件", "")),
    }
    noun, unit = names[imported.what]
    if created or updated or same:
        lines.append(
            say(
                f"{noun}：新建 {created} {unit}，更新 {updated} {unit}，{same} {unit}没有变化。",
                f"{noun}: {created} new, {updated} changed, {same} unchanged.",
            )
        )
    for name, zh, en in (("skipped", "跳过", "skipped"), ("review", "待确认", "held for review")):
        if answer[name]:
            lines.append(say(f"{answer[name]} 行{zh}。", f"{answer[name]} rows {en}."))
    lines += [f"{one[language()]}{say('：', ': ')}{one['count']}{say('。', '.')}" for one in imported.followed.values()]
    if answer["fields_created"]:
        fields = answer["fields_created"]
        lines.append(say(f"新的自定义字段：{'、'.join(fields)}。", f"New custom fields: {', '.join(fields)}."))
    if answer["contact_details_dropped"]:
        size = answer["contact_details_dropped"]
        lines.append(
            say(
                f"{size} 个不可能的电话、邮箱或信用代码没有写入。",
                f"{size} impossible telephone numbers, e-mail addresses or credit codes were left out.",
            )
        )
    if not is_trial and (created or updated):
        lines.append(
            say(f"撤销：zhike import --undo {imported.pk}", f"To take it back: zhike import --undo {imported.pk}")
        )
    return lines


def _is_told(column: str, to: str) -> bool:
    """Say whether it is news what a column was taken for."""
    from zhike.engine.columns import plain  # noqa: PLC0415

    return plain(column) != plain(to.removeprefix("custom.")) and not to.startswith("custom.") and to != "data"


def _label(what: str, to: str) -> str:
    from zhike.imports.actions.plans import label_of  # noqa: PLC0415

    return label_of(what, to).get(language())
