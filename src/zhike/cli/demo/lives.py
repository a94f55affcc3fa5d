"""The lives that customers lead, each told with its own dice.

A life ends in a place that can be named (`LIVES` says how many lead it); what class that is, the rules say.
All numbers are days before today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zhike.cli.demo import phrases
from zhike.cli.demo.company import (
    FILTERS,
    HOME_FILTERS,
    HOME_MACHINES,
    HOME_SERVICES,
    MACHINES,
    PAGES,
    PLANTS,
    SERVICES,
)
from zhike.cli.demo.journal import DAYS

if TYPE_CHECKING:
    from collections.abc import Callable

    from zhike.cli.demo.company import Article, Page
    from zhike.cli.demo.journal import Journal


class Outline(NamedTuple):
    """When the record was made, and in how many days the next contact is due (negative: overdue)."""

    created: int
    next_in: int | None = None


class Life(NamedTuple):
    """One way to live: how many of 2 000 customers lead it.

    Of ten of them, so many are persons and so many have no owner any more, or not yet.
    """

    key: str
    weight: int
    persons: int
    tell: Callable[[Journal], Outline]
    free: int = 0


# Scenes that several lives share


def _machine(j: Journal) -> Article:
    return j.rng.choice(MACHINES if j.is_company else HOME_MACHINES)


def _supply(j: Journal) -> tuple[Article, int]:
    article = j.rng.choice(FILTERS if j.is_company else HOME_FILTERS)
    return article, max(1, round(article.usual * j.rng.uniform(0.5, 2)))


def _service(j: Journal) -> Article:
    return j.rng.choice(SERVICES if j.is_company else HOME_SERVICES)


def _pages(j: Journal, count: int) -> list[Page]:
    return j.rng.sample(PAGES, count)


def _inquire(j: Journal, ago: int) -> None:
    if j.is_company and j.chance(0.12):
        j.exhibition(ago + 2, *j.rng.choice(phrases.EXHIBITIONS))
    j.browse(ago, *_pages(j, j.rng.randint(1, 3)))
    title, text = j.rng.choice(phrases.INQUIRIES if j.is_company else phrases.HOME_INQUIRIES)
    if j.chance(0.6):
        j.inquire(ago, title, text)
    else:
        j.form(ago, title, text)


def _care(j: Journal, ago: int) -> None:
    text = j.rng.choice(phrases.CARE)
    if j.chance(0.5):
        j.call(ago, text, result="正常")
    else:
        j.message(ago, text)
        if j.chance(0.4):
            j.messaged(ago, j.rng.choice(phrases.THEIR_WORDS))


def _talk(j: Journal, ago: int) -> None:
    if j.is_company and j.chance(0.3):
        j.visit(ago, j.rng.choice(phrases.TALKS))
    else:
        j.call(ago, j.rng.choice(phrases.TALKS), result="有进展")
    if j.chance(0.5):
        j.messaged(ago - 1, j.rng.choice(phrases.THEIR_WORDS))


def _newsletters(j: Journal, since: int, until: int) -> None:
    ago = since - j.rng.randint(5, 30)
    while ago > until:
        j.email(ago, j.rng.choice(phrases.NEWSLETTERS), opened=int(j.chance(0.4)))
        ago -= j.rng.randint(40, 70)


def _negotiate(j: Journal, since: int, until: int) -> tuple[str, str, int]:
    """Inquiry, deal, quote and talks between two days. Return the deal, its title and amount."""
    _inquire(j, since)
    j.call(since, j.rng.choice(phrases.TALKS), result="有进展")
    amount = _machine(j).price * j.rng.randint(1, 4 if j.is_company else 1)
    title = j.rng.choice(phrases.DEAL_TITLES) if j.is_company else "家庭净水"
    span = max(since - until, 3)
    deal = j.deal(since - 1, title, amount)
    j.quote(since - max(span // 3, 2), title, amount)
    j.move(since - max(span // 2, 2), deal, title, old="需求确认", new="商务谈判")
    for ago in range(since - 3, until, -j.rng.randint(6, 12)):
        _talk(j, ago)
    return deal, title, amount


def _after_sales(j: Journal, ago: int) -> None:
    if j.chance(0.25):
        title, text = j.rng.choice(phrases.TICKETS)
        j.ticket(ago - j.rng.randint(10, 40), title, text)
    if j.chance(0.03):
        j.complain(ago - 9, *j.rng.choice(phrases.COMPLAINTS))
        j.survey(ago - 14, j.rng.randint(3, 6), "希望下次准时")
    elif j.chance(0.3):
        j.survey(ago - 8, j.rng.randint(7, 10), j.rng.choice(phrases.SURVEY_WORDS))


def _purchases(j: Journal, first: int, last: int, every: tuple[int, int], *, service: float = 0.0) -> None:
    """Buy a machine first, then supplies and services in a rhythm, until the day of the last order."""
    j.order(first, _machine(j))
    ago = first - j.rng.randint(*every)
    while ago >= last:
        if j.rng.random() < service:
            j.order(ago, _service(j))
        else:
            j.order(ago, *_supply(j))
        _after_sales(j, ago)
        _care(j, ago - j.rng.randint(12, 30))
        ago -= j.rng.randint(*every)


# Not customers yet


def untouched(j: Journal) -> Outline:
    return Outline(created=j.rng.randint(40, 400))


def cold(j: Journal) -> Outline:
    created = j.rng.randint(5, 500)
    gave_up = j.rng.choice((0, 0, 60, 120, 200))
    ago = created - 1
    while ago > gave_up:
        if j.chance(0.5):
            j.call(ago, j.rng.choice(phrases.COLD_CALLS), result="未接通", minutes=1)
        else:
            j.email(ago, j.rng.choice(phrases.NEWSLETTERS), opened=int(j.chance(0.2)))
        ago -= j.rng.randint(40, 80)
    return Outline(created, next_in=j.rng.randint(4, 120) if not gave_up else None)


def browsing(j: Journal) -> Outline:
    """Asks nothing, but reads long and keeps coming back."""
    created = j.rng.randint(12, 120)
    j.email(created - 2, j.rng.choice(phrases.NEWSLETTERS), opened=1)
    first = j.rng.randint(14, 24)
    for ago in sorted(j.rng.sample(range(1, first), j.rng.randint(3, 6)), reverse=True):
        j.browse(ago, *_pages(j, j.rng.randint(2, 4)), times=2)
    return Outline(created, next_in=j.rng.randint(0, 4))


def peeking(j: Journal) -> Outline:
    """Look around twice of late: no more than a first sign."""
    created = j.rng.randint(40, 200)
    _newsletters(j, created, 20)
    for ago in (j.rng.randint(12, 25), j.rng.randint(1, 10)):
        j.browse(ago, *_pages(j, 1))
    return Outline(created, next_in=j.rng.randint(2, 14))


def asking(j: Journal) -> Outline:
    ago = j.rng.randint(1, 12)
    _inquire(j, ago)
    if j.chance(0.6):
        j.call(ago, "已回复，等对方确认人数和点位", result="待跟进")
    return Outline(ago + j.rng.randint(0, 2), next_in=j.rng.randint(0, 3))


def neglected(j: Journal) -> Outline:
    """Came to us, was answered once, and then nobody called again."""
    ago = j.rng.randint(92, 420)
    _inquire(j, ago)
    if j.chance(0.7):
        j.call(ago - 1, "发了资料，对方说看看再说", result="待跟进")
    return Outline(ago + j.rng.randint(0, 3))


def watching(j: Journal) -> Outline:
    """Spoken to every month; no hurry on their side."""
    created = j.rng.randint(150, 500)
    _inquire(j, created - 1)
    ago = created - 5
    while ago > 4:  # noqa: PLR2004  the last days are quiet
        j.call(ago, j.rng.choice(phrases.WATCHING), result="观望")
        ago -= j.rng.randint(30, 55)
    return Outline(created, next_in=j.rng.randint(4, 75))


def nurtured(j: Journal) -> Outline:
    """Watched for months; then reads, asks, and gets a quote."""
    created = j.rng.randint(150, 320)
    _inquire(j, created - 1)
    _newsletters(j, created, 45)
    for ago in range(created - 20, 40, -45):
        j.message(ago, "发了同行业案例，供参考")
    turn = j.rng.randint(14, 26)
    j.email(turn + 4, j.rng.choice(phrases.NEWSLETTERS), opened=2, clicked=True)
    for ago in (turn + 1, turn, turn - 2):
        j.browse(ago, *_pages(j, 3))
    j.messaged(turn - 1, "看了你们的案例，我们也想做一套")
    j.call(turn - 2, j.rng.choice(phrases.TALKS), result="有进展")
    j.quote(turn - 5, j.rng.choice(phrases.DEAL_TITLES), _machine(j).price * 2)
    j.replied(j.rng.randint(2, 8), "报价", "收到，周会上过一下")
    return Outline(created, next_in=j.rng.randint(-1, 5))


def talking(j: Journal) -> Outline:
    since = j.rng.randint(15, 75)
    _negotiate(j, since, 2)
    return Outline(since + j.rng.randint(0, 60), next_in=j.rng.randint(-2, 6))


def stalled(j: Journal) -> Outline:
    """Leave an open deal unmoved for weeks."""
    since = j.rng.randint(70, 130)
    _negotiate(j, since, j.rng.randint(32, 58))
    return Outline(since + j.rng.randint(0, 60), next_in=j.rng.randint(-12, 3))


def refused(j: Journal) -> Outline:
    end = j.rng.choice((j.rng.randint(5, 55), j.rng.randint(5, 55), j.rng.randint(100, 400)))
    since = end + j.rng.randint(20, 60)
    deal, title, _ = _negotiate(j, since, end + 3)
    j.call(end, "对方决定不做了，保持联系", result="丢单")
    j.lose(end, deal, title, j.rng.choice(phrases.LOST_REASONS))
    return Outline(since + j.rng.randint(0, 40))


# Customers


def first_order(j: Journal) -> Outline:
    ordered = j.rng.randint(3, 50)
    since = ordered + j.rng.randint(12, 40)
    deal, title, amount = _negotiate(j, since, ordered + 2)
    j.win(ordered, deal, title, amount)
    j.order_of(ordered, title, amount)
    _care(j, ordered - 7)
    return Outline(since + j.rng.randint(0, 20), next_in=j.rng.randint(-1, 8))


def buying(j: Journal) -> Outline:
    """Now and then, mostly supplies."""
    first = j.rng.randint(100, 530)
    _inquire(j, first + 10)
    _purchases(j, first, 5, (95, 160), service=0.1)
    _care(j, j.rng.randint(10, 70))
    _newsletters(j, first, 10)
    return Outline(first + j.rng.randint(12, 300), next_in=j.rng.randint(3, 120))


def loyal(j: Journal) -> Outline:
    """Quarter after quarter, products and service."""
    first = j.rng.randint(300, 540)
    _inquire(j, first + 15)
    j.contract(first, "年度供应与维保", 3_600_000 if j.is_company else 49_900)
    _purchases(j, first, 4, (50, 84), service=0.35)
    if j.chance(0.3):
        j.referral(j.rng.randint(20, 300), "同行朋友的公司" if j.is_company else "邻居")
    _newsletters(j, first, 10)
    _care(j, j.rng.randint(5, 30))
    return Outline(first + j.rng.randint(20, 500), next_in=j.rng.randint(2, 75))


def large(j: Journal) -> Outline:
    """Buy a plant or two, and supplies every month."""
    first = j.rng.randint(120, 500)
    plant, more = j.rng.sample(PLANTS, 2)
    deal = j.deal(first + 45, plant.name, plant.price)
    j.visit(first + 40, j.rng.choice(phrases.TALKS), place="客户现场", minutes=120)
    j.quote(first + 30, plant.name, plant.price)
    j.win(first, deal, plant.name, plant.price)
    j.contract(first, plant.name, plant.price)
    j.order(first, plant, paid=30, delivered=25)
    j.order(j.rng.randint(4, min(first - 20, 340)), more, paid=30, delivered=25)
    _purchases(j, min(first - 20, 360), 6, (28, 45), service=0.3)
    _talk(j, j.rng.randint(4, 25))
    return Outline(first + j.rng.randint(50, 400), next_in=j.rng.randint(0, 14))


def under_contract(j: Journal) -> Outline:
    """Buys no goods, only maintenance; machines of another make."""
    first = j.rng.randint(120, 500)
    _inquire(j, first + 12)
    service = SERVICES[0] if j.is_company else HOME_SERVICES[2]
    j.contract(first, "年度维保合同", service.price * 4)
    for ago in range(first, -1, -91):
        j.order(ago, service)
        _after_sales(j, ago)
    _care(j, j.rng.randint(10, 60))
    return Outline(first + j.rng.randint(15, 200), next_in=j.rng.randint(4, 100))


def sleeping_large(j: Journal) -> Outline:
    """Brought in a lot within the year and has not been heard of for months."""
    first = j.rng.randint(230, 330)
    j.visit(first + 30, j.rng.choice(phrases.TALKS))
    j.order(first, PLANTS[2], paid=30, delivered=25)
    last = j.rng.randint(100, 170)
    j.order(last, PLANTS[1], paid=30, delivered=8)
    _care(j, last - 8)
    return Outline(first + j.rng.randint(50, 300), next_in=j.rng.randint(-5, 10))


def sleeping(j: Journal) -> Outline:
    last = j.rng.randint(110, 330)
    first = min(last + j.rng.randint(0, 250), DAYS - 10)
    _purchases(j, first, last, (60, 120))
    _care(j, max(last - 15, 95))
    return Outline(first + j.rng.randint(5, 200))


def gone(j: Journal) -> Outline:
    """Bought more than a year ago; a last call went unanswered."""
    first = j.rng.randint(470, 540)
    last = j.rng.randint(375, 460)
    _purchases(j, first, last, (30, 60))
    j.call(j.rng.randint(190, 340), "号码停机，没有联系上", result="未接通", minutes=1)
    return Outline(first + j.rng.randint(5, 300))


def little(j: Journal) -> Outline:
    """One small order, some time ago."""
    ago = j.rng.randint(95, 360)
    article = FILTERS[0] if j.is_company else j.rng.choice(HOME_FILTERS)
    j.order(ago, article, min(article.usual, 10))
    j.message(j.rng.randint(10, 85), "提醒更换滤芯，附购买链接")
    if j.chance(0.1):
        j.refund(ago - 6, article.name, article.price)
    return Outline(ago + j.rng.randint(1, 60), next_in=j.rng.choice((None, j.rng.randint(10, 80))))


LIVES: tuple[Life, ...] = (
    Life("cold", 260, 1, cold, 4),
    Life("untouched", 60, 2, untouched, 6),
    Life("browsing", 80, 4, browsing, 1),
    Life("peeking", 70, 4, peeking),
    Life("asking", 70, 5, asking, 1),
    Life("neglected", 160, 4, neglected, 5),
    Life("watching", 140, 3, watching),
    Life("nurtured", 60, 2, nurtured),
    Life("talking", 100, 2, talking),
    Life("stalled", 60, 2, stalled),
    Life("refused", 90, 2, refused, 3),
    Life("first_order", 90, 5, first_order),
    Life("buying", 240, 4, buying),
    Life("loyal", 140, 2, loyal),
    Life("large", 50, 0, large),
    Life("under_contract", 90, 2, under_contract),
    Life("sleeping_large", 20, 0, sleeping_large),
    Life("sleeping", 90, 4, sleeping),
    Life("gone", 80, 4, gone, 6),
    Life("little", 100, 6, little, 4),
)
