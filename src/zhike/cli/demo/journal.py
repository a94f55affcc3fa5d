"""Writes down what happened to one customer, in days before today.

A day that has not come yet is left out, so that a life may plan a payment for next week. Today's
events lie before the present minute; what our people did waits from a weekend until Monday.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from zhike.cli.demo.records import DemoEvent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from random import Random

    from zhike.cli.demo.company import Article, Page

DAYS = 548  # 18 months
_SATURDAY, _WEEK = 5, 7
_LATEST = timedelta(hours=23, minutes=50)
_OPENS, _CLOSES = 9 * 60, 18 * 60
_WAKES, _SLEEPS = 8 * 60, 22 * 60


class Office:
    """What all stories share: the present moment, and the numbers on the company's papers."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._given: Counter[tuple[str, date]] = Counter()

    def number(self, prefix: str, day: date) -> str:
        """Return the next one: SO-261118-037 is the 37th order of that day."""
        self._given[prefix, day] += 1
        return f"{prefix}-{day:%y%m%d}-{self._given[prefix, day]:03d}"


class Journal:
    """The story of one customer as it is being told."""

    def __init__(
        self,
        key: str,
        *,
        kind: str,
        owner: str,
        contacts: tuple[str, ...],
        office: Office,
        rng: Random,
    ) -> None:
        self.key = key
        self.is_company = kind == "company"
        self.owner = owner
        self.contacts = contacts
        self.office = office
        self.now = office.now
        self.rng = rng
        self.events: list[DemoEvent] = []
        self._latest: dict[int, datetime] = {}

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    # Talking

    def call(self, ago: int, text: str, *, result: str = "", minutes: int = 0, at: str = "") -> None:
        said = {"text": text, "result": result, "minutes": minutes or self.rng.randint(2, 15)}
        self._ours("call.made", ago, said, at=at, channel="phone")

    def called(self, ago: int, text: str, *, at: str = "") -> None:
        said = {"text": text, "minutes": self.rng.randint(2, 12)}
        self._theirs("call.received", ago, said, at=at, channel="phone")

    def visit(self, ago: int, text: str, *, place: str = "", minutes: int = 60, at: str = "") -> None:
        said = {"text": text, "result": "有进展", "minutes": minutes, "place": place}
        self._ours("visit.made", ago, said, at=at)

    def message(self, ago: int, text: str, *, at: str = "") -> None:
        self._ours("message.sent", ago, {"text": text}, at=at, channel="wechat")

    def messaged(self, ago: int, text: str, *, at: str = "") -> None:
        self._theirs("message.received", ago, {"text": text}, at=at, channel="wechat")

    def note(self, ago: int, text: str, *, at: str = "") -> None:
        self._ours("note.added", ago, {"text": text}, at=at)

    def email(self, ago: int, subject: str, *, opened: int = 0, clicked: bool = False, at: str = "") -> None:
        """Send an e-mail; `opened` times on the days after, the last of them perhaps with a click."""
        ago = ago if at else self._weekday(ago)
        self._ours("email.sent", ago, {"subject": subject}, at=at, channel="email")
        for step in range(opened):
            self._theirs("email.opened", ago - step, {"subject": subject}, at="17:26" if step else "", channel="email")
        if clicked:
            self.clicked(ago - max(opened - 1, 0), subject)

    def clicked(self, ago: int, subject: str) -> None:
        self._theirs("email.clicked", ago, {"subject": subject, "url": "/download/guide"}, channel="email")

    def replied(self, ago: int, subject: str, text: str, *, at: str = "") -> None:
        self._theirs("email.replied", ago, {"subject": subject, "text": text}, at=at, channel="email")

    # Signals

    def browse(self, ago: int, *pages: Page, times: float = 1.0, at: str = "") -> None:
        """Look at pages one after the other; `times` stretches how long they stay."""
        moment = self._moment(ago, at, _WAKES, _SLEEPS)
        device = self.rng.choice(("desktop", "mobile"))
        for page in pages:
            seconds = max(5, round(page.seconds * times * self.rng.uniform(0.7, 1.3)))
            data = {"title": page.title, "url": page.url, "seconds": seconds, "device": device}
            self._add("page.viewed", ago, min(moment, self.now), data, channel="web", contact=self._first())
            moment += timedelta(seconds=seconds + 3)
        self._latest[ago] = max(self._latest[ago], min(moment, self.now))

    def inquire(self, ago: int, title: str, text: str, *, at: str = "") -> None:
        self._theirs("inquiry.received", ago, {"title": title, "text": text}, at=at, channel="web")

    def form(self, ago: int, form: str, text: str = "", *, at: str = "") -> None:
        self._theirs("form.submitted", ago, {"form": form, "text": text}, at=at, channel="web")

    def exhibition(self, ago: int, title: str, place: str) -> None:
        self._theirs("exhibition.visited", ago, {"title": title, "place": place})

    def referral(self, ago: int, name: str) -> None:
        self._theirs("referral.made", ago, {"name": name, "text": f"介绍了{name}"})

    # Trade

    def deal(self, ago: int, title: str, amount: int) -> str:
        number = self._number("OPP", ago)
        self._ours("deal.opened", ago, {"title": title, "stage": "需求确认"}, amount=amount, subject=("deal", number))
        return number

    def move(self, ago: int, deal: str, title: str, *, old: str, new: str) -> None:
        data = {"title": title, "from": old, "to": new, "stage": new}
        self._ours("deal.stage_changed", ago, data, subject=("deal", deal))

    def win(self, ago: int, deal: str, title: str, amount: int) -> None:
        self._ours("deal.won", ago, {"title": title}, amount=amount, subject=("deal", deal))

    def lose(self, ago: int, deal: str, title: str, reason: str) -> None:
        self._ours("deal.lost", ago, {"title": title, "reason": reason}, subject=("deal", deal))

    def quote(self, ago: int, title: str, amount: int, *, at: str = "") -> None:
        data = {"number": self._number("BJ", ago), "title": title}
        self._ours("quote.sent", ago, data, amount=amount, at=at)

    def contract(self, ago: int, title: str, amount: int) -> None:
        number = self._number("HT", ago)
        self._theirs(
            "contract.signed", ago, {"number": number, "title": title}, amount=amount, subject=("contract", number)
        )

    def order(
        self, ago: int, article: Article, quantity: int = 1, *, paid: int = 14, delivered: int = 5, at: str = ""
    ) -> int:
        """Place an order, delivered and paid so many days later. Return its amount."""
        return self.order_of(
            ago, f"{article.name} ×{quantity}", article.price * quantity,
            line=article.line, paid=paid, delivered=delivered, at=at,
        )  # fmt: skip

    def order_of(  # noqa: PLR0913  as above
        self,
        ago: int,
        title: str,
        amount: int,
        *,
        line: str = "product",
        paid: int = 14,
        delivered: int = 5,
        at: str = "",
    ) -> int:
        number = self._number("SO", ago)
        about: dict[str, object] = {"number": number, "title": title}
        order = ("order", number)
        self._theirs("order.placed", ago, about | {"line": line}, amount=amount, subject=order, at=at)
        self._ours("delivery.completed", ago - delivered, about, subject=order)
        self._theirs("payment.received", ago - paid, about, amount=amount, subject=order, at="10:31")
        return amount

    def refund(self, ago: int, title: str, amount: int) -> None:
        self._theirs("order.refunded", ago, {"title": title}, amount=amount)

    # Service

    def ticket(self, ago: int, title: str, text: str, *, solved: int = 1) -> None:
        number = self._number("GD", ago)
        subject = ("ticket", number)
        self._theirs("ticket.opened", ago, {"number": number, "title": title, "text": text}, subject=subject)
        closed = {"number": number, "title": title, "minutes": self.rng.randint(60, 600)}
        self._ours("ticket.closed", ago - solved, closed, subject=subject)

    def complain(self, ago: int, title: str, text: str) -> None:
        self._theirs("complaint.filed", ago, {"title": title, "text": text})

    def survey(self, ago: int, score: int, text: str = "") -> None:
        self._theirs("survey.answered", ago, {"score": score, "text": text, "survey": "服务满意度"})

    # How an event is written

    def _ours(  # noqa: PLR0913  the columns of an event
        self, kind: str, ago: int, data: Mapping[str, object], *,
        amount: int | None = None, subject: tuple[str, str] = ("", ""), at: str = "", channel: str = "",
    ) -> None:  # fmt: skip
        ago = ago if at else self._weekday(ago)
        moment = self._moment(ago, at, _OPENS, _CLOSES)
        self._add(
            kind,
            ago,
            moment,
            data,
            amount=amount,
            subject=subject,
            channel=channel,
            contact=self._someone(),
            by=self.owner,
        )

    def _theirs(  # noqa: PLR0913  the columns of an event
        self, kind: str, ago: int, data: Mapping[str, object], *,
        amount: int | None = None, subject: tuple[str, str] = ("", ""), at: str = "", channel: str = "",
    ) -> None:  # fmt: skip
        moment = self._moment(ago, at, _OPENS, _CLOSES)
        self._add(kind, ago, moment, data, amount=amount, subject=subject, channel=channel, contact=self._someone())

    def _add(  # noqa: PLR0913  the columns of an event
        self, kind: str, ago: int, moment: datetime, data: Mapping[str, object], *,
        amount: int | None = None, subject: tuple[str, str] = ("", ""), channel: str = "", contact: str = "", by: str = "",
    ) -> None:  # fmt: skip
        if not 0 <= ago <= DAYS:
            return
        known = {column: value for column, value in data.items() if value not in {"", None}}
        self.events.append(
            DemoEvent(self.key, kind, moment, by, contact, channel, amount, subject[0], subject[1], known)
        )

    def _first(self) -> str:
        return self.contacts[0] if self.contacts else ""

    def _someone(self) -> str:
        """Mostly the first of the customer's people."""
        if len(self.contacts) > 1 and self.chance(0.3):
            return self.rng.choice(self.contacts[1:])
        return self._first()

    def day(self, ago: int) -> date:
        return self.now.date() - timedelta(days=ago)

    def _weekday(self, ago: int) -> int:
        """Return Monday for a day of the weekend; yesterday and today stay what they are."""
        weekday = self.day(ago).weekday()
        return ago - (_WEEK - weekday) if weekday >= _SATURDAY and ago > 1 else ago

    def _moment(self, ago: int, at: str, opens: int, closes: int) -> datetime:
        """Return a time on that day: the one given, else one after all that was told of the day before."""
        minute = self.rng.randrange(opens, closes)
        clock = time.fromisoformat(at) if at else time(minute // 60, minute % 60, self.rng.randrange(60))
        midnight = datetime.combine(self.day(ago), time(), self.now.tzinfo)
        moment = datetime.combine(midnight, clock, self.now.tzinfo)
        is_ahead = ago == 0 and moment > self.now
        if is_ahead:  # a little before now instead, the later the nearer
            moment = max(midnight, self.now - (midnight + timedelta(days=1) - moment) / 24)
        told = self._latest.get(ago, midnight)
        if moment <= told and (is_ahead or not at):
            moment = min(told + timedelta(minutes=self.rng.randint(4, 40)), midnight + _LATEST, self.now)
        self._latest[ago] = max(told, moment)
        return moment

    def _number(self, prefix: str, ago: int) -> str:
        return self.office.number(prefix, self.day(max(ago, 0)))
