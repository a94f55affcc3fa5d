"""What became of the classes of a dimension, in exact numbers of customers whose past is written by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.classification.deciding import NOW, TODAY, pack
from tests.classification.scoring import LONG_AGO, happens, make_standing, noon, set_by_hand, taken_back
from tests.factories import make_customer, make_event, make_people
from tests.scenes import once, rules_in_force
from zhike.classification.due import place_due
from zhike.classification.models import Placement, Review
from zhike.classification.rules import rulebook
from zhike.classification.scorecard import overrides_in, scorecard, scorecard_by
from zhike.core.quarters import Period, Quarter
from zhike.core.scorecard import Missing, Outcome, Overridden, Sources
from zhike.core.text import Text
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db

PERIOD = Period(date(2026, 9, 1), TODAY)
QUARTER = Quarter.parse("2026-Q3").period
SEPTEMBER, OCTOBER = date(2026, 9, 10), date(2026, 10, 10)


@pytest.fixture(autouse=True)
def rules(settings):
    settings.ZHIKE_NOW = NOW
    rules_in_force(pack())


@pytest.fixture
def people():
    return once("people", make_people)


def card(period=PERIOD, user=None):
    return scorecard(user, "value", period)


def figures(name, period=PERIOD):
    """Return class → the value of one field or property."""
    return {score.key: getattr(score, name) for score in card(period).classes}


def test_sizes_are_those_of_today_and_of_the_day_before_the_period():
    make_standing(("high", LONG_AGO))
    make_standing(("regular", LONG_AGO), ("high", SEPTEMBER))
    make_standing(("high", LONG_AGO), ("regular", date(2026, 9, 1)))
    make_standing(("low", LONG_AGO), ("regular", date(2026, 8, 31)), ("low", SEPTEMBER), ("high", OCTOBER))
    assert figures("size") == {"high": 3, "low": 0, "regular": 1}
    assert figures("start") == {"high": 2, "low": 0, "regular": 2}


def test_nobody_stood_anywhere_before_they_were_placed_or_their_record_began():
    make_standing(("high", LONG_AGO))
    make_standing(("high", SEPTEMBER))
    make_standing(("regular", SEPTEMBER), ("high", OCTOBER))
    make_standing(("regular", date(2026, 8, 31)), ("high", OCTOBER))
    make_standing(("regular", date(2026, 9, 1)), ("high", OCTOBER))
    # Their record was said later to have begun only in the period.
    make_standing(("low", LONG_AGO), created_on=date(2026, 9, 1))
    assert figures("size") == {"high": 5, "low": 1, "regular": 0}
    assert figures("start") == {"high": 1, "low": 0, "regular": 1}


def test_of_a_dimension_that_was_told_only_later_there_is_no_start():
    moved = make_standing(("regular", SEPTEMBER), ("high", OCTOBER))
    make_standing(("high", date(2026, 9, 12)))
    happens(moved, "order.placed", OCTOBER, 100)
    assert card().recorded_since == SEPTEMBER
    assert card().everyone == Outcome()
    assert figures("size") == {"high": 2, "low": 0, "regular": 0}
    later = Period(date(2026, 10, 1), TODAY)
    assert figures("start", later) == {"high": 1, "low": 0, "regular": 1}


def test_changes_that_were_taken_back_were_never_told():
    customer = make_standing(("regular", LONG_AGO), ("high", SEPTEMBER))
    taken_back(Event.objects.get(customer=customer, kind="class.changed"), OCTOBER)
    Placement.objects.filter(customer=customer, dimension="value").update(class_key="low", since=LONG_AGO)
    assert figures("start") == {"high": 0, "low": 1, "regular": 0}
    assert figures("left") == {"high": 0, "low": 0, "regular": 0}


def test_what_a_class_did_is_counted_from_those_who_stood_in_it_at_the_start():
    a, b, c, _ = (make_standing(("high", LONG_AGO)) for _ in range(4))
    e, f, g, j = (make_standing(("regular", LONG_AGO)) for _ in range(4))
    make_standing(("low", LONG_AGO))
    newcomer = make_standing(("high", SEPTEMBER))
    happens(a, "order.placed", SEPTEMBER, 500)
    happens(a, "order.placed", OCTOBER, 700)
    happens(b, "order.placed", date(2026, 9, 1), 1000)
    happens(b, "order.refunded", TODAY, 300)
    happens(c, "call.made", SEPTEMBER)
    happens(e, "order.placed", TODAY, 200)
    happens(f, "order.placed", date(2026, 8, 31), 800)
    happens(g, "message.received", OCTOBER)
    happens(g, "page.viewed", OCTOBER)
    taken_back(happens(j, "order.placed", SEPTEMBER, 400), OCTOBER)
    happens(newcomer, "order.placed", SEPTEMBER, 9_999)

    found = card()
    high, regular = found.get("high").outcome, found.get("regular").outcome
    assert high == Outcome(
        customers=4,
        buyers=2,
        repeaters=1,
        kept=3,
        contacted=1,
        unbought=4,
        first_buyers=2,
        orders=3,
        revenue=1900,
        spread=342_500.0,
    )
    assert regular == Outcome(
        customers=4,
        buyers=1,
        repeaters=0,
        kept=2,
        contacted=0,
        unbought=3,
        first_buyers=1,
        orders=1,
        revenue=200,
        spread=10_000.0,
    )
    assert found.get("low").outcome == Outcome(customers=1, unbought=1)
    everyone = found.everyone
    assert (everyone.customers, everyone.buyers, everyone.orders, everyone.revenue) == (9, 3, 4, 2100)
    assert (high.conversion, high.first_conversion, high.repurchase, high.retention) == (0.5, 0.5, 0.5, 0.75)
    assert (high.average_order, high.revenue_each) == (633, 475)
    assert (regular.conversion, regular.first_conversion, regular.repurchase) == (0.25, 1 / 3, 0)
    assert found.lift("high", "conversion") == 0.5 / (3 / 9)
    assert found.lift("high", "average_order") == 633 / 525
    assert found.lift("low", "average_order") is None
    assert found.revenue_share("high") == 1900 / 2100


def test_an_order_that_was_taken_back_was_no_order_before_either():
    customer = make_standing(("high", LONG_AGO))
    taken_back(happens(customer, "order.placed", date(2026, 8, 1), 400), SEPTEMBER)
    taken_back(happens(customer, "call.made", date(2026, 8, 1)), SEPTEMBER)
    assert card().get("high").outcome == Outcome(customers=1, unbought=1)


def test_who_decided_is_told_of_today_and_of_past_days(people):
    make_standing(("high", LONG_AGO))
    pinned = make_standing(("regular", LONG_AGO), ("high", OCTOBER, "person"))
    set_by_hand(pinned, ("regular", "high"), OCTOBER, people.alice)
    before = make_standing(("regular", LONG_AGO))
    set_by_hand(before, ("regular", "low"), SEPTEMBER, people.alice, ended=OCTOBER)
    Placement.objects.filter(customer=before, dimension="value").update(undetermined=True)

    now = card()
    assert now.get("high").sources == Sources(rule=1, person=1)
    assert (now.get("high").undetermined, now.get("regular").undetermined_rate) == (0, 1.0)
    then = card(QUARTER)
    assert (then.get("high").size, then.get("high").sources) == (1, Sources(rule=1))
    assert (then.get("regular").size, then.get("regular").sources) == (2, Sources(rule=1, person=1))
    assert then.get("high").undetermined is None


def test_overrides_count_customers_whom_people_moved_out_of_what_the_rules_said(people):
    for _ in range(6):
        make_standing(("high", LONG_AGO))
    gone = make_standing(("high", LONG_AGO), ("regular", OCTOBER, "person"))
    set_by_hand(gone, ("high", "regular"), OCTOBER, people.alice, reason="毛利低")
    # The same customer again is one customer.
    set_by_hand(gone, ("high", "regular"), TODAY, people.bob, reason="毛利低", ended=TODAY)
    lower = make_standing(("high", LONG_AGO), ("low", OCTOBER, "person"))
    set_by_hand(lower, ("high", "low"), OCTOBER, people.alice, reason="毛利低")
    odd = make_standing(("high", LONG_AGO), ("regular", SEPTEMBER, "person"))
    set_by_hand(odd, ("high", "regular"), SEPTEMBER, people.bob, reason="要停产了")
    # What a person sets as the rules have it moves nobody, nor does what was set before the period.
    same = make_standing(("regular", LONG_AGO))
    set_by_hand(same, ("regular", "regular"), OCTOBER, people.alice)
    early = make_standing(("regular", LONG_AGO))
    set_by_hand(early, ("high", "regular"), date(2026, 8, 31), people.alice)

    found = card()
    assert found.get("high").members == 9
    assert found.get("high").overridden == Overridden(
        customers=3, among=9, to="regular", to_customers=2, reason="毛利低", reason_customers=2
    )
    assert found.get("high").override_rate == 3 / 9
    assert found.get("regular").overridden == Overridden(among=4)
    assert (found.get("regular").chosen, found.get("low").chosen, found.get("high").chosen) == (3, 1, 0)


def test_who_never_stood_where_the_rules_had_put_them_counts_among_those_moved(people):
    make_standing(("high", LONG_AGO))
    held = make_standing(("regular", LONG_AGO))
    set_by_hand(held, ("high", "regular"), OCTOBER, people.alice)
    assert card().get("high").overridden == Overridden(customers=1, among=2, to="regular", to_customers=1)
    assert card().get("high").members == 1


def test_each_person_is_told_whom_they_moved(people):
    own = [make_standing(("high", LONG_AGO), owner=people.alice) for _ in range(4)]
    others = make_standing(("regular", LONG_AGO), owner=people.charlie)
    for customer in own[:2]:
        set_by_hand(customer, ("high", "regular"), OCTOBER, people.alice)
    set_by_hand(own[2], ("high", "low"), OCTOBER, people.alice)
    set_by_hand(others, ("regular", "high"), OCTOBER, people.alice)
    set_by_hand(own[3], ("high", "low"), OCTOBER, people.bob)

    rows = [(p.name, p.customers, p.own, p.owned, p.rate, p.from_key, p.to_key, p.way_customers) for p in card().people]
    assert rows == [
        ("Alice", 4, 3, 4, 0.75, "high", "regular", 2),
        ("Bob", 1, 0, 0, None, "high", "low", 1),
    ]
    assert [o.customer for o in overrides_in(people.ada, "value", PERIOD, class_key="regular")] == [others]
    assert overrides_in(people.ada, "value", PERIOD).count() == 5
    assert overrides_in(people.carol, "value", PERIOD).count() == 1


def test_who_enters_by_the_rules_and_leaves_by_them_within_thirty_days_has_flipped():
    day = timedelta(days=1)
    entered = date(2026, 8, 2)  # thirty days before the period
    make_standing(("regular", LONG_AGO), ("high", entered), ("regular", entered + 30 * day))
    make_standing(("regular", LONG_AGO), ("high", entered), ("regular", entered + 10 * day))
    make_standing(("regular", LONG_AGO), ("high", entered), ("regular", entered + 31 * day))
    make_standing(("regular", LONG_AGO), ("high", entered))
    # These say nothing of how the rules waver.
    make_standing(("regular", LONG_AGO), ("high", entered), ("low", entered + day, "person"))
    make_standing(("regular", LONG_AGO), ("high", entered, "person"), ("regular", entered + day))
    make_standing(("regular", LONG_AGO), ("high", entered), ("regular", entered + day, "rules"))
    # Their thirty days belong to the period before, and to the one after.
    make_standing(("regular", LONG_AGO), ("high", entered - day), ("regular", entered))
    make_standing(("regular", LONG_AGO), ("high", TODAY - 29 * day), ("regular", TODAY))

    high = card().get("high")
    assert (high.entered, high.flipped, high.flip_days, high.flip_rate) == (6, 2, 10, 2 / 6)


def test_one_customer_who_flips_twice_is_one_customer():
    days = [date(2026, 9, day) for day in (2, 5, 9, 16)]
    make_standing(("regular", LONG_AGO), *zip(("high", "regular", "high", "regular"), days, strict=True))
    high = card().get("high")
    assert (high.entered, high.flipped, high.flip_days) == (1, 1, 3)
    assert (high.left, high.members, high.moves_rate, high.stay_days) == (2, 1, 2.0, 5.0)


def test_who_comes_back_within_a_day_is_followed_all_the_same():
    day = date(2026, 9, 7)
    make_standing(("regular", LONG_AGO), ("high", day), ("regular", day), ("high", day))
    high = card().get("high")
    assert (high.entered, high.flipped, high.flip_days, high.left, high.members) == (1, 1, 0, 1, 1)
    assert card().get("regular").members == 1


def test_a_stay_is_counted_from_the_day_it_began():
    make_standing(("high", date(2026, 8, 1)), ("regular", date(2026, 9, 10)))
    make_standing(("regular", LONG_AGO), ("high", date(2026, 9, 1)), ("low", date(2026, 9, 11)))
    make_standing(("high", LONG_AGO), ("regular", date(2026, 8, 31)))
    assert figures("stay_days")["high"] == 25.0
    assert figures("left") == {"high": 2, "low": 0, "regular": 1}
    assert figures("members") == {"high": 2, "low": 1, "regular": 3}


def test_what_people_found_wrong_is_counted_by_class(people):
    customer = make_standing(("high", LONG_AGO))
    for key, day in (("high", SEPTEMBER), ("high", TODAY), ("regular", TODAY), ("high", date(2026, 8, 31))):
        Review.objects.create(
            customer=customer, dimension="value", kind="feedback", from_key=key, said="不对", created_at=noon(day)
        )
    Review.objects.create(
        customer=customer, dimension="value", kind="demotion", from_key="high", created_at=noon(TODAY)
    )
    assert figures("feedback") == {"high": 2, "low": 0, "regular": 1}


def test_a_person_counts_only_the_customers_they_may_see(people):
    mine = make_standing(("high", LONG_AGO), owner=people.alice)
    make_standing(("high", LONG_AGO), ("regular", SEPTEMBER), owner=people.charlie)
    set_by_hand(mine, ("high", "low"), OCTOBER, people.charlie)
    happens(mine, "order.placed", OCTOBER, 100)

    sizes = {
        name: (card(user=getattr(people, name)).size, card(user=getattr(people, name)).everyone.orders)
        for name in ("alice", "bob", "charlie", "carol", "ada")
    }
    assert sizes == {"alice": (1, 1), "bob": (1, 1), "charlie": (1, 0), "carol": (1, 0), "ada": (2, 1)}
    assert card(user=people.charlie).get("high").overridden.customers == 0
    assert card(user=people.charlie).get("high").left == 1
    assert card(user=people.bob).get("high").overridden.customers == 1
    people.ada.is_active = False
    assert card(user=people.ada).size == 0


def test_the_fact_that_most_customers_lack_is_named_where_many_are_not_decided():
    for _ in range(3):
        customer = make_standing(("regular", LONG_AGO))
        Placement.objects.filter(customer=customer, dimension="value").update(undetermined=True)
    bought = make_customer()
    make_event(bought, "order.placed", TODAY - timedelta(days=45), amount=500)
    found = card()
    assert (found.undetermined, found.size) == (3, 4)
    # Revenue of the last 30 days is nothing to all four, the last order is known of one.
    assert found.missing == Missing(Text("近 30 天成交额", "Revenue in the last 30 days"), 4)


def test_all_dimensions_are_counted_by_the_same_rules(people, django_assert_max_num_queries):
    customer = make_standing(("high", LONG_AGO), owner=people.alice)
    make_standing(("close", LONG_AGO), dimension="care")
    set_by_hand(customer, ("high", "regular"), OCTOBER, people.alice)
    rules = rulebook()
    with django_assert_max_num_queries(26):
        found = [scorecard_by(people.ada, rules, dimension, PERIOD) for dimension in ("value", "care")]
    assert [(c.dimension, c.size) for c in found] == [("value", 2), ("care", 2)]
    assert found[0] == card(user=people.ada)


def test_a_past_written_by_the_program_itself_gives_the_same_figures(people, settings):
    settings.ZHIKE_NOW = NOW - timedelta(days=120)
    steady, fading = make_customer(owner=people.alice), make_customer(owner=people.alice)
    make_event(steady, "order.placed", amount=1500)
    make_event(fading, "order.placed", amount=1500)
    for ago, buys in ((95, True), (90, False), (70, True), (40, False), (10, False), (0, False)):
        settings.ZHIKE_NOW = NOW - timedelta(days=ago)
        place_due()
        if buys:
            make_event(steady, "order.placed", amount=1500)

    found = card(Period.until(TODAY, 90))
    # Ninety days ago the second order still held the one up; the other had fallen to regular, and to low since.
    assert {score.key: score.start for score in found.classes} == {"high": 1, "low": 0, "regular": 1}
    assert {score.key: score.size for score in found.classes} == {"high": 0, "low": 2, "regular": 0}
    assert (found.get("high").outcome.buyers, found.everyone.revenue) == (1, 1500)
