"""Setting up pools: what they are called, who belongs to them, what they take in and what they allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext

from zhike.accounts.policy import require
from zhike.audit.actions import record
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid, line
from zhike.classification.rules import rulebook
from zhike.classification.tasks import ask_for, fill_metrics
from zhike.customers.models import CustomField
from zhike.pools.conditions import keep_metrics, known_fields, metrics_of, read
from zhike.pools.models import Limit, Pool, Reason
from zhike.pools.queries import MASKED, SHOWABLE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from zhike.accounts.models import Team, User

    type Class = tuple[str, str]  # dimension, key

MOST_REASONS = 30
MOST_LIMITS = 30


class PoolFields(TypedDict):
    """All that is said of a pool. `limits` maps (dimension, class) to how many a person may own."""

    name: str
    condition: object
    quota: int | None
    protection_days: int
    rank_by: str
    shown: Sequence[str]
    is_closed: bool
    users: Iterable[User]
    teams: Iterable[Team]
    limits: Mapping[Class, int]


@transaction.atomic
def set_pool(*, pool: Pool | None, version: int, by: User, **given: Unpack[PoolFields]) -> Pool:
    """Make a pool, or say anew all that there is to say of the one that was seen at `version`."""
    require(by, "change", Pool)
    found = Pool.objects.select_for_update().get(pk=pool.pk) if pool else Pool()
    if pool is not None and found.version != version:
        raise Conflict("这个公海刚被别人改过，再看一眼再保存", "this pool was changed meanwhile: look again")
    node = read(given["condition"], known_fields(by))
    name = line(given["name"], "name", Pool.NAME_MAX, required=True)
    if Pool.objects.filter(name=name).exclude(pk=found.pk).exists():
        raise Conflict(f"已经有公海叫「{name}」", f"there is a pool {name} already", path="name")
    dimensions = {scheme.dimension for scheme in rulebook().schemes}
    if given["rank_by"] and given["rank_by"] not in dimensions:
        raise Invalid("没有这个维度", "there is no such dimension", path="rank_by")
    _check_number(given["quota"], "quota", least=1)
    _check_number(given["protection_days"], "protection_days")
    columns = {
        "name": name,
        "condition": given["condition"],
        "quota": given["quota"],
        "protection_days": given["protection_days"],
        "rank_by": given["rank_by"],
        "shown": _shown(given["shown"]),
        "is_closed": given["is_closed"],
    }
    changed = [column for column, value in columns.items() if pool is None or getattr(found, column) != value]
    for column, value in columns.items():
        setattr(found, column, value)
    found.version += pool is not None
    found.save()
    found.users.set(given["users"])
    found.teams.set(given["teams"])
    _set_limits(found, given["limits"])
    _first_reasons()
    if keep_metrics(metrics_of(node)):
        ask_for(fill_metrics)
    data = {"name": found.name, "fields": [*changed, "users", "teams", "limits"]}
    record("pool.changed", by=by, subject=("pools.Pool", found.pk), data=data)
    return found


def _check_number(value: int | None, path: str, *, least: int = 0) -> None:
    if value is not None and not least <= value <= Pool.NUMBER_MAX:
        raise Invalid(
            f"写 {least} 到 {Pool.NUMBER_MAX} 之间的整数",
            f"a whole number from {least} to {Pool.NUMBER_MAX}",
            path=path,
        )


def _shown(names: Sequence[str]) -> list[str]:
    own = [field.name for field in CustomField.objects.filter(retired_at=None)]
    known = [*SHOWABLE, *MASKED, *own]
    return [name for name in known if name in names]


def _set_limits(pool: Pool, limits: Mapping[Class, int]) -> None:
    if len(limits) > MOST_LIMITS:
        raise Invalid(f"最多 {MOST_LIMITS} 条", f"at most {MOST_LIMITS}", path="limits")
    known = {(scheme.dimension, one.key) for scheme in rulebook().schemes for one in scheme.classes}
    for (dimension, key), most in limits.items():
        if (dimension, key) not in known:
            raise Invalid(f"没有 {dimension}.{key} 这一类", f"there is no class {dimension}.{key}", path="limits")
        _check_number(most, "limits")
    pool.limits.all().delete()
    Limit.objects.bulk_create(
        Limit(pool=pool, dimension=dimension, class_key=key, most=most) for (dimension, key), most in limits.items()
    )


def _first_reasons() -> None:
    """Begin the dictionary of reasons with those that every company needs, in the language of whoever sets it up."""
    if Reason.objects.exists():
        return
    labels = (
        gettext("联系不上"),
        gettext("暂时没有需求"),
        gettext("选了别家"),
        gettext("不归我管"),
        gettext("资料有误"),
    )
    Reason.objects.bulk_create(Reason(label=label, position=place) for place, label in enumerate(labels))


@transaction.atomic
def set_reasons(*, labels: Collection[str], by: User) -> list[Reason]:
    """Have these reasons in this order. Others are retired: stays keep what was said then."""
    require(by, "change", Pool)
    wanted = list(dict.fromkeys(line(label, "reasons", Reason.LABEL_MAX) for label in labels if label.strip()))
    if not wanted:
        raise Invalid("至少留一个理由", "keep at least one reason", path="reasons")
    if len(wanted) > MOST_REASONS:
        raise Invalid(f"最多 {MOST_REASONS} 个理由", f"at most {MOST_REASONS} reasons", path="reasons")
    known = {reason.label: reason for reason in Reason.objects.select_for_update()}
    for place, label in enumerate(wanted):
        Reason.objects.update_or_create(label=label, defaults={"position": place, "is_retired": False})
    gone = [reason.pk for label, reason in known.items() if label not in wanted]
    Reason.objects.filter(pk__in=gone).update(is_retired=True)
    record("pool.reasons_changed", by=by, data={"fields": wanted})
    return list(Reason.objects.filter(is_retired=False))
