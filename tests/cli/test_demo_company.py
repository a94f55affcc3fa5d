from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from zhike.cli.demo import company
from zhike.cli.demo.generator import make_demo
from zhike.cli.demo.journal import DAYS
from zhike.cli.demo.lives import LIVES
from zhike.cli.demo.stories import STORIES
from zhike.core.events import Event
from zhike.core.facts import CUSTOMER_FIELDS, FieldType, Ref
from zhike.core.history import History
from zhike.packs import load_pack
from zhike.timeline.kinds import KINDS
from zhike.timeline.schema import clean_data, kind_of

ZONE = ZoneInfo(company.TIMEZONE)
NOW = datetime(2026, 11, 19, 9, 41, tzinfo=ZONE)
GENERAL = load_pack("general")

pytestmark = pytest.mark.xdist_group("demo-company")  # they look at one company


@pytest.fixture(scope="module")
def large():
    return make_demo(NOW)


@pytest.fixture(scope="module")
def small():
    return make_demo(NOW, customers=60)


@pytest.fixture(scope="module")
def placed(large):
    return classes(large)


def classes(demo, now=NOW):
    """Return customer name → dimension → class."""
    events = defaultdict(list)
    for e in demo.events:
        events[e.customer].append(Event(e.kind, e.at.date(), e.amount or 0, e.data))
    return {customer.name: _placed(customer, events[customer.key], now) for customer in demo.customers}


def _placed(customer, events, now):
    values = {Ref(f.key): frozenset() if f.type is FieldType.SET else None for f in CUSTOMER_FIELDS}
    values |= {
        Ref("customer.kind"): customer.kind,
        Ref("customer.size"): customer.size or None,
        Ref("customer.created_on"): customer.created_on,
    }
    facts = History(values, events, ZONE).facts(GENERAL.schemes, now.date())
    return {scheme.dimension: facts[Ref(f"class.{scheme.dimension}")] for scheme in GENERAL.schemes}


def test_the_same_moment_and_seed_make_the_same_company():
    assert make_demo(NOW, customers=80) == make_demo(NOW, customers=80)
    assert make_demo(NOW, customers=80, seed=7) != make_demo(NOW, customers=80)


def test_a_small_company_is_the_beginning_of_the_large_one(large, small):
    assert small.customers == large.customers[:60]


def test_it_has_two_thousand_customers_of_both_kinds_with_names_and_keys_of_their_own(large):
    assert len(large.customers) == 2000
    assert len({c.key for c in large.customers}) == 2000
    companies = [c for c in large.customers if c.kind == "company"]
    assert len({c.name for c in companies}) == len(companies)
    assert 1300 < len(companies) < 1500
    assert all(c.size and c.industry and c.contacts for c in companies)
    assert not any(c.size or c.contacts for c in large.customers if c.kind == "person")


def test_everybody_belongs_to_somebody_of_the_company_or_waits_to_be_assigned(large):
    people = {person.email for person in company.PEOPLE}
    assert {c.owner for c in large.customers} <= {*people, ""}
    assert 250 < sum(not c.owner for c in large.customers) < 400
    assert not any(c.next_contact_on for c in large.customers if not c.owner)
    assert {person.role for person in company.PEOPLE} == {"admin", "manager", "sales", "marketing", "auditor"}
    assert {person.team for person in company.PEOPLE} == {company.EAST, company.NORTH, ""}


def test_events_fit_the_customers_and_the_table_of_kinds(large):
    customers = {c.key: c for c in large.customers}
    people = {person.email for person in company.PEOPLE}
    for event in large.events:
        customer = customers[event.customer]
        assert event.contact in {"", *(contact.name for contact in customer.contacts)}
        assert event.by in {*people, ""}
        assert set(event.data) <= set(KINDS[event.kind].data)
        assert clean_data(kind_of(event.kind), event.data) == event.data
        assert event.amount is None or event.amount > 0


def test_events_lie_in_the_last_eighteen_months_and_none_after_now(large):
    assert all(NOW - timedelta(days=DAYS + 1) < event.at <= NOW for event in large.events)
    assert list(large.events) == sorted(large.events, key=lambda event: (event.at, event.customer))
    first = {}
    for event in large.events:
        first.setdefault(event.customer, event.at.date())
    assert all(c.created_on <= first.get(c.key, NOW.date()) for c in large.customers)


def test_payments_and_deliveries_follow_their_orders(large):
    placed = {e.subject_id: e for e in large.events if e.kind == "order.placed"}
    assert len(placed) == sum(e.kind == "order.placed" for e in large.events)
    for event in large.events:
        if event.kind in {"payment.received", "delivery.completed"}:
            order = placed[event.subject_id]
            assert (order.customer, order.data["number"]) == (event.customer, event.data["number"])
            assert event.at.date() >= order.at.date()
            assert event.kind == "delivery.completed" or event.amount == order.amount


def test_deals_and_tickets_open_before_they_close(large):
    for opened, closed in (("deal.opened", {"deal.won", "deal.lost"}), ("ticket.opened", {"ticket.closed"})):
        open_days = {e.subject_id: e.at.date() for e in large.events if e.kind == opened}
        ends = [e for e in large.events if e.kind in closed]
        assert ends
        assert all(open_days[e.subject_id] <= e.at.date() for e in ends)


