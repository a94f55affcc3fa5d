"""Writes: classes that a person sets over what the rules say.

Each is an event of the timeline, which places the customer again in the same transaction: so those
dimensions that read the class follow at once, and what the rules say goes on beside it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from django.db import transaction

from zhike.accounts.policy import require
from zhike.base.clock import now
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid, day, line
from zhike.classification.models import Override, Placement
from zhike.classification.rules import rulebook
from zhike.core.dates import local_day
from zhike.core.text import Text
from zhike.privacy.profiling import bar_of
from zhike.timeline import actions as timeline
from zhike.timeline.locks import lock_customer

if TYPE_CHECKING:
    from datetime import date

    from zhike.accounts.models import User
    from zhike.core.schemes import Scheme
    from zhike.customers.models import Customer

NOT_PLACED = Text("这位客户还没有判定过，等几分钟再指定", "this customer is not placed yet: try again in a few minutes")

# A day, None for ever, or as long as the dimension says.
type Expiry = date | Literal["usual"] | None
# The override that the person saw, None for none: so nobody undoes unseen what a colleague decided.
type Seen = int | Literal["any"] | None


@transaction.atomic
def override_class(  # noqa: PLR0913  one keyword each
    *,
    customer: Customer,
    dimension: str,
    class_key: str,
    reason: str,
    by: User,
    expires_on: Expiry = "usual",
    seen: Seen = "any",
) -> Override:
    """Set the class of a customer, until a day or for ever; unless said, for as long as the dimension says.

    The same said again by the same person is one override. Raises `Conflict` when another holds
    than the person has `seen`.
    """
    require(by, "create", Override(customer=customer))
    moment = now()
    found, setting = lock_customer(customer.pk, by=by, moment=moment)
    scheme = known_class(dimension, class_key)
    until = last_day(scheme, expires_on, local_day(moment, setting.zone))
    said = line(reason, "reason", Override.REASON_MAX, required=True)
    before = Placement.objects.select_related("version").filter(customer=found, dimension=dimension).first()
    if before is None and not bar_of(found):
        raise Invalid(*NOT_PLACED)
    held = _held(found, dimension)
    if held and (held.class_key, held.reason, held.expires_on, held.by_id) == (class_key, said, until, by.pk):
        return held
    _check_seen(held, seen)
    _end(held, Override.End.REPLACED, by)
    made = Override.objects.create(
        customer=found,
        dimension=dimension,
        class_key=class_key,
        was_key=before.computed_key if before else "",
        version_id=before.version_id if before else rulebook().versions[dimension].pk,
        reason=said,
        by=by,
        created_at=moment,
        expires_on=until,
    )
    data = {
        "dimension": dimension,
        "from": before.class_key if before else "",
        "to": class_key,
        "until": until.isoformat() if until else "",
        "text": said,
    }
    timeline.record(found, "class.overridden", by=by, data=data)
    return made


def known_class(dimension: str, class_key: str) -> Scheme:
    """Return the dimension's scheme in force, or say that there is no such class."""
    rules = rulebook()
    scheme = next((scheme for scheme in rules.schemes if scheme.dimension == dimension), None)
    if scheme is None or class_key not in {class_.key for class_ in scheme.classes}:
        raise Invalid(
            "没有这个类别，规则可能刚改过", "there is no such class; the rules may have changed", path="class_key"
        )
    return scheme


def last_day(scheme: Scheme, expires_on: Expiry, today: date) -> date | None:
    """Return the day on which an override ends, or say that it lies behind."""
    until = today + timedelta(days=scheme.override_days) if expires_on == "usual" else expires_on
    if until is not None and day(until, "expires_on") <= today:
        raise Invalid("到期日要在今天之后", "the last day must lie ahead", path="expires_on")
    return until


@transaction.atomic
def lift_override(*, customer: Customer, dimension: str, by: User, seen: Seen = "any") -> None:
    """Give the class back to the rules."""
    require(by, "change", Override(customer=customer))
    found, _ = lock_customer(customer.pk, by=by, moment=now())
    held = _held(found, dimension)
    if held is None:
        raise Conflict("这个类别不是人工指定的，或者已经撤销", "this class is not set by hand, or no longer")
    _check_seen(held, seen)
    _end(held, Override.End.LIFTED, by)
    data = {"dimension": dimension, "from": held.class_key, "to": ""}
    timeline.record(found, "class.overridden", by=by, data=data)


@transaction.atomic
def extend_override(*, customer: Customer, dimension: str, by: User, seen: Seen = "any") -> Override:
    """Let an override hold once more as long as the dimension says, from today on."""
    require(by, "create", Override(customer=customer))
    held = _held(customer, dimension)
    if held is None:
        raise Conflict("这个类别不是人工指定的，或者已经到期", "this class is not set by hand, or no longer")
    return override_class(
        customer=customer, dimension=dimension, class_key=held.class_key, reason=held.reason, by=by, seen=seen
    )


def _held(customer: Customer, dimension: str) -> Override | None:
    rows = Override.objects.filter(customer=customer.pk, dimension=dimension, ended_at=None)
    return rows.select_related("by").first()


def _end(held: Override | None, end: str, by: User) -> None:
    if held is not None:
        held.ended_at, held.ended_by, held.end = now(), by, end
        held.save(update_fields=["ended_at", "ended_by", "end"])


def _check_seen(held: Override | None, seen: Seen) -> None:
    if seen in {"any", held.pk if held else None}:
        return
    if held is None:
        raise Conflict("刚才的人工指定已经撤销或到期，再看一眼", "the override has been lifted meanwhile: look again")
    who = held.by.name if held.by else "zhike"
    label = known_class(held.dimension, held.class_key).get(held.class_key).label
    raise Conflict(
        f"{who}刚把它指定为{label.zh}（{held.reason}），再看一眼",
        f"{who} has just set it to {label.en} ({held.reason}): look again",
    )
