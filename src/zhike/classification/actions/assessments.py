"""Writes: the impact assessment, with which rules begin to place natural persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from zhike.base.clock import now
from zhike.classification.models import CustomerFacts
from zhike.privacy.actions import assessments
from zhike.privacy.profiling import PERSON

if TYPE_CHECKING:
    from zhike.accounts.models import User
    from zhike.privacy.models import Assessment


@transaction.atomic
def file_assessment(*, by: User | None, **parts: str) -> Assessment:
    """File a version of the assessment. With the first one every person is due: the clock places them."""
    made = assessments.file_assessment(by=by, **parts)
    if made.number == 1:
        CustomerFacts.objects.filter(customer__kind=PERSON).update(next_flip_at=now())
    return made