def test_our_people_do_not_work_at_weekends(large):
    working = [e for e in large.events if e.by and e.at.date() < NOW.date() - timedelta(days=1)]
    assert all(e.at.weekday() < 5 for e in working)


def test_every_class_has_members_even_in_a_small_company(placed, small):
    for each in (placed, classes(small)):
        for scheme in GENERAL.schemes:
            found = Counter(row[scheme.dimension] for row in each.values())
            assert set(found) == {class_.key for class_ in scheme.classes}, scheme.dimension


def test_classes_have_the_sizes_of_a_real_company(placed):
    shares = {
        (scheme.dimension, class_.key): sum(row[scheme.dimension] == class_.key for row in placed.values()) / 2000
        for scheme in GENERAL.schemes
        for class_ in scheme.classes
    }
    assert all(0.02 < share < 0.85 for share in shares.values()), shares
    assert sum(row["value"] == "high" and row["activity"] == "dormant" for row in placed.values()) >= 15


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("上海梧桐里酒店管理有限公司", "loyal active high hot both company"),
        ("上海恒拓精密制造", "won active high hot product company"),
        ("上海松果亲子乐园", "engaged active regular hot product company"),
        ("陈思远", "won new regular warm product person"),
        ("北京禾光咖啡连锁", "won active high hot both company"),
        ("上海集木联合办公", "interested new regular hot product company"),
        ("北京青禾国际学校", "engaged active regular hot product company"),
        ("上海素问中医门诊部", "won dormant regular watching service company"),
        ("刘婉清", "interested new regular hot product person"),
        ("上海云汀餐饮管理", "won active regular watching both company"),
        ("北京长物家居", "prospect new regular hot product company"),
        ("周雨桐", "engaged active regular hot product person"),
        ("北京朗润门诊部", "loyal active high watching service company"),
        ("北京鼎和汽车服务", "won dormant regular watching product company"),
        ("上海半亩花田餐饮", "won lost low lost product company"),
        ("杭州文通路书店", "prospect active regular hot product company"),
        ("南京栖云酒店", "loyal dormant high watching both company"),
        ("苏州云裳制衣", "prospect active regular lost product company"),
    ],
)
@pytest.mark.parametrize("day", range(7))
def test_stories_end_where_they_should_on_any_day_of_the_week(name, expected, day):
    now = NOW + timedelta(days=day)
    story = next(story for story in STORIES if story.name == name)
    demo = DAYS_OF_THE_WEEK.setdefault(day, classes(make_demo(now, customers=len(STORIES)), now))
    assert " ".join(demo[story.name].values()) == expected


DAYS_OF_THE_WEEK: dict[int, dict[str, dict[str, str]]] = {}


def test_a_company_made_just_after_midnight_has_no_event_of_tomorrow():
    midnight = datetime(2026, 3, 1, 0, 1, tzinfo=ZONE)
    assert max(event.at for event in make_demo(midnight, customers=200).events) <= midnight


def test_salespeople_have_work_today_and_some_of_it_is_late(large):
    due = Counter(
        (c.owner, c.next_contact_on < NOW.date())
        for c in large.customers
        if c.next_contact_on and c.next_contact_on <= NOW.date()
    )
    for email in (company.LIN, company.WANG, company.ZHAO):
        assert 4 <= due[email, False] <= 20, email
    assert due[company.LIN, True] == 3
    assert 1 <= due[company.WANG, True] <= 10


def test_every_life_is_led_by_its_share():
    told = Counter(life.key for life in LIVES)
    assert set(told.values()) == {1}
    assert sum(life.weight for life in LIVES) == 2050


def test_what_is_told_first_happens_first(large):
    sent = {}
    for event in large.events:
        if event.kind == "email.sent":
            sent[event.customer, event.data["subject"]] = event.at
        elif event.kind == "email.opened":
            assert sent[event.customer, event.data["subject"]] <= event.at
    asked = {(e.customer, e.at.date()): e.at for e in large.events if e.kind in {"inquiry.received", "form.submitted"}}
    replies = [e for e in large.events if e.data.get("text") == "已回复，等对方确认人数和点位"]
    assert replies
    assert all(asked[e.customer, e.at.date()] < e.at for e in replies if (e.customer, e.at.date()) in asked)


@pytest.mark.parametrize("clock", ["00:00", "00:01", "08:00", "09:41", "23:59"])
def test_today_is_told_up_to_now_at_any_hour(clock):
    hour, minute = map(int, clock.split(":"))
    now = NOW.replace(hour=hour, minute=minute)
    today = [e for e in make_demo(now, customers=len(STORIES)).events if e.at.date() == now.date()]
    assert {e.kind for e in today} >= {"call.made", "page.viewed"}
    assert all(e.at <= now for e in today)
    hotel = [e.kind for e in today if e.customer == "QY00001"]
    assert hotel[-1] == "call.made"
    assert set(hotel[:-1]) == {"page.viewed"}
