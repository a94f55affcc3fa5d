"""Writes: the impact assessment is filed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max

from zhike.accounts.policy import require
from zhike.audit.actions import record
from zhike.base.clock import now
from zhike.base.inputs import Invalid, paragraph
from zhike.privacy.models import Assessment

if TYPE_CHECKING:
    from zhike.accounts.models import User

PARTS = ("purpose", "necessity", "impact", "measures")


@transaction.atomic
def file_assessment(*, by: User | None, **parts: str) -> Assessment:
    """File a version of the assessment: purpose, necessity, impact, measures. Earlier ones stay."""
    if by is not None:
        require(by, "create", Assessment)
    words = {name: paragraph(parts[name], name, Assessment.TEXT_MAX) for name in PARTS}
    for name, text in words.items():
        if not text:
            raise Invalid("这一项要写", "this part is needed", path=name)
    last = Assessment.objects.aggregate(last=Max("number"))["last"] or 0
    made = Assessment.objects.create(number=last + 1, filed_at=now(), by=by, **words)
    record("assessment.filed", by=by, data={"version": made.number})
    return made
