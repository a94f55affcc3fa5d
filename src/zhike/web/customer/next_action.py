"""建议下一步: how and when to be in touch, what to say and show, and what to offer, each with its evidence.

- How: the way in which this customer answered most often, of those that their classes are served by; else the first of them.
- When: `core.answering`. What to say and show: the next open step of a plan, else what the class is served with.
- What: a product that is needed again (`core.rhythm`), and what customers of the same class buy beside or above what
  this one has (`core.affinity`).
Which of it comes first is learned from (`core.next_action`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from zhike.accounts.policy import visible
from zhike.base.templatetags.zhike import WEEKDAYS, number
from zhike.core.answering import SPAN, TALKS, THEIRS, WRITTEN, Touch, habit, was_answered
from zhike.core.next_action import Candidate, Kind, ordered
from zhike.core.rhythm import need_again
from zhike.followups.models import Plan, Task
from zhike.followups.queries.advice import ALIKE, learned, pairs_of, resting
from zhike.followups.queries.plans import steps_of
from zhike.privacy.profiling import bar_of
from zhike.timeline.models import Event
from zhike.timeline.queries import voided
from zhike.web.home.doing import DOING_ICONS, doing_names
from zhike.web.home.waking import orders_of, rhythm_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhike.accounts.models import User
    from zhike.classification.models import Placement
    from zhike.classification.queries import Story
    from zhike.core.affinity import Rule
    from zhike.core.answering import Habit
    from zhike.core.rhythm import Bought
    from zhike.core.schemes import Class
    from zhike.core.text import Language

MOST_TOUCHES = 200
# From this on somebody may be asked for more than they have.
UP_FROM = 1.5
# How sure it is to be in touch with whom one owes it, and that a product is needed again, by the orders behind it.
SURE_PLANNED, SURE_OWED = 0.9, 0.6
ORDERS_SURE = 6


@dataclass(frozen=True, slots=True)
class Shown:
    """An advice as the page shows it: what to do, why, and what to say and show. `title` and `text` make the task."""

    kind: str
    subject: str
    icon: str
    title: str
    why: Sequence[str]
    say: str
    show: str
    method: str

    @property
    def text(self) -> str:
        return "；".join([*self.why, *filter(None, [self.say, self.show])])[: Task.TEXT_MAX]


class Adviser:
    """What may be advised for one customer, read once."""

    def __init__(self, user: User, told: Story, language: Language) -> None:
        self._user, self._told, self._language = user, told, language
        self._customer, self._today = told.customer, told.as_of
        self.standing = standing_of(told)
        self._touches = self._read_touches()
        self._bought: Sequence[Bought] = orders_of(user, [told.customer.pk]).get(told.customer.pk, [])

    def shown(self) -> list[Shown]:
        """Return what is advised, the weightiest first."""
        made = {(one.kind.value, one.subject): (one, shown) for one, shown in self._candidates()}
        first = ordered(
            (one for one, _ in made.values()), learned(*self.standing), resting(self._customer, self._today)
        )
        return [made[one.kind.value, one.subject][1] for one in first]

    def _candidates(self) -> list[tuple[Candidate, Shown]]:
        contact = self._contact()
        return [*([contact] if contact else []), *self._again(), *self._offers()]

    # --- To be in touch ---

    def _contact(self) -> tuple[Candidate, Shown] | None:
        """Advise a contact, as the plan's next step has it or as the class is served."""
        names = doing_names()
        task, say, show = self._next_step()
        deciding = serving_class(self._told)
        methods = deciding.service.methods if deciding else ()
        rates = self._rates()
        method = task.kind if task and task.kind != Task.Kind.TODO else best_method(methods, rates)
        when = habit(self._touches, timezone.get_current_timezone())
        why = [*self._why_now(task, deciding), *self._why_how(method, rates), *_why_when(when)]
        if when is not None:
            words = {"day": _weekday(when.weekday), "from": when.hour, "until": when.hour + SPAN, "how": names[method]}
            title = gettext("%(day)s %(from)s 点到 %(until)s 点：%(how)s") % words
        else:
            title = gettext("%(how)s联系") % {"how": names[method]}
        if not show and deciding and deciding.service.content:
            show = deciding.service.content.get(self._language)
        if not say and deciding and deciding.service.promise:
            say = deciding.service.promise.get(self._language)
        planned = self._customer.next_contact_on
        strength = SURE_PLANNED if planned and planned <= self._today else SURE_OWED
        if not why:
            return None
        made = Shown(Kind.CONTACT, method, DOING_ICONS[method], title, why, say, show, method)
        return Candidate(Kind.CONTACT, method, strength), made

    def _next_step(self) -> tuple[Task | None, str, str]:
        """Return the next open task of an active plan, with what its step says and shows."""
        rows = Task.objects.filter(
            customer=self._customer, state=Task.State.OPEN, plan__state=Plan.State.ACTIVE
        ).select_related("plan__template")
        task = rows.order_by("shown_on", "priority", "pk").first()
        if task is None or task.plan is None:
            return None, "", ""
        step = next((one for one in steps_of(task.plan) if one.key == task.step), None)
        if step is None:
            return task, "", ""
        return task, step.talk_track.get(self._language), step.material.get(self._language)

    def _why_now(self, task: Task | None, deciding: Class | None) -> list[str]:
        if task is not None and task.plan is not None:
            name = task.plan.template.name.get(self._language)
            return [gettext("跟进计划「%(name)s」的下一步：%(title)s") % {"name": name, "title": task.name}]
        planned = self._customer.next_contact_on
        if planned is not None and planned <= self._today:
            late = (self._today - planned).days
            words = ngettext("约好的日子过了 %(n)s 天", "约好的日子过了 %(n)s 天", late)
            return [words % {"n": late} if late else gettext("约好今天联系")]
        if deciding is not None and deciding.service.cadence_days:
            words = ngettext(
                "%(label)s：每 %(n)s 天联系一次", "%(label)s：每 %(n)s 天联系一次", deciding.service.cadence_days
            )
            return [words % {"label": deciding.label.get(self._language), "n": deciding.service.cadence_days}]
        return []

    def _rates(self) -> dict[str, tuple[int, int]]:
        """Return method → how often we tried it, and how often they were reached or answered within two days."""
        return rates_of(self._touches)

    def _why_how(self, method: str, rates: dict[str, tuple[int, int]]) -> list[str]:
        tried, reached = rates.get(method, (0, 0))
        if not tried:
            return []
        words = {"how": doing_names()[method], "n": number(tried), "m": number(reached)}
        return [gettext("%(how)s %(n)s 次，有回应 %(m)s 次") % words]

    def _read_touches(self) -> list[Touch]:
        kinds = [*TALKS, *WRITTEN, *THEIRS]
        rows = visible(self._user, Event).filter(customer=self._customer, kind__in=kinds).exclude(pk__in=voided())
        newest = rows.order_by("-day", "-occurred_at", "-pk").values_list("kind", "occurred_at", "data__result")
        return [Touch(kind, at, result or "") for kind, at, result in newest[:MOST_TOUCHES]]

    # --- To offer ---

    def _again(self) -> list[tuple[Candidate, Shown]]:
        need = need_again(self._bought, self._today)
        if need is None:
            return []
        why = [
            rhythm_words(need, self._today),
            ngettext("买过 %(n)s 次，最近在 %(day)s", "买过 %(n)s 次，最近在 %(day)s", need.orders)
            % {"n": need.orders, "day": need.last.isoformat()},
        ]
        title = gettext("该补「%(product)s」了") % {"product": need.product}
        made = Shown(Kind.AGAIN, need.product, "repeat", title, why, "", "", self._method())
        return [(Candidate(Kind.AGAIN, need.product, min(1.0, need.orders / ORDERS_SURE)), made)]

    def _offers(self) -> list[tuple[Candidate, Shown]]:
        """Advise what customers of the same class buy who have what this one has."""
        if bar_of(self._customer):
            return []  # who refuses to be classified is compared with nobody
        has = {one.product for one in self._bought if one.product}
        found = pairs_of(*self.standing) if has and self.standing[0] else None
        if found is None:
            return []
        baskets, amounts = found
        made = []
        for rule in baskets.rules(has)[:3]:
            dearer = amounts.get(rule.other, 0) >= UP_FROM * amounts.get(rule.product, 0) > 0
            kind = Kind.UP if dearer else Kind.CROSS
            made.append((Candidate(kind, rule.other, rule.sure), self._offer(kind, rule)))
        return made

    def _offer(self, kind: Kind, rule: Rule) -> Shown:
        label = self._alike_label()
        words = {
            "label": label,
            "n": number(rule.having),
            "m": number(rule.both),
            "product": rule.product,
            "other": rule.other,
            "share": round(100 * rule.share),
        }
        usual = round(100 * rule.buyers / rule.everyone)
        why = [
            gettext("%(label)s里 %(n)s 位买过「%(product)s」，其中 %(m)s 位也买「%(other)s」（%(share)s%%）") % words,
            gettext("是一般客户的 %(lift).1f 倍：全部 %(all)s 位里 %(usual)s%% 买")
            % {"lift": rule.lift, "all": number(rule.everyone), "usual": usual},
        ]
        pattern = gettext("升级到「%(other)s」") if kind is Kind.UP else gettext("顺带介绍「%(other)s」")
        icon = "stairs-up" if kind is Kind.UP else "gift"
        return Shown(kind, rule.other, icon, pattern % words, why, "", "", self._method())

    def _alike_label(self) -> str:
        dimension, key = self.standing
        for scheme in self._told.rules.schemes:
            for class_ in scheme.classes:
                if (scheme.dimension, class_.key) == (dimension, key):
                    return class_.label.get(self._language)
        return key

    def _method(self) -> str:
        deciding = serving_class(self._told)
        return best_method(deciding.service.methods if deciding else (), self._rates())


