"""The kinds of jobs that change many customers: named in `settings.ZHIKE_JOBS`.

Each calls the action of its app with the rights of the person who asked, step by step.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar, cast

from zhike.accounts.models import User
from zhike.accounts.policy import require
from zhike.accounts.queries import company_zone
from zhike.base.clock import today
from zhike.classification.actions.handovers import check_handover, give_by_lines, take_back_handover
from zhike.classification.actions.overrides import known_class, last_day
from zhike.classification.actions.overrides_many import Decided, override_many, take_back_overrides
from zhike.classification.models import Override
from zhike.core.text import Text
from zhike.customers.actions.bin import delete_many, restore_many
from zhike.customers.actions.many import (
    assign_many,
    check_assign,
    check_value,
    set_field_many,
    tag_many,
    take_back_many,
)
from zhike.customers.display import DAYS
from zhike.customers.models import Customer
from zhike.jobs.kinds import Rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.jobs.kinds import Outcome
    from zhike.jobs.models import Item, Job

_GONE = Text("已经不在了，或者你看不到、不能改", "gone, or not yours to see or change")


class OfCustomers(Rows):
    """What these kinds have in common."""

    def missing(self) -> Text:
        return _GONE

    def audited(self, job: Job) -> tuple[str, Mapping[str, object]] | None:
        if not job.changed:
            return None
        return "bulk.changed", {"what": job.kind, "count": job.changed, **self.codes(job)}

    def codes(self, job: Job) -> Mapping[str, object]:
        """Return what the audit log may say of it beside: codes, and never a text of a customer."""
        del job
        return {}

    def allow_undo(self, job: Job) -> None:
        require(job.owner, "change", Customer)


def told(job: Job, done: Text) -> Text:
    """Say how many are as they should be now, how many were so before, and how many stay as they were."""
    parts = []
    if job.changed or not job.same:
        parts.append(Text(f"{job.changed:,} {done.zh}", f"{_customers(job.changed)} {done.en}"))
    if job.same:
        parts.append(Text(f"{job.same:,} 位本来就是这样", f"{job.same:,} already so"))
    if job.refused:
        parts.append(Text(f"{job.refused:,} 位没改", f"{job.refused:,} not changed"))
    return Text("，".join(part.zh for part in parts), ", ".join(part.en for part in parts))


def _customers(size: int) -> str:
    return "1 customer" if size == 1 else f"{size:,} customers"


class Assign(OfCustomers):
    """Gives customers to a person. Parameters: `owner`, empty for nobody, and their `name` then."""

    icon: ClassVar = "user-share"
    is_undoable: ClassVar = True

    def label(self, job: Job) -> Text:
        name = job.parameters["name"]
        return Text(f"分配给{name}", f"Assign to {name}") if name else Text("改为无人负责", "Leave without an owner")

    def allow(self, job: Job) -> None:
        check_assign(job.owner, self._owner(job))

    def allow_undo(self, job: Job) -> None:
        require(job.owner, "assign", Customer)

    def change(self, job: Job, targets: Sequence[int]) -> Mapping[int, Outcome]:
        return assign_many(ids=targets, owner=self._owner(job), by=job.owner)

    def undo(self, job: Job, items: Sequence[Item]) -> Mapping[int, Outcome]:
        return take_back_many(items=items, field="owner", by=job.owner)

    def said(self, job: Job) -> Text:
        name = job.parameters["name"]
        if not name:
            return told(job, Text("位客户改为无人负责", "left without an owner"))
        return told(job, Text(f"位客户已分配给{name}", f"assigned to {name}"))

    def codes(self, job: Job) -> Mapping[str, object]:
        return {"fields": ["owner"], "to": job.parameters["owner"]}

    def _owner(self, job: Job) -> User | None:
        pk = job.parameters["owner"]
        return User.objects.get(pk=pk) if pk else None


class HandOver(OfCustomers):
    """Gives what a person owns to others. Parameters: `giver` and their `name` then, the `lines` and their `turns`."""

    icon: ClassVar = "user-share"
    is_undoable: ClassVar = True

    def label(self, job: Job) -> Text:
        name = job.parameters["name"]
        return Text(f"交接 {name} 的客户", f"Hand over the customers of {name}")

    def allow(self, job: Job) -> None:
        check_handover(giver=self._giver(job), lines=job.parameters["lines"], by=job.owner)

    def allow_undo(self, job: Job) -> None:
        require(job.owner, "assign", Customer)

    def change(self, job: Job, targets: Sequence[int]) -> Mapping[int, Outcome]:
        lines, turns = job.parameters["lines"], job.parameters["turns"]
        found, turns = give_by_lines(ids=targets, giver=self._giver(job), lines=lines, turns=turns, by=job.owner)
        job.parameters = {**job.parameters, "turns": turns}
        return found

    def undo(self, job: Job, items: Sequence[Item]) -> Mapping[int, Outcome]:
        original = cast("Job", job.undoes)
        return take_back_handover(items=items, giver=self._giver(original), by=job.owner)

    def said(self, job: Job) -> Text:
        return told(job, Text("位客户已交接", "handed over"))

    def audited(self, job: Job) -> tuple[str, Mapping[str, object]] | None:
        if job.state == job.State.FAILED:
            return "user.handover_failed", {"count": job.changed, "rule": job.pk}
        if not job.changed:
            return None
        to = sorted({pk for line in job.parameters["lines"] for pk in line["to"]})
        return "user.handed_over", {"to": to, "count": job.changed, "rule": job.pk}

    def subject(self, job: Job) -> tuple[str, object]:
        return "accounts.User", job.parameters["giver"]

    def _giver(self, job: Job) -> User:
        return User.objects.get(pk=job.parameters["giver"])


class Tag(OfCustomers):
    """Adds a `tag` to customers, or takes it from them where `is_taken`."""

    icon: ClassVar = "tag"
    is_undoable: ClassVar = True

    def label(self, job: Job) -> Text:
        tag = job.parameters["tag"]
        if job.parameters["is_taken"]:
            return Text(f"去掉标签「{tag}」", f"Remove the tag “{tag}”")
        return Text(f"加标签「{tag}」", f"Add the tag “{tag}”")

    def allow(self, job: Job) -> None:
        check_value(job.owner, "tags", [job.parameters["tag"]])

    def change(self, job: Job, targets: Sequence[int]) -> Mapping[int, Outcome]:
        given = job.parameters
        return tag_many(ids=targets, tag=given["tag"], is_taken=given["is_taken"], by=job.owner)

    def undo(self, job: Job, items: Sequence[Item]) -> Mapping[int, Outcome]:
        return take_back_many(items=items, field="tags", by=job.owner)

    def codes(self, job: Job) -> Mapping[str, object]:
        del job
        return {"fields": ["tags"]}

    def said(self, job: Job) -> Text:
        tag = job.parameters["tag"]
        if job.parameters["is_taken"]:
            return told(job, Text(f"位客户去掉了标签「{tag}」", f"without the tag “{tag}” now"))
        return told(job, Text(f"位客户加了标签「{tag}」", f"tagged “{tag}”"))


class SetField(OfCustomers):
    """Puts `value` into `field`; how both are called then is `name_zh`, `name_en`, `shown_zh`, `shown_en`."""

    icon: ClassVar = "pencil"
    is_undoable: ClassVar = True

    def label(self, job: Job) -> Text:
        given = job.parameters
        if not given["shown_zh"]:
            return Text(f"清空{given['name_zh']}", f"Empty {given['name_en']}")
        return Text(
            f"{given['name_zh']}改为「{given['shown_zh']}」", f"Set {given['name_en']} to “{given['shown_en']}”"
        )

    def allow(self, job: Job) -> None:
        field = job.parameters["field"]
        check_value(job.owner, field, _value(field, job.parameters["value"]))

    def change(self, job: Job, targets: Sequence[int]) -> Mapping[int, Outcome]:
        field = job.parameters["field"]
        return set_field_many(ids=targets, field=field, value=_value(field, job.parameters["value"]), by=job.owner)

    def undo(self, job: Job, items: Sequence[Item]) -> Mapping[int, Outcome]:
        original = cast("Job", job.undoes)
        return take_back_many(items=items, field=original.parameters["field"], by=job.owner)

    def codes(self, job: Job) -> Mapping[str, object]:
        return {"fields": [job.parameters["field"]]}

    def said(self, job: Job) -> Text:
        label = self.label(job)
        return told(job, Text(f"位客户：{label.zh}", f"changed: {label.en}"))


def _value(field: str, stored: object) -> object:
    """Return a value as the action takes it: days of our own columns are days."""
    is_day = field in DAYS and stored
    return date.fromisoformat(str(stored)) if is_day else stored


class Plan(SetField):
    """Plans the next contact: `value` is the day, empty for none."""

    icon: ClassVar = "calendar-event"

    def label(self, job: Job) -> Text:
        day = job.parameters["value"]
        if not day:
            return Text("取消下次联系", "Take the next contact off the plan")
        return Text(f"安排 {day} 联系", f"Plan a contact on {day}")

    def said(self, job: Job) -> Text:
        day = job.parameters["value"]
        if not day:
            return told(job, Text("位客户不再安排联系", "no longer planned"))
        return told(job, Text(f"位客户安排在 {day} 联系", f"planned for {day}"))


class SetClass(OfCustomers):
    """Sets a class by hand: `dimension`, `class_key`, `reason`, and `expires_on`, a day, `usual` or empty."""

    icon: ClassVar = "pin"
    is_undoable: ClassVar = True

    def label(self, job: Job) -> Text:
        given = job.parameters
        return Text(f"指定为{given['name_zh']}", f"Set to {given['name_en']}")

    def allow(self, job: Job) -> None:
        require(job.owner, "create", Override)
        decided = self._decided(job)
        last_day(known_class(decided.dimension, decided.class_key), decided.expires_on, today(company_zone()))

    def allow_undo(self, job: Job) -> None:
        require(job.owner, "change", Override)

    def change(self, job: Job, targets: Sequence[int]) -> Mapping[int, Outcome]:
        return override_many(ids=targets, decided=self._decided(job), by=job.owner)

    def undo(self, job: Job, items: Sequence[Item]) -> Mapping[int, Outcome]:
        return take_back_overrides(items=items, by=job.owner)

    def said(self, job: Job) -> Text:
        given = job.parameters
        scheme = known_class(given["dimension"], given["class_key"])
        label, until = scheme.get(given["class_key"]).label, given["until"]
        return told(
            job,
            Text(
                f"位客户的{scheme.label.zh}已指定为{label.zh}" + (f"，到 {until}" if until else ""),
                f"set to {label.en} ({scheme.label.en})" + (f", until {until}" if until else ""),
            ),
        )

    def codes(self, job: Job) -> Mapping[str, object]:
        return {"dimension": job.parameters["dimension"], "to": job.parameters["class_key"]}

    def _decided(self, job: Job) -> Decided:
        given = job.parameters
        until = date.fromisoformat(given["until"]) if given["until"] else None
        return Decided(given["dimension"], given["class_key"], given["reason"], until)


class Delete(OfCustomers):
    """Puts customers into the bin."""

    icon: ClassVar = "trash"
    is_undoable: ClassVar = True

    def label(self, job: Job) -> Text:
        del job
        return Text("删除客户", "Delete customers")

    def allow(self, job: Job) -> None:
        require(job.owner, "delete", Customer)

    def allow_undo(self, job: Job) -> None:
        self.allow(job)

    def change(self, job: Job, targets: Sequence[int]) -> Mapping[int, Outcome]:
        return delete_many(ids=targets, by=job.owner)

    def undo(self, job: Job, items: Sequence[Item]) -> Mapping[int, Outcome]:
        return restore_many(ids=[item.target for item in items], by=job.owner)

    def said(self, job: Job) -> Text:
        return told(job, Text("位客户放进了回收站，30 天后删除", "in the bin; removed after 30 days"))


class Restore(OfCustomers):
    """Fetches customers back from the bin."""

    icon: ClassVar = "arrow-back-up"

    def label(self, job: Job) -> Text:
        del job
        return Text("从回收站恢复", "Restore from the bin")

    def allow(self, job: Job) -> None:
        require(job.owner, "delete", Customer)

    def change(self, job: Job, targets: Sequence[int]) -> Mapping[int, Outcome]:
        return restore_many(ids=targets, by=job.owner)

    def said(self, job: Job) -> Text:
        return told(job, Text("位客户恢复了", "restored"))
