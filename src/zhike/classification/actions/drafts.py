"""Writes: drafts of rules, and what is said of a dimension beside its rules.

A draft is saved with every edit, right or wrong: only what is put in force must be right. Its
`revision` goes up with each, and whoever saves names the one they saw.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.module_loading import import_string

from zhike.accounts.policy import require
from zhike.audit import actions as audit
from zhike.base.clock import now
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid, plain
from zhike.classification.candidates import check_draft, read_by
from zhike.classification.models import KeptMetric, Publication, Scheme, SchemeVersion
from zhike.classification.rules import rulebook
from zhike.classification.saved_views import metrics_of_views
from zhike.core.errors import ZhikeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.accounts.models import User

MAX_BYTES = 200_000
MAX_DEPTH = 80


@transaction.atomic
def start_draft(*, dimension: str, by: User) -> SchemeVersion:
    """Return the dimension's draft, made from the rules in force when there is none."""
    require(by, "change", Scheme)
    scheme = Scheme.objects.select_for_update(of=("self",)).select_related("current").get(dimension=dimension)
    draft = scheme.versions.filter(state=SchemeVersion.State.DRAFT).first()
    if draft is not None:
        return draft
    base = scheme.current or scheme.versions.order_by("-number").first()
    assert base is not None, "a scheme without a version has a draft"
    return _new_draft(scheme, cast("Mapping[str, object]", base.data), base, by)


@transaction.atomic
def add_dimension(*, key: str, label: Mapping[str, str], by: User) -> SchemeVersion:
    """Begin a new dimension, whose one class takes everybody, and return its draft."""
    require(by, "change", Scheme)
    data: dict[str, object] = {
        "key": key,
        "label": dict(label),
        "mode": "auto",
        "classes": [],
        "default": {"key": "other", "label": {"zh": "其余", "en": "Others"}},
    }
    check_draft(data, key)
    last = Scheme.objects.aggregate(last=Max("position"))["last"]
    try:
        with transaction.atomic():
            scheme = Scheme.objects.create(dimension=key, position=0 if last is None else last + 1, owner=by)
    except IntegrityError:
        raise Conflict(f"已经有维度 {key}", f"there is a dimension {key} already") from None
    return _new_draft(scheme, data, None, by)


def _new_draft(scheme: Scheme, data: Mapping[str, object], base: SchemeVersion | None, by: User) -> SchemeVersion:
    last = scheme.versions.aggregate(last=Max("number"))["last"] or 0
    return SchemeVersion.objects.create(
        scheme=scheme, number=last + 1, state=SchemeVersion.State.DRAFT, data=data, base=base, by=by, updated_by=by
    )


@transaction.atomic
def save_draft(
    *, draft: SchemeVersion, data: Mapping[str, object], revision: int, by: User, moved: Mapping[str, str] | None = None
) -> SchemeVersion:
    """Keep an edit of a draft that is still at `revision`; else raise `Conflict` naming who edited it.

    What it says need not be right yet. `moved` says what becomes of those whom a person put into a
    class that is no more.
    """
    require(by, "change", Scheme)
    data = _storable(data)
    if _is_on_its_way(draft):
        raise Conflict(
            "这份草稿正在发布，先取消发布再改",
            "this draft is being put in force: cancel that before you change it",
        )
    changes = {"data": data, "updated_by": by, "updated_at": now()}
    if moved is not None:
        changes["moved"] = dict(moved)
    rows = SchemeVersion.objects.filter(pk=draft.pk, state=SchemeVersion.State.DRAFT, revision=revision)
    if not rows.update(revision=F("revision") + 1, **changes):
        raise _conflict(draft)
    draft.refresh_from_db()
    keep_what_is_read(draft)
    return draft


def _storable(data: object) -> dict[str, object]:
    """Return a draft as the database can keep it: a small object, nested no deeper than conditions can be."""
    if not isinstance(data, dict):
        raise Invalid("草稿应为一个对象", "a draft is an object", path="data")
    kept = cast("dict[str, object]", plain(data, deepest=MAX_DEPTH))
    if len(json.dumps(kept, ensure_ascii=False)) > MAX_BYTES:
        raise Invalid(
            f"草稿太大：最多 {MAX_BYTES} 字节", f"the draft is too large: at most {MAX_BYTES} bytes", path="data"
        )
    return kept


