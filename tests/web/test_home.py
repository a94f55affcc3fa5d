from __future__ import annotations

from datetime import timedelta

import pytest
from django.test.utils import CaptureQueriesContext

from tests.factories import SHANGHAI, make_customer, make_event


@pytest.fixture
def today():
    from zhike.base.clock import today

    return today(SHANGHAI)


def tasks(response) -> dict[str, list[str]]:
    return {group.key: [line.customer.name for line in group.tasks] for group in response.context["work"].groups}


def test_a_planned_day_decides_and_says_so(alice, people, rules, today):
    for name, days in [("甲", -2), ("乙", 0), ("丙", 5), ("丁", 30)]:
        make_customer(name, owner=people.alice, next_contact_on=today + timedelta(days=days))
    response = alice.get("/")
    assert tasks(response) == {"overdue": ["甲"], "today": ["乙"]}
    assert "约好联系：" in response.text
    assert "逾期 2 天" in response.text
    assert "明天 0 项 · 7 天内 1 项" in response.text
    assert tasks(alice.get("/?more=coming"))["coming"] == ["丙"]


def test_the_cadence_of_the_class_decides_without_a_plan(alice, rules, hotel, today):
    make_event(hotel, "order.placed", today - timedelta(days=100), amount=100)  # no new customer any more
    make_event(hotel, "call.made", today - timedelta(days=16))
    response = alice.get("/")
    (task,) = response.context["work"].groups[0].tasks
    assert (task.class_label, task.cadence, task.silent_days, task.overdue_days) == ("高价值", 14, 16, 2)
    assert "高价值：每 14 天联系一次，已 16 天" in response.text


def test_someone_never_contacted_counts_from_the_first_day(alice, people, rules, today):
    make_customer("新客", owner=people.alice, created_on=today - timedelta(days=20))
    assert "建档 20 天还没联系过" in alice.get("/").text


def test_class_changes_show_old_new_and_evidence(alice, hotel):
    response = alice.get("/home/wake/")
    changes = {(c.dimension, c.before.label, c.after.label) for c in response.context["changes"]}
    assert ("value", "普通", "高价值") in changes
    assert "近 365 天成交额 ¥240,000" in response.text


def figures(client, query: str = "") -> dict[str, str]:
    return {figure.label: figure.value for figure in client.get(f"/figures/{query}").context["figures"]}


def test_figures_count_what_the_person_may_see(people, rules, hotel, signed_in, today):
    make_event(make_customer("主管的客户", owner=people.bob), "payment.received", today, amount=1_000_00)
    assert figures(signed_in(people.charlie))["本月回款"] == "0"
    assert figures(signed_in(people.bob))["本月回款"] == "¥1,000"
    assert figures(signed_in(people.alice))["本月回款"] == "0"
    assert figures(signed_in(people.ada))["本月回款"] == "¥1,000"


def test_the_page_asks_for_the_figures_of_what_it_shows(people, rules, hotel, signed_in):
    make_customer("主管的客户", owner=people.bob)
    bob = signed_in(people.bob)
    assert 'hx-get="/figures/"' in bob.get("/").text
    assert 'hx-get="/figures/?of=all"' in bob.get("/?of=all").text
    part = bob.get("/figures/", headers={"HX-Request": "true", "HX-Request-Type": "partial"}).text
    assert part.lstrip().startswith('<section class="card mb-3"')


def test_a_quiet_week_offers_the_list(alice):
    page = alice.get("/").text
    assert "这 7 天没有要做的事" in page
    assert "近 7 天没有客户换类别" in alice.get("/home/wake/").text


def test_others_customers_are_not_shown(people, hotel, rules, signed_in):
    assert "梧桐里" not in signed_in(people.charlie).get("/").text


