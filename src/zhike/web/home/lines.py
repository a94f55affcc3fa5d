"""The work list: why each line is there, what to do, and in what order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from zhike.accounts.policy import can, field_access, redacted, visible
from zhike.base.paging import Count
from zhike.base.templatetags.zhike import day as near_day
from zhike.classification.facts import read_stored
from zhike.classification.queries import standings_of
from zhike.core.facts import Ref
from zhike.core.money import brief_money
from zhike.customers.models import Customer
from zhike.customers.queries import SEARCH_COLUMNS
from zhike.followups.models import Task
from zhike.web.chips import Chips, notable
from zhike.web.home import due
from zhike.web.home.doing import DOING_ICONS, doing_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, time

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.classification.queries import Standing
    from zhike.classification.rules import Rulebook
    from zhike.core.schemes import Class
    from zhike.core.text import Language
    from zhike.web.home.due import Due
    from zhike.web.home.whose import Whose

CONTACTED = Ref("metric.days_since_contact_made")
CREATED = Ref("metric.days_since_created")
SHOWN = 8
SHOWN_ALL = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `what` is what to do, `why` why it is there, `first` why it stands where it stands.

    `task` is the task that is done with it, `more` how many further ones the customer has due; `method` is how to be in
    touch. `silent_days` since we were last in touch; None means never.
    """

    customer: Customer | None
    task: Task | None
    more: int
    chips: Sequence[Chip]
    method: str
    icon: str
    method_name: str
    due: date
    at: time | None
    overdue_days: int
    planned: bool
    class_label: str
    cadence: int
    silent_days: int | None
    known_days: int
    what: str
    why: str
    first: str
    phone: str
    may_log: bool

    @property
    def said(self) -> list[str]:
        """Return what the line says below the name, in order; nothing of it is said twice."""
        what = self.what if self.customer else ""
        return [one for one in (what, self.why, self.first) if one]

    @property
    def key(self) -> str:
        """Return what names the line on its page."""
        return f"c{self.customer.pk}" if self.customer else f"t{self.task.pk if self.task else 0}"

    @property
    def done_url(self) -> str:
        """Return where its task is finished at once."""
        return f"{reverse('web:task_done', args=[self.task.pk])}?line={self.key}" if self.task else ""

    @property
    def log_url(self) -> str:
        """Return where what came of it is written down: as a contact, or how the task went that nobody is part of."""
        if self.customer is None or not self.may_log:
            return self.done_url
        about = ("task", str(self.task.pk)) if self.task else ("method", self.method)
        return f"{reverse('web:log_panel', args=[self.customer.pk])}?{urlencode([about, ('line', self.key)])}"

    @property
    def later_url(self) -> str:
        """Return where it is put off: the task, or the day of the next contact."""
        if self.task:
            return f"{reverse('web:task_snooze', args=[self.task.pk])}?line={self.key}"
        return f"{reverse('web:next_contact', args=[self.customer.pk])}?line={self.key}" if self.customer else ""


@dataclass(frozen=True, slots=True)
class Group:
    """Overdue, today or coming: some lines, how many there are, and what is at stake (minor units; of those weighed)."""

    key: str
    size: Count
    tasks: Sequence[Line]
    amount: int

    @property
    def more(self) -> Count:
        return Count(self.size.value - len(self.tasks), self.size.capped)


@dataclass(frozen=True, slots=True)
class WorkList:
    """The groups that are shown, and how many lines tomorrow and the coming week have."""

    groups: Sequence[Group]
    tomorrow: int
    week: Count

    def size(self, key: str) -> Count:
        return next((group.size for group in self.groups if group.key == key), Count(0, capped=False))


def work_list(  # noqa: PLR0913  one keyword each
    whose: Whose,
    rules: Rulebook,
    *,
    today: date,
    language: Language,
    currency: str,
    ordered: str = "priority",
    expanded: str = "",
) -> WorkList:
    """Return what there is to do, in order of urgency; the coming days where they are asked for or nothing else is due."""
    found = due.due_lines(whose, rules, today)
    coming = found["coming"]
    wanted = ["overdue", "today"]
    if expanded == "coming" or not any(found[key].size for key in wanted):
        wanted.append("coming")
    chosen: dict[str, list[Due]] = {}
    amounts: dict[str, int] = {}
    # All at once: what they weigh by is two queries.
    place = {
        id(line): at for at, line in enumerate(due.weigh([x for k in wanted for x in found[k].lines], rules, today))
    }
    for key in wanted:
        weighed = sorted(found[key].lines, key=lambda line: place[id(line)])
        amounts[key] = due.amount_at_stake(weighed)
        lines = due.by_time(weighed) if ordered == "time" or key == "coming" else weighed
        chosen[key] = lines[: SHOWN_ALL if key == expanded else SHOWN]
    drawn = Drawer(whose, rules, today, language, currency).lines([one for group in chosen.values() for one in group])
    groups = [
        Group(key, found[key].size, [drawn[id(one)] for one in chosen[key] if id(one) in drawn], amounts[key])
        for key in wanted
        if found[key].size
    ]
    tomorrow = sum(line.day == today + timedelta(days=1) for line in coming.lines)
    return WorkList(groups, tomorrow, coming.size)


