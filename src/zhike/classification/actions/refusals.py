"""Writes: a customer refuses to be classified automatically, or has it again; and finds a class wrong.

Refusing deletes what rules have given: the labels, the metrics that only rules read, what waits for review. What
was told in the timeline stays as the record of what was decided. People may still set classes by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from zhike.accounts.policy import require
from zhike.audit import actions as audit
from zhike.base.clock import now
from zhike.base.errors import Conflict
from zhike.base.inputs import line
from zhike.classification.actions.reviews import report_wrong
from zhike.classification.models import Override, Placement, Review
from zhike.customers.models import Customer
from zhike.privacy.actions.requests import open_request, settle_request
from zhike.privacy.models import Request
from zhike.timeline import actions as timeline
from zhike.timeline.locks import lock_customer

if TYPE_CHECKING:
    from zhike.accounts.models import User

SAID_MAX = 500


@transaction.atomic
def refuse_profiling(
    *, customer: Customer, by: User | None, said: str = "", channel: str = "", identity: str = ""
) -> None:
    """Stop classifying a customer automatically, at their word."""
    if by is not None:
        require(by, "change", customer)
    found = _change(customer, by, no_profiling=True)
    labels = Placement.objects.filter(customer=found.pk).exclude(source=Placement.Source.PERSON).count()
    data = {"text": line(said, "said", SAID_MAX), "channel": channel}
    timeline.record(found, "profiling.refused", by=by, data=data)
    settle_request(customer=found, kind=Request.Kind.REFUSE, by=by, said=said, identity=identity)
    audit.record("profiling.refused", by=by, subject=found, data={"labels": labels})


@transaction.atomic
def allow_profiling(*, customer: Customer, by: User | None, said: str = "", channel: str = "") -> None:
    """Classify a customer again, who has said so."""
    if by is not None:
        require(by, "change", customer)
    found = _change(customer, by, no_profiling=False)
    data = {"text": line(said, "said", SAID_MAX), "channel": channel}
    timeline.record(found, "profiling.allowed", by=by, data=data)
    audit.record("profiling.allowed", by=by, subject=found)


@transaction.atomic
def contest_class(*, customer: Customer, dimension: str, said: str, by: User, identity: str = "") -> Request:
    """Write down that the customer contests a class; whoever owns the rules finds it among what waits."""
    report_wrong(customer=customer, dimension=dimension, said=said, by=by)
    return open_request(customer=customer, kind=Request.Kind.CONTEST, by=by, said=said, identity=identity)


def forget_classes(customer: int, by: User | None) -> None:
    """Let nothing wait for, and nothing hold of, somebody who is being erased."""
    held = Override.objects.filter(customer=customer, ended_at=None)
    held.update(ended_at=now(), ended_by=by, end=Override.End.LIFTED)
    waiting = Review.objects.filter(customer=customer, state=Review.State.OPEN)
    waiting.update(state=Review.State.OBSOLETE, decided_at=now())


def _change(customer: Customer, by: User | None, *, no_profiling: bool) -> Customer:
    found, _ = lock_customer(customer.pk, by=by, moment=now())
    if found.no_profiling == no_profiling or found.erased_at is not None:
        raise Conflict("已经是这样了，再看一眼", "it is so already: look again")
    Customer.objects.filter(pk=found.pk).update(no_profiling=no_profiling, version=F("version") + 1)
    return found