def test_a_manager_with_customers_sees_their_own_first(people, hotel, rules, signed_in, today):
    make_customer("主管的客户", owner=people.bob, next_contact_on=today)
    type(hotel).objects.filter(pk=hotel.pk).update(next_contact_on=today + timedelta(days=2))
    bob = signed_in(people.bob)
    assert "梧桐里" not in bob.get("/?more=coming").text
    assert "梧桐里" in bob.get("/?of=all&more=coming").text


@pytest.mark.parametrize("path", ["/", "/figures/", "/home/rising/", "/home/wake/"])
def test_the_number_of_queries_does_not_grow(alice, people, hotel, today, django_assert_num_queries, path):
    from django.db import connection

    first = make_customer("甲", owner=people.alice, next_contact_on=today)
    make_event(first, "order.placed", amount=30_000_000)
    with CaptureQueriesContext(connection) as few:
        alice.get(path)
    for number in range(6):
        customer = make_customer(f"客户{number}", owner=people.alice, next_contact_on=today)
        make_event(customer, "order.placed", amount=30_000_000)
    with django_assert_num_queries(len(few)):
        alice.get(path)


def fallen(owner, name="甲"):
    """Put a demotion of a customer before their owner."""
    from zhike.base.clock import now
    from zhike.classification.models import Review

    return Review.objects.create(
        customer=make_customer(name, owner=owner),
        dimension="activity",
        kind="demotion",
        from_key="active",
        to_key="dormant",
        created_at=now(),
    )


def test_what_waits_for_oneself_is_beside_it_and_decided_there(alice, people, rules):
    items = [fallen(people.alice, f"客户{number}") for number in range(6)]
    fallen(people.bob, "别人的")
    assert 'hx-get="/home/reviews/"' in alice.get("/").text
    response = alice.get("/home/reviews/")
    assert [item.customer.name for item in response.context["reviews"]] == ["客户5", "客户4", "客户3", "客户2"]
    assert "6 项" in response.text
    assert "别人的" not in response.text
    assert f'action="/reviews/{items[5].pk}/?back=home"' in response.text


def test_nothing_to_review_is_said(alice):
    assert "没有要复核的类别变化" in alice.get("/home/reviews/").text


def test_new_rules_stay_above_everything_until_they_are_confirmed(alice, people, rules):
    from zhike.base.clock import now
    from zhike.classification.models import Acknowledgement, Publication, Scheme

    publication = Publication.objects.create(state="done", created_at=now(), starts_at=now(), note="看近一年")
    publication.versions.set([Scheme.objects.get(dimension="value").current])
    asked = Acknowledgement.objects.create(publication=publication, user=people.alice, customers=12)
    page = alice.get("/").text
    assert "新标准：客户价值 v1" in page
    assert "动了你 12 位客户" in page
    assert "看近一年" in page

    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    assert "记下了：你已知道这次规则变化" in alice.post(f"/acknowledgements/{asked.pk}/", headers=headers).text
    asked.refresh_from_db()
    first = asked.confirmed_at
    assert "新标准" not in alice.get("/").text
    assert alice.post(f"/acknowledgements/{asked.pk}/").status_code == 302
    asked.refresh_from_db()
    assert asked.confirmed_at == first


def test_nobody_confirms_for_another(people, rules, signed_in):
    from zhike.base.clock import now
    from zhike.classification.models import Acknowledgement, Publication

    publication = Publication.objects.create(state="done", created_at=now(), starts_at=now())
    asked = Acknowledgement.objects.create(publication=publication, user=people.alice, customers=12)
    for who in (people.ada, people.bob):
        assert "新标准" not in signed_in(who).get("/").text
        assert signed_in(who).post(f"/acknowledgements/{asked.pk}/").status_code == 404
    asked.refresh_from_db()
    assert asked.confirmed_at is None


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/figures/",
        "/home/rising/",
        "/home/wake/",
        "/home/reviews/",
        "/home/team/",
        "/home/company/",
        "/home/changed/",
    ],
)
def test_it_rejects_post(alice, path):
    assert alice.post(path).status_code == 405