class Drawer:
    """Makes lines of what is due; what they need is loaded once for all of them."""

    def __init__(self, whose: Whose, rules: Rulebook, today: date, language: Language, currency: str) -> None:
        self._whose, self._rules, self._today = whose, rules, today
        self._user: User = whose.user
        self._chips = Chips(rules, language)
        self._currency = currency
        self._names = doing_names()

    def lines(self, found: Sequence[Due]) -> dict[int, Line]:
        """Return them by the `id` of what they are made of; those whose customer is not seen are left out."""
        ids = [one.customer for one in found if one.customer is not None]
        numbers = [one.task for one in found if one.task is not None]
        loaded = visible(self._user, Customer).filter(pk__in=ids).select_related("facts", "owner")
        customers = {customer.pk: customer for customer in loaded.defer(*SEARCH_COLUMNS)}
        tasks = {
            task.pk: task
            for task in Task.objects.filter(pk__in=numbers).select_related("plan__template", "creator", "owner")
        }
        standings = standings_of(self._user, customers)
        may_log = can(self._user, "create", Task) or can(self._user, "change", Customer)
        lines: dict[int, Line] = {}
        for one in found:
            customer = customers.get(one.customer or 0)
            if one.customer is not None and customer is None and one.task is None:
                continue
            lines[id(one)] = self._line(one, customer, tasks.get(one.task or 0), standings, may_log=may_log)
        return lines

    def _line(
        self,
        one: Due,
        customer: Customer | None,
        task: Task | None,
        standings: Mapping[int, Mapping[str, Standing]],
        *,
        may_log: bool,
    ) -> Line:
        standing = standings.get(customer.pk, {}) if customer else {}
        deciding: Class | None = due.owed_class(standing, self._rules)
        facts = getattr(customer, "facts", None)  # there are none before a pack is installed
        stored = facts.values if facts else {}
        silent = cast("int | None", read_stored(stored, CONTACTED, self._today))
        known = cast("int", read_stored(stored, CREATED, self._today) or 0)
        method = (
            task.kind if task else (deciding.service.methods[0] if deciding and deciding.service.methods else "call")
        )
        cadence = (deciding.service.cadence_days or 0) if deciding else 0
        label = deciding.label.get(self._chips.language) if deciding else ""
        contact = self._contact(one, silent, known, cadence, label) if customer and one.contact else ""
        return Line(
            customer=redacted(self._user, customer) if customer else None,
            task=task,
            more=max(0, len(one.tasks) - 1),
            chips=notable(self._chips.of(standing)),
            method=method,
            icon=DOING_ICONS[method],
            method_name=self._names[method],
            due=one.day,
            at=one.at,
            overdue_days=max(0, (self._today - one.day).days),
            planned=one.planned,
            class_label=label,
            cadence=cadence,
            silent_days=silent,
            known_days=known,
            what=task.name if task else "",
            why=self._why(task, customer, contact),
            first=self._first(one),
            phone=self._phone(customer),
            may_log=may_log,
        )

    def _why(self, task: Task | None, customer: Customer | None, contact: str) -> str:
        """Say where the task comes from; the day of a contact, where there is none or a person agreed on that day."""
        if task is None:
            return contact
        chosen = contact if customer is not None and customer.next_contact_by == "person" else ""
        reason = _task_reason(task, self._user, self._chips.language)
        return " · ".join(filter(None, [reason, chosen]))

    def _contact(self, one: Due, silent: int | None, known: int, cadence: int, label: str) -> str:
        """Say why to be in touch: the day that was agreed, or the cadence of the class."""
        if one.planned:
            said = gettext("约好联系：%(day)s") % {"day": near_day(one.contact)}
            if silent == 0:
                return said + gettext("，今天联系过")
            if silent is None:
                return said
            words = ngettext("，上次联系在 %(n)s 天前", "，上次联系在 %(n)s 天前", silent)
            return said + words % {"n": silent}
        words = ngettext("%(label)s：每 %(n)s 天联系一次", "%(label)s：每 %(n)s 天联系一次", cadence)
        said = words % {"label": label, "n": cadence}
        if silent is None:
            words = ngettext("，建档 %(n)s 天还没联系过", "，建档 %(n)s 天还没联系过", known)
            return said + words % {"n": known}
        return said + ngettext("，已 %(n)s 天", "，已 %(n)s 天", silent) % {"n": silent}

    def _first(self, one: Due) -> str:
        """Say what its place in the order comes from beside its day: what is at stake, how it was marked, which classes."""
        found = one.priority
        if found is None:
            return ""
        said: list[str] = []
        if found.amount:
            amount = brief_money(found.amount, self._currency, self._chips.language)
            said.append(gettext("近 365 天成交 %(amount)s") % {"amount": amount})
        if found.weight != "normal":
            said.append(gettext("高优先级") if found.weight == "high" else gettext("低优先级"))
        said += [label.get(self._chips.language) for label in found.highest]
        return " · ".join(said)

    def _phone(self, customer: Customer | None) -> str:
        if customer is None or not customer.phone:
            return ""
        return customer.phone if field_access(self._user, Customer).reads("phone") else ""


def _task_reason(task: Task, user: User, language: Language) -> str:
    """Say where a task comes from: a step of a plan, or a person."""
    if task.plan is not None:
        return gettext("跟进计划：%(name)s") % {"name": task.plan.template.name.get(language)}
    if task.creator is not None and task.creator_id != user.pk:
        return gettext("%(who)s交办") % {"who": task.creator.name}
    return ""
