"""Writes of plan templates: by people, and with a pack. Plans that go on keep the steps with which they began."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db import transaction
from django.db.models import Max

from zhike.accounts.policy import require
from zhike.audit.actions import record
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid
from zhike.core.plans import as_data, read_template
from zhike.followups.models import PlanTemplate
from zhike.followups.queries.templates import AWAITED, known_classes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.accounts.models import User
    from zhike.core.plans import Template

MOST = 200


@transaction.atomic
def save_template(
    *, template: PlanTemplate | None, version: int, data: Mapping[str, object], by: User, is_active: bool = True
) -> PlanTemplate:
    """Make a template, or say anew what the one is that was seen at `version`; `data` as `core.plans` reads it."""
    require(by, "change", PlanTemplate)
    found = PlanTemplate.objects.select_for_update().get(pk=template.pk) if template else PlanTemplate()
    if template is not None and found.version != version:
        raise Conflict("这个模板刚被别人改过，再看一眼", "somebody has just changed this template: look again")
    if template is None and PlanTemplate.objects.count() >= MOST:
        raise Invalid(f"最多 {MOST} 个模板", f"at most {MOST} templates", path="name")
    key = found.key or _free_key(data)
    read = read_template({**data, "key": key}, classes=known_classes(), kinds=AWAITED)
    columns = {**_columns(read), "is_active": is_active}
    changed = sorted(name for name, value in columns.items() if template is None or getattr(found, name) != value)
    if not changed:
        return found
    for name, value in columns.items():
        setattr(found, name, value)
    if template is None:
        last = PlanTemplate.objects.aggregate(last=Max("position"))["last"]
        found.position = 0 if last is None else last + 1
    else:
        found.version += 1
    found.changed_by = by
    found.save()
    action = "template.changed" if template else "template.added"
    record(action, by=by, subject=("followups.PlanTemplate", found.pk), data={"key": found.key, "fields": changed})
    return found


def install_templates(pack: Mapping[str, object], *, by: User | None) -> None:
    """Put the templates of a pack in force as it has them. Those of other packs are used no more, the company's own stay."""
    del by
    name = str(pack["pack"])
    plans = cast("Sequence[Mapping[str, Any]]", pack.get("plans") or ())
    classes = known_classes() if plans else {}
    known = {row.key: row for row in PlanTemplate.objects.select_for_update()}
    for position, data in enumerate(plans):
        read = read_template(data, f"plans[{position}]", classes=classes, kinds=AWAITED)
        row = known.get(read.key) or PlanTemplate(pack=name)
        columns = {**_columns(read), "is_active": True, "position": position, "pack": row.pack and name}
        if row._state.adding or any(getattr(row, column) != value for column, value in columns.items()):
            row.version += not row._state.adding
            for column, value in columns.items():
                setattr(row, column, value)
            row.save()
    gone = [row.pk for row in known.values() if row.pack and row.key not in {str(data["key"]) for data in plans}]
    PlanTemplate.objects.filter(pk__in=gone).update(is_active=False)


def _free_key(data: Mapping[str, object]) -> str:
    """Return a key that no template has: the one that was given, or one with a number."""
    wanted = str(data.get("key") or "plan")
    known = set(PlanTemplate.objects.values_list("key", flat=True))
    if data.get("key"):
        if wanted in known:
            raise Conflict(f"已经有一个模板的键是 {wanted}", f"there is a template {wanted} already", path="key")
        return wanted
    return next(key for number in range(1, len(known) + 2) if (key := f"{wanted}_{number}") not in known)


def _columns(read: Template) -> dict[str, Any]:
    return {
        "key": read.key,
        "name_zh": read.name.zh,
        "name_en": read.name.en,
        "purpose": read.purpose,
        "short_goal_zh": read.short_goal.zh,
        "short_goal_en": read.short_goal.en,
        "long_goal_zh": read.long_goal.zh,
        "long_goal_en": read.long_goal.en,
        "trigger": read.starts.trigger,
        "dimension": read.starts.dimension,
        "class_key": read.starts.class_key,
        "product": read.starts.product,
        "steps": as_data(read.steps),
    }