def standing_of(told: Story) -> tuple[str, str]:
    """Return the dimension by which the customer is like others, and their class in it; empty where there is none."""
    known = {scheme.dimension for scheme in told.rules.schemes}
    for dimension in ALIKE:
        placement: Placement | None = told.placements.get(dimension)
        if dimension in known and placement is not None and not placement.undetermined:
            return dimension, placement.class_key
    return "", ""


def serving_class(told: Story) -> Class | None:
    """Return the class with the shortest cadence among the customer's, else the first that says how to be in touch."""
    classes = [
        class_
        for scheme in told.rules.schemes
        for class_ in scheme.classes
        if scheme.dimension in told.placements and told.placements[scheme.dimension].class_key == class_.key
    ]
    owed = [one for one in classes if one.service.cadence_days]
    if owed:
        return min(owed, key=lambda one: one.service.cadence_days or 0)
    return next((one for one in classes if one.service.methods), None)


def rates_of(touches: Sequence[Touch]) -> dict[str, tuple[int, int]]:
    """Return method → (tried, reached)."""
    methods = {"call.made": "call", "visit.made": "visit", "message.sent": "message", "email.sent": "email"}
    theirs = [touch.at for touch in touches if touch.kind in THEIRS]
    found: dict[str, tuple[int, int]] = {}
    for touch in touches:
        method = methods.get(touch.kind)
        if method is None:
            continue
        reached = was_answered(touch, theirs)
        tried, before = found.get(method, (0, 0))
        found[method] = (tried + 1, before + reached)
    return found


def best_method(methods: Sequence[str], rates: dict[str, tuple[int, int]]) -> str:
    """Return the way in which they answered best (Laplace), of those that serve the class; the class's order breaks ties."""
    allowed = list(methods) or ["call", "message"]

    def rate(method: str) -> float:
        tried, reached = rates.get(method, (0, 0))
        return (reached + 1) / (tried + 2)

    return max(allowed, key=lambda method: (rate(method), -allowed.index(method)))


def _why_when(when: Habit | None) -> list[str]:
    if when is None:
        return []
    words = {
        "all": when.answers,
        "day": _weekday(when.weekday),
        "n": when.on_weekday,
        "from": when.hour,
        "until": when.hour + SPAN,
        "m": when.in_hour,
    }
    return [gettext("有回应的 %(all)s 次里，%(n)s 次在%(day)s，%(m)s 次在 %(from)s 到 %(until)s 点") % words]


def _weekday(number_: int) -> str:
    return gettext(WEEKDAYS[number_ - 1])
