"""Writes: an input is barred from the rules of a dimension, or allowed again."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.db import transaction
from django.db.models import Max

from zhike.accounts.policy import require
from zhike.accounts.queries import company_zone
from zhike.audit.actions import record
from zhike.base.clock import now, today
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid, line
from zhike.classification.actions.publications import publish
from zhike.classification.candidates import draft_fields
from zhike.classification.inputs import barred_by_default, uses, without_input
from zhike.classification.models import Scheme, SchemeVersion
from zhike.privacy.models import BarredInput
from zhike.privacy.purposes import SENSITIVE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhike.accounts.models import User
    from zhike.classification.models import Publication


@transaction.atomic
def bar_input(*, dimension: str, name: str, reason: str, by: User) -> tuple[BarredInput, Publication | None]:
    """Bar a field or metric. Rules that read it are put in force again as if it were missing, and everyone follows."""
    require(by, "create", BarredInput)
    scheme = (
        Scheme.objects.select_for_update(of=("self",)).select_related("current").filter(dimension=dimension).first()
    )
    if scheme is None or scheme.current is None:
        raise Invalid("没有这个维度", "there is no such dimension", path="dimension")
    fields = draft_fields()
    if fields.get(name) is None or name.startswith("class."):
        raise Invalid("没有这个字段或指标", "there is no such field or metric", path="input")
    said = line(reason, "reason", BarredInput.REASON_MAX, required=True)
    if BarredInput.objects.filter(dimension=dimension, input=name, lifted_at=None).exists():
        raise Conflict("这项依据已经禁用", "this input is barred already")
    used = [use for use in uses(name) if use.dimension == dimension and not use.through]
    made = BarredInput.objects.create(dimension=dimension, input=name, reason=said, created_at=now(), by=by)
    publication = None
    if used:
        if scheme.versions.filter(state=SchemeVersion.State.DRAFT).exists():
            raise Conflict("请先发布或放弃这个维度的草稿", "publish or give up the draft of this dimension first")
        zone = company_zone()
        before = cast("Mapping[str, object]", scheme.current.data)
        draft = SchemeVersion.objects.create(
            scheme=scheme,
            number=(scheme.versions.aggregate(last=Max("number"))["last"] or 0) + 1,
            state=SchemeVersion.State.DRAFT,
            data=without_input(before, name, fields, as_of=today(zone), zone=zone),
            base=scheme.current,
            by=by,
        )
        publication = publish(drafts=[draft], by=by, note=name)
    data = {"dimension": dimension, "input": name, "rules": [use.class_key for use in used]}
    record("input.barred", by=by, subject=scheme, data=data)
    return made, publication


@transaction.atomic
def allow_sensitive(*, dimension: str, name: str, by: User) -> BarredInput:
    """Let the rules of a dimension read a sensitive field, which they may not as long as nobody has said so."""
    require(by, "create", BarredInput)
    if name not in {field.name for field in barred_by_default(dimension)}:
        raise Conflict("这项依据已经恢复", "this input is allowed already")
    moment = now()
    made = BarredInput.objects.create(
        dimension=dimension, input=name, reason=SENSITIVE, created_at=moment, lifted_at=moment, lifted_by=by
    )
    record("input.allowed", by=by, data={"dimension": dimension, "input": name})
    return made


@transaction.atomic
def allow_input(*, barred: BarredInput, by: User) -> None:
    """Let rules read an input again. Rules that were changed for it stay as they are."""
    require(by, "create", BarredInput)
    if not BarredInput.objects.filter(pk=barred.pk, lifted_at=None).update(lifted_at=now(), lifted_by=by):
        raise Conflict("这项依据已经恢复", "this input is allowed already")
    record("input.allowed", by=by, data={"dimension": barred.dimension, "input": barred.input})
