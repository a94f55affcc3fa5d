"""Writes: what people decide of the items put before them, and what they find wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from django.db import transaction
from django.utils.translation import gettext

from zhike.accounts.models import User
from zhike.accounts.policy import can, require
from zhike.accounts.roles import roles_that_may
from zhike.base.clock import now
from zhike.base.errors import Conflict, Forbidden
from zhike.base.inputs import Invalid, line
from zhike.classification import live
from zhike.classification.actions.overrides import extend_override, known_class, override_class
from zhike.classification.models import Notification, Placement, Review, Scheme
from zhike.core.text import Text
from zhike.timeline.locks import lock_customer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zhike.customers.models import Customer

type Verdict = Literal["accept", "keep"]

SAID_MAX = 500


@transaction.atomic
def decide_review(*, review: Review, verdict: Verdict, by: User, answer: str = "") -> Review:
    """Accept what the rules say, or keep the class that stood: the latter is an override.

    Raises `Conflict` when somebody else or the customer's own doing has settled it meanwhile.
    """
    require(by, "change", review)
    found, _ = lock_customer(review.customer_id, by=by, moment=now())
    item = Review.objects.select_for_update().get(pk=review.pk)
    if item.state != Review.State.OPEN:
        raise _settled(item)
    if item.kind == Review.Kind.FEEDBACK:
        _answer(item, by, answer, accepted=verdict == "accept")
    item.state = Review.State.ACCEPTED if verdict == "accept" else Review.State.KEPT
    item.decided_by, item.decided_at, item.answer = by, now(), line(answer, "answer", SAID_MAX)
    item.save(update_fields=["state", "decided_by", "decided_at", "answer"])
    if verdict == "accept":
        _accept(item, found, by)
    else:
        _keep(item, found, by)
    return item


def _settled(item: Review) -> Conflict:
    """Say who was faster, or that the customer was."""
    if item.decided_by is None:
        return Conflict("客户已经变了，这一项不用处理了", "the customer has moved on: nothing is left to decide")
    verb = Text("接受", "accepted") if item.state == Review.State.ACCEPTED else Text("保持", "kept")
    who = item.decided_by.name
    return Conflict(f"{who}已经处理过这一项：{verb.zh}", f"{who} has dealt with this already: {verb.en}")


def _accept(item: Review, customer: Customer, by: User) -> None:
    """Only a suggestion waits for this; what else is listed has happened, or will by itself."""
    if item.kind == Review.Kind.SUGGESTION:
        live.place_customer(customer, accepted=item.dimension, by=by)


def _keep(item: Review, customer: Customer, by: User) -> None:
    if item.kind == Review.Kind.FEEDBACK:
        return
    if item.kind == Review.Kind.EXPIRING:
        extend_override(customer=customer, dimension=item.dimension, by=by)
        return
    reason = item.answer or gettext("复核时保持原来的类别")
    override_class(customer=customer, dimension=item.dimension, class_key=item.from_key, reason=reason, by=by)


def _answer(item: Review, by: User, answer: str, *, accepted: bool) -> None:
    """Tell whoever found a class wrong what the owner of the rules says."""
    scheme = Scheme.objects.get(dimension=item.dimension)
    if not can(by, "answer", Review) and scheme.owner_id != by.pk:
        raise Forbidden("反馈由规则的负责人答复", "feedback is answered by the owner of the rules")
    if not accepted and not answer.strip():
        raise Invalid("说说为什么维持现在的判断", "say why the class is right as it is", path="answer")
    if item.raised_by_id and item.raised_by_id != by.pk:
        Notification.objects.create(
            user_id=item.raised_by_id,
            kind=Notification.Kind.ANSWERED,
            customer_id=item.customer_id,
            dimension=item.dimension,
            from_key=item.from_key,
            text=line(answer, "answer", SAID_MAX),
            created_at=now(),
        )


def decide_reviews(*, reviews: Iterable[Review], verdict: Verdict, by: User) -> int:
    """Decide many items alike, each in a transaction of its own; return how many were still open."""
    decided = 0
    for review in reviews:
        try:
            decide_review(review=review, verdict=verdict, by=by)
        except Conflict:
            continue  # somebody was faster, which is as good
        decided += 1
    return decided


@transaction.atomic
def report_wrong(*, customer: Customer, dimension: str, said: str, by: User) -> Review:
    """Tell the owner of a dimension's rules that they are wrong about this customer, and why."""
    require(by, "create", Review(customer=customer))
    words = line(said, "said", SAID_MAX, required=True)
    placement = Placement.objects.filter(customer=customer.pk, dimension=dimension).first()
    if placement is None:
        raise Invalid("这位客户在这个维度里还没有类别", "this customer has no class in this dimension yet")
    known_class(dimension, placement.class_key)
    item = Review.objects.create(
        customer=customer,
        dimension=dimension,
        kind=Review.Kind.FEEDBACK,
        from_key=placement.class_key,
        said=words,
        raised_by=by,
        created_at=now(),
    )
    for user in _owners(dimension):
        if user.pk != by.pk:
            Notification.objects.create(
                user=user,
                kind=Notification.Kind.FEEDBACK,
                customer=customer,
                dimension=dimension,
                from_key=placement.class_key,
                text=words,
                created_at=now(),
            )
    return item


def _owners(dimension: str) -> list[User]:
    """Return who answers for a dimension's rules: their owner, else the administrators."""
    owner = Scheme.objects.select_related("owner").get(dimension=dimension).owner
    if owner is not None and owner.is_active:
        return [owner]
    return list(User.objects.filter(role__in=roles_that_may("publish", Scheme._meta.label), is_active=True))
