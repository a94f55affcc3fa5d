"""The items of the queue as people read them: old and new class, one line of evidence, what can be decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext

from zhike.base.templatetags.zhike import day as near_day
from zhike.classification.facts import load_histories
from zhike.classification.inbox import overrides_of
from zhike.classification.models import Placement, Review
from zhike.classification.queries import placements_of
from zhike.core.changes import ByTime, Teller, by_time
from zhike.customers.queries import SEARCH_COLUMNS
from zhike.web.chips import class_chip, pending_chip
from zhike.web.evidence import ruled_evidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.classification.models import Override
    from zhike.classification.rules import Rulebook
    from zhike.core.conditions.describe import Writer
    from zhike.core.history import History
    from zhike.core.schemes import Scheme
    from zhike.customers.models import Customer

KIND_ICONS: Mapping[str, str] = {
    Review.Kind.SUGGESTION: "git-branch",
    Review.Kind.DEMOTION: "trending-down",
    Review.Kind.WARNING: "clock-exclamation",
    Review.Kind.EXPIRING: "pin",
    Review.Kind.FEEDBACK: "thumb-down",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One item. `accept` and `keep` are what the buttons say, `accepting` and `keeping` what comes of it."""

    pk: int
    customer: Customer
    dimension: str
    kind: str
    icon: str
    before: Chip
    after: Chip | None
    evidence: str
    since: datetime
    accept: str
    keep: str
    accepting: str
    keeping: str

    @property
    def is_feedback(self) -> bool:
        return self.icon == KIND_ICONS[Review.Kind.FEEDBACK]


def with_customers(rows: QuerySet[Review]) -> QuerySet[Review]:
    """Load with each item whom it is about, and nothing that only search reads."""
    unread = [f"customer__{column}" for column in SEARCH_COLUMNS]
    return rows.select_related("customer__owner", "raised_by").defer(*unread)


def review_items(user: User, reviews: Sequence[Review], rules: Rulebook, writer: Writer, today: date) -> list[Item]:
    """Turn items that were loaded `with_customers` into rows, in a number of queries that never grows."""
    known = _Known(user, reviews, rules, writer, today)
    return [known.item(review) for review in reviews]


class _Known:
    """What the rows need beside the items themselves, read once for all of them."""

    def __init__(self, user: User, reviews: Sequence[Review], rules: Rulebook, writer: Writer, today: date) -> None:
        self._rules, self._writer, self._today = rules, writer, today
        self._zone = timezone.get_current_timezone()  # the company's: the middleware sees to it
        self._placements: dict[int, dict[str, Placement]] = placements_of(user, {r.customer_id for r in reviews})
        held = {review.customer_id for review in reviews if review.kind == Review.Kind.EXPIRING}
        self._overrides: dict[tuple[int, str], Override] = overrides_of(user, held) if held else {}
        warned = {review.customer_id: review.customer for review in reviews if review.kind == Review.Kind.WARNING}
        self._histories: dict[int, History] = load_histories(warned.values(), rules, self._zone) if warned else {}

    def item(self, review: Review) -> Item:
        scheme, language = self._rules.scheme(review.dimension), self._writer.language
        is_done = review.kind == Review.Kind.DEMOTION
        draw = class_chip if is_done else pending_chip
        source = "person" if review.kind == Review.Kind.EXPIRING else "rule"
        accept, keep = _buttons(review)
        return Item(
            pk=review.pk,
            customer=review.customer,
            dimension=scheme.label.get(language),
            kind=str(Review.Kind(review.kind).label),
            icon=KIND_ICONS[review.kind],
            before=class_chip(scheme, review.from_key, language, source=source),
            after=draw(scheme, review.to_key, language) if review.to_key else None,
            evidence=self._evidence(review, scheme),
            since=review.created_at,
            accept=accept,
            keep=keep,
            accepting=_accepting(review, _label(scheme, review.to_key, self._writer)),
            keeping=_keeping(review, _label(scheme, review.from_key, self._writer), scheme.override_days),
        )

    def _evidence(self, review: Review, scheme: Scheme) -> str:
        match review.kind:
            case Review.Kind.WARNING:
                return self._warning(review, scheme)
            case Review.Kind.EXPIRING:
                return self._expiring(review)
            case Review.Kind.FEEDBACK:
                who = review.raised_by.name if review.raised_by else ""
                return gettext("%(who)s：%(said)s") % {"who": who, "said": review.said}
        placement = self._placements.get(review.customer_id, {}).get(review.dimension)
        if placement is None or placement.computed_key != review.to_key:
            return ""
        return ruled_evidence(placement, self._rules, self._writer, self._zone, left=review.from_key)

    def _warning(self, review: Review, scheme: Scheme) -> str:
        """Tell what would prevent it, as long as time still leads to what the item says."""
        assert review.due_on is not None
        history = self._histories[review.customer_id]
        found = by_time(self._rules.schemes, history, review.dimension, self._today)
        if found is None or (found.to, found.day) != (review.to_key, review.due_on):
            found = ByTime(review.to_key, review.due_on)
        teller = Teller(scheme, self._rules.fields, self._writer.language, self._writer.currency)
        return teller.warning(found, self._today)

    def _expiring(self, review: Review) -> str:
        held = self._overrides.get((review.customer_id, review.dimension))
        if held is None:
            return ""
        words = {
            "who": held.by.name if held.by else "",
            "set": near_day(timezone.localtime(held.created_at).date()),
            "reason": held.reason,
            "ends": near_day(review.due_on),
        }
        return gettext("%(who)s %(set)s指定：%(reason)s，%(ends)s到期") % words


def _label(scheme: Scheme, key: str, writer: Writer) -> str:
    return next((c.label.get(writer.language) for c in scheme.classes if c.key == key), key)


def _buttons(review: Review) -> tuple[str, str]:
    match review.kind:
        case Review.Kind.WARNING:
            return gettext("知道了"), gettext("保持")
        case Review.Kind.EXPIRING:
            return gettext("让它到期"), gettext("延长")
        case Review.Kind.FEEDBACK:
            return gettext("规则要改"), gettext("判得没错")
    return gettext("接受"), gettext("保持")


def _accepting(review: Review, label: str) -> str:
    match review.kind:
        case Review.Kind.SUGGESTION:
            return gettext("改为%(label)s") % {"label": label}
        case Review.Kind.DEMOTION:
            return gettext("就按规则，是%(label)s") % {"label": label}
        case Review.Kind.WARNING:
            return gettext("到时就按规则，变为%(label)s") % {"label": label}
        case Review.Kind.EXPIRING:
            return gettext("到期恢复规则判定")
    return gettext("告诉反馈的人：规则会改")


def _keeping(review: Review, label: str, days: int) -> str:
    if review.kind == Review.Kind.FEEDBACK:
        return gettext("告诉反馈的人：为什么这样判")
    return gettext("人工指定为%(label)s，%(days)d 天") % {"label": label, "days": days}