def _is_on_its_way(draft: SchemeVersion) -> bool:
    state = Publication.State
    return draft.publications.filter(state__in=[state.SCHEDULED, state.PREPARING, state.SETTLING]).exists()


def _conflict(draft: SchemeVersion) -> Conflict:
    found = SchemeVersion.objects.select_related("updated_by").filter(pk=draft.pk).first()
    if found is None or found.state != SchemeVersion.State.DRAFT:
        return Conflict("这份草稿已经发布或者放弃了", "this draft has been put in force or given up")
    who = found.updated_by.name if found.updated_by else "Zhike"
    return Conflict(
        f"{who} 刚刚也改了这份草稿，请先看最新内容",
        f"{who} has just changed this draft too: look at it again first",
    )


@transaction.atomic
def discard_draft(*, draft: SchemeVersion, by: User) -> None:
    """Give a draft up. A dimension that was never in force goes with it."""
    require(by, "change", Scheme)
    if _is_on_its_way(draft):
        raise Conflict("这份草稿正在发布，先取消发布", "this draft is being put in force: cancel that first")
    scheme = draft.scheme
    SchemeVersion.objects.filter(pk=draft.pk, state=SchemeVersion.State.DRAFT).delete()
    if not scheme.versions.exists():
        scheme.delete()
    forget_what_nobody_reads()


def keep_what_is_read(draft: SchemeVersion) -> list[str]:
    """Have the metrics kept that the draft reads and the rules in force do not; return those that are new."""
    wanted = _read(draft) - set(map(str, rulebook().metrics))
    known = set(KeptMetric.objects.filter(ref__in=wanted).values_list("ref", flat=True))
    new = sorted(wanted - known)
    KeptMetric.objects.bulk_create([KeptMetric(ref=ref) for ref in new], ignore_conflicts=True)
    return new


def forget_what_nobody_reads() -> None:
    """Let go of metrics that no draft, no view and none of `ZHIKE_METRIC_USES` reads any more."""
    drafts = SchemeVersion.objects.filter(state=SchemeVersion.State.DRAFT).select_related("scheme")
    wanted = {ref for draft in drafts for ref in _read(draft)} | metrics_of_views()
    for hook in settings.ZHIKE_METRIC_USES:
        wanted |= import_string(hook)()
    KeptMetric.objects.exclude(ref__in=wanted).delete()


def _read(draft: SchemeVersion) -> set[str]:
    """Return the metrics that a draft reads; none while it cannot be read itself."""
    try:
        refs = read_by(cast("Mapping[str, object]", draft.data))
    except ZhikeError:
        return set()
    return {str(ref) for ref in refs if ref.source == "metric"}


@transaction.atomic
def reorder_dimensions(*, dimensions: Sequence[str], by: User) -> None:
    """Put the dimensions in this order; those not named follow as they were."""
    require(by, "change", Scheme)
    rows = {scheme.dimension: scheme for scheme in Scheme.objects.select_for_update()}
    order = [*(d for d in dimensions if d in rows), *(d for d in rows if d not in dimensions)]
    for position, dimension in enumerate(order):
        Scheme.objects.filter(dimension=dimension).update(position=position)


def set_owner(*, dimension: str, owner: User | None, by: User) -> None:
    """Say who answers for a dimension's rules."""
    require(by, "publish", Scheme)
    Scheme.objects.filter(dimension=dimension).update(owner=owner)


@transaction.atomic
def pause_dimension(*, dimension: str, is_paused: bool, by: User) -> None:
    """Let nobody move in a dimension for the time being, or let the rules move people again."""
    require(by, "publish", Scheme)
    changed = Scheme.objects.filter(dimension=dimension).exclude(is_paused=is_paused).update(is_paused=is_paused)
    if changed:
        audit.record("rules.paused" if is_paused else "rules.resumed", by=by, data={"dimension": dimension})
    if changed and not is_paused:
        Scheme.objects.filter(dimension=dimension).update(pending_since=now())
