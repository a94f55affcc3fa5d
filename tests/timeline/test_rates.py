"""Amounts in other currencies: by the rate of their day, and never changed unseen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_customer, make_event, make_people
from zhike.accounts.actions import set_company
from zhike.base.currencies import codes, name_of
from zhike.base.errors import Conflict, Forbidden
from zhike.base.inputs import Invalid
from zhike.core.money import converted, format_money, minor_digits
from zhike.timeline.amounts import restate, restated, set_rate
from zhike.timeline.models import Event, ExchangeRate

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company():
    set_company(by=None, name="清源", timezone="Asia/Shanghai", currency="CNY")


def test_every_currency_has_the_digits_of_iso_4217():
    from moneyed import get_currency

    found = {code: minor_digits(code) for code in codes()}
    assert found == {code: len(str(get_currency(code).sub_unit)) - 1 for code in codes()}
    assert {"CNY", "USD", "JPY", "KWD", "XOF"} <= codes()
    assert codes().isdisjoint({"XXX", "XAU", "XTS", "DEM"})
    assert (name_of("USD", "zh"), name_of("USD", "en")) == ("美元", "US Dollar")


@pytest.mark.parametrize(
    ("day", "base"), [(date(2026, 1, 1), 7000), (date(2026, 2, 28), 7000), (date(2026, 3, 1), 7250)]
)
def test_the_rate_is_that_of_the_latest_day_on_or_before(day, base):
    set_rate(currency="USD", from_day=date(2026, 1, 1), rate="7", by=None)
    set_rate(currency="USD", from_day=date(2026, 3, 1), rate="7.25", by=None)

    event = make_event(make_customer(), "order.placed", day, amount=1000, currency="usd")

    assert (event.amount, event.currency, event.base_amount) == (1000, "USD", base)


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2025, 1, 1)])
def test_without_a_rate_the_sentence_names_day_currency_and_page(day):
    set_rate(currency="USD", from_day=date(2026, 1, 1), rate="7", by=None)
    customer = make_customer()

    with pytest.raises(Invalid) as caught:
        make_event(customer, "order.placed", day, amount=1000, currency="USD")

    text = f"没有 USD 在 {day.isoformat()} 的汇率，先到「设置 → 汇率」添加这一天或更早的"
    assert (caught.value.zh, caught.value.path) == (text, "currency")
    assert not Event.objects.filter(kind="order.placed").exists()


def test_digits_of_both_currencies_count():
    set_rate(currency="JPY", from_day=date(2026, 1, 1), rate="0.048", by=None)
    set_rate(currency="KWD", from_day=date(2026, 1, 1), rate="23.5", by=None)
    customer = make_customer()

    yen = make_event(customer, "order.placed", date(2026, 2, 1), amount=1000, currency="JPY")
    dinar = make_event(customer, "order.placed", date(2026, 2, 1), amount=1234, currency="KWD")

    assert (yen.base_amount, dinar.base_amount) == (4800, 2900)
    assert (format_money(1000, "JPY"), format_money(1234, "KWD")) == ("JP¥1,000", "KWD 1.234")


@given(st.integers(0, 10**12), st.decimals(Decimal("0.0001"), Decimal(10_000), places=8))
def test_an_amount_is_turned_exactly_and_halves_go_up(minor, rate):
    found = converted(minor, rate, "USD", "CNY")
    assert abs(found - minor * rate) <= Decimal("0.5")
    assert found - minor * rate > Decimal("-0.5") or minor * rate % 1 == Decimal("0.5")


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"currency": "XXX"}, "currency"),
        ({"currency": "usdollar"}, "currency"),
        ({"currency": "CNY"}, "currency"),
        ({"rate": "0"}, "rate"),
        ({"rate": "-1"}, "rate"),
        ({"rate": "NaN"}, "rate"),
        ({"rate": "seven"}, "rate"),
        ({"rate": "1e30"}, "rate"),
        ({"from_day": date(1800, 1, 1)}, "day"),
    ],
)
def test_a_rate_that_means_nothing_is_refused(given, path):
    with pytest.raises(Invalid) as caught:
        set_rate(**{"currency": "USD", "from_day": date(2026, 1, 1), "rate": "7", **given}, by=None)

    assert caught.value.path == path
    assert not ExchangeRate.objects.exists()


def test_only_an_administrator_sets_rates():
    people = make_people()

    with pytest.raises(Forbidden):
        set_rate(currency="USD", from_day=date(2026, 1, 1), rate="7", by=people.bob)
    assert set_rate(currency="USD", from_day=date(2026, 1, 1), rate="7", by=people.ada).by == people.ada


def test_a_corrected_rate_changes_no_amount_until_somebody_says_so():
    first = set_rate(currency="USD", from_day=date(2026, 1, 1), rate="7", by=None)
    set_rate(currency="USD", from_day=date(2026, 3, 1), rate="7.5", by=None)
    customer, other = make_customer(), make_customer()
    before = make_event(customer, "order.placed", date(2026, 2, 1), amount=1000, currency="USD", data={"number": "A1"})
    later = make_event(customer, "order.placed", date(2026, 3, 2), amount=1000, currency="USD")
    make_event(other, "order.placed", date(2026, 2, 1), amount=500)

    corrected = set_rate(currency="USD", from_day=date(2026, 1, 1), rate="7.1", by=None)

    assert [Event.objects.get(pk=e.pk).base_amount for e in (before, later)] == [7000, 7500]
    found = restated(corrected)
    assert (found.events, found.customers, found.before, found.after) == (1, 1, 7000, 7100)
    assert restated(first).events == 0
    with pytest.raises(Conflict):
        restate(first, by=None)

    ada = make_people().ada
    restate(corrected, by=ada)

    void = Event.objects.get(voids=before)
    again = Event.objects.get(source="rates", kind="order.placed")
    assert (void.data["reason"], void.actor) == ("USD 2026-01-01 起的汇率改为 7.1", ada)
    assert (again.day, again.amount, again.currency, again.base_amount, again.data) == (
        before.day,
        1000,
        "USD",
        7100,
        {"number": "A1"},
    )
    assert not Event.objects.filter(voids=later).exists()
    assert restated(corrected).events == 0
    assert restate(corrected, by=ada).events == 0
    assert Event.objects.filter(kind="order.placed", customer=customer).count() == 3


def test_classes_follow_the_restated_amounts():
    from tests.classification.deciding import TODAY, classes, pack, placement
    from zhike.classification.actions.packs import install_pack

    del TODAY
    install_pack(pack=pack(), by=None)  # high: 10.00 in 30 days
    from tests.factories import SHANGHAI
    from zhike.base.clock import today

    set_rate(currency="USD", from_day=date(2026, 1, 1), rate="1", by=None)
    customer = make_customer()
    make_event(customer, "order.placed", today(SHANGHAI), amount=500, currency="USD")
    assert classes(customer)["value"] == "regular"

    restate(set_rate(currency="USD", from_day=date(2026, 1, 1), rate="7", by=None), by=None)

    assert classes(customer)["value"] == "high"
    moved = Event.objects.filter(kind="class.changed", customer=customer, data__dimension="value").latest("pk")
    assert moved.data["recomputed"] == "rates"
    assert placement(customer).class_key == "high"


def test_a_rate_that_touches_many_works_in_the_background_and_comes_to_the_same(monkeypatch, client):
    from zhike.jobs.actions.running import run_job
    from zhike.jobs.models import Job
    from zhike.web.rates import kinds, views

    ada = make_people().ada
    set_rate(currency="USD", from_day=date(2026, 1, 1), rate="7", by=None)
    for number in range(5):
        make_event(make_customer(f"c{number}"), "order.placed", date(2026, 2, 1), amount=1000, currency="USD")
    rate = set_rate(currency="USD", from_day=date(2026, 1, 1), rate="8", by=None)
    monkeypatch.setattr(views, "AT_ONCE", 2)
    monkeypatch.setattr(kinds.Restate, "at_once", 2)
    monkeypatch.setattr(kinds, "CHUNK", 2)
    client.force_login(ada)
    answer = client.post(f"/settings/rates/{rate.pk}/")
    job = Job.objects.get()
    assert (answer["Location"], job.state, job.total) == (f"/jobs/{job.pk}/", "queued", 5)
    assert restated(rate).events == 5

    run_job(job.pk)

    job.refresh_from_db()
    assert (job.state, job.done, job.changed, restated(rate).events) == ("done", 5, 5, 0)
    assert Event.objects.filter(kind="event.voided").count() == 5
    assert set(Event.objects.filter(kind="order.placed", key__contains=":").values_list("base_amount", flat=True)) == {
        8000
    }
    run_job(job.pk)
    assert Event.objects.filter(kind="event.voided").count() == 5
