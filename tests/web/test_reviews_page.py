"""The queue of what waits for a person, and deciding it one by one or together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.classification.deciding import NOW, TODAY, pack
from tests.factories import make_customer, make_event
from tests.scenes import rules_in_force
from zhike.classification.models import Notification, Override, Placement, Review, Scheme

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def rules(db, settings):
    from zhike.accounts.actions import set_company

    settings.ZHIKE_NOW = NOW
    set_company(by=None, name="清源水科技", timezone="Asia/Shanghai", currency="CNY")
    rules_in_force(pack(mode="suggest"))


@pytest.fixture
def by_itself(rules):
    """From here on the rules apply by themselves."""

    rules_in_force(pack())


def suggestion(owner, name="甲"):
    customer = make_customer(name, owner=owner)
    make_event(customer, "order.placed", TODAY, amount=150_000)
    return Review.objects.get(customer=customer)


def later(settings, days):
    from zhike.classification.actions.warnings import raise_warnings
    from zhike.classification.due import place_due

    settings.ZHIKE_NOW = NOW + timedelta(days=days)
    place_due()
    raise_warnings()


def feedback(customer, by, said="上月刚签了框架协议"):
    from zhike.classification.actions.reviews import report_wrong

    return report_wrong(customer=customer, dimension="value", said=said, by=by)


def override(customer, by, days, class_key="high"):
    from zhike.classification.actions.overrides import override_class

    until = TODAY + timedelta(days=days)
    return override_class(
        customer=customer, dimension="value", class_key=class_key, reason="战略客户", by=by, expires_on=until
    )


def items(response):
    return [(item.customer.name, item.kind, item.evidence) for item in response.context["items"]]


def value(customer):
    return Placement.objects.get(customer=customer, dimension="value").class_key


def test_a_suggestion_shows_old_new_and_what_decided(alice, people):
    item = suggestion(people.alice)
    response = alice.get("/reviews/")
    assert items(response) == [("甲", "建议改判", "近 30 天成交额 ¥1,500")]
    (row,) = response.context["items"]
    assert (row.before.label, row.after.label, row.after.style) == ("普通", "高", "pending")
    assert (row.accepting, row.keeping) == ("改为高", "人工指定为普通，90 天")
    assert 'id="review-count">1<' in response.text
    assert f'action="/reviews/{item.pk}/?"' in response.text


def test_a_demotion_shows_what_it_no_longer_reaches(alice, people, by_itself, settings):
    customer = make_customer("甲", owner=people.alice)
    make_event(customer, "order.placed", TODAY, amount=150_000)
    later(settings, 30)
    response = alice.get("/reviews/")
    assert items(response) == [("甲", "已降级", "近 30 天成交额 ¥0")]
    (row,) = response.context["items"]
    assert (row.before.label, row.after.label, row.after.style) == ("高", "普通", "")


@pytest.mark.parametrize(
    ("days", "words"), [(25, "5 天后将变为普通，除非有新订单"), (29, "明天将变为普通，除非有新订单")]
)
def test_a_warning_says_when_and_what_would_prevent_it(alice, people, by_itself, settings, days, words):
    customer = make_customer("甲", owner=people.alice)
    make_event(customer, "order.placed", TODAY, amount=150_000)
    later(settings, days)
    assert items(alice.get("/reviews/")) == [("甲", "将要降级", words)]


def test_an_override_about_to_end_says_who_why_and_until_when(alice, people, by_itself, settings):
    customer = make_customer("甲", owner=people.alice)
    override(customer, people.bob, 8)
    later(settings, 1)
    assert items(alice.get("/reviews/?kind=expiring")) == [
        ("甲", "人工指定将到期", "Bob 昨天指定：战略客户，11-28 周六到期")
    ]


def test_what_was_found_wrong_says_by_whom_and_goes_to_the_owner_of_the_rules(alice, people, by_itself, signed_in):
    customer = make_customer("甲", owner=people.alice)
    item = feedback(customer, people.alice)
    assert items(alice.get("/reviews/")) == []
    assert items(signed_in(people.ada).get("/reviews/")) == [("甲", "判得不准", "Alice：上月刚签了框架协议")]

    Scheme.objects.filter(dimension="value").update(owner=people.bob)
    bob = signed_in(people.bob)
    assert items(bob.get("/reviews/")) == [("甲", "判得不准", "Alice：上月刚签了框架协议")]
    assert bob.post(f"/reviews/{item.pk}/", {"verdict": "keep"}, headers=HTMX).status_code == 422
    response = bob.post(f"/reviews/{item.pk}/", {"verdict": "keep", "answer": "框架协议不是订单"}, headers=HTMX)
    assert "已答复：甲的价值" in response.text
    assert Notification.objects.get(kind="answered").text == "框架协议不是订单"


def test_accepting_by_a_plain_form_leads_back_to_the_queue_as_it_was(alice, people):
    item = suggestion(people.alice)
    response = alice.post(f"/reviews/{item.pk}/?kind=suggestion&at=x", {"verdict": "accept"})
    assert (response.status_code, response["Location"]) == (302, "/reviews/?kind=suggestion")
    assert value(item.customer) == "high"
    assert "甲的价值改为高" in alice.get("/reviews/").text


def test_keeping_makes_an_override_and_says_until_when(alice, people):
    item = suggestion(people.alice)
    response = alice.post(f"/reviews/{item.pk}/?back=home", {"verdict": "keep"}, follow=True)
    assert response.redirect_chain == [("/", 302)]
    assert "甲的价值保持普通，到 2027-02-18" in response.text
    assert value(item.customer) == "regular"
    assert Override.objects.get().by == people.alice


def test_htmx_takes_the_row_away_and_counts_again(alice, people):
    item = suggestion(people.alice)
    suggestion(people.alice, "乙")
    response = alice.post(f"/reviews/{item.pk}/", {"verdict": "accept"}, headers=HTMX)
    assert response.status_code == 200
    assert "甲的价值改为高" in response.text
    assert '<span class="zk-count" id="review-count" hx-swap-oob="true">1</span>' in response.text
    assert "data-row" not in response.text


def test_whoever_is_late_is_told_who_was_faster(alice, people, signed_in):
    item = suggestion(people.alice)
    signed_in(people.bob).post(f"/reviews/{item.pk}/", {"verdict": "accept"})
    response = alice.post(f"/reviews/{item.pk}/", {"verdict": "keep"}, headers=HTMX)
    assert response.status_code == 409
    assert "Bob已经处理过这一项：接受" in response.text
    response = alice.post(f"/reviews/{item.pk}/", {"verdict": "keep"}, follow=True)
    assert "Bob已经处理过这一项：接受" in response.text
    assert not Override.objects.exists()


@pytest.mark.parametrize("given", [{}, {"verdict": "maybe"}, {"verdict": "keep", "answer": "很" * 501}])
def test_what_is_no_verdict_is_refused(alice, people, given):
    item = suggestion(people.alice)
    assert alice.post(f"/reviews/{item.pk}/", given).status_code == 422
    item.refresh_from_db()
    assert item.state == "open"


def test_many_are_decided_together(alice, people, signed_in):
    ids = [suggestion(people.alice, name).pk for name in ("甲", "乙", "丙")]
    signed_in(people.bob).post(f"/reviews/{ids[0]}/", {"verdict": "accept"})
    response = alice.post("/reviews/decide/?kind=suggestion", {"verdict": "keep", "review": ids[1:]}, follow=True)
    assert response.redirect_chain == [("/reviews/?kind=suggestion", 302)]
    assert "保持了 2 项" in response.text
    assert sorted(Override.objects.values_list("customer__name", flat=True)) == ["丙", "乙"]


def test_many_by_htmx_draw_the_queue_again(alice, people):
    ids = [suggestion(people.alice, name).pk for name in ("甲", "乙", "丙")]
    response = alice.post("/reviews/decide/", {"verdict": "accept", "review": ids[:2]}, headers=HTMX)
    assert response.text.strip().startswith('<div class="zk-list zk-queue" id="queue">')
    assert items(response) == [("丙", "建议改判", "近 30 天成交额 ¥1,500")]
    assert "接受了 2 项" in response.text


def test_one_that_left_meanwhile_does_not_stop_the_others(alice, people, monkeypatch):
    ids = [suggestion(people.alice, name).pk for name in ("甲", "乙")]
    from zhike.web.reviews import views

    decide = views.decide_reviews

    def late(**given):
        Review.objects.filter(pk=ids[0]).update(state="obsolete")
        return decide(**given)

    monkeypatch.setattr(views, "decide_reviews", late)
    page = alice.post("/reviews/decide/", {"verdict": "accept", "review": ids}, follow=True).text
    assert "接受了 1 项" in page
    assert "另有 1 项已经有人处理" in page


@pytest.mark.parametrize("picked", [[], ["x"], [999_999]])
def test_nothing_picked_is_said(alice, people, picked):
    suggestion(people.alice)
    assert alice.post("/reviews/decide/", {"verdict": "accept", "review": picked}).status_code == 422


def test_feedback_is_never_answered_in_a_heap(people, rules, signed_in):
    item = feedback(make_customer(owner=people.alice), people.alice)
    response = signed_in(people.ada).post("/reviews/decide/", {"verdict": "accept", "review": [item.pk]})
    assert response.status_code == 422
    item.refresh_from_db()
    assert item.state == "open"


def test_a_stranger_sees_and_decides_nothing(people, rules, signed_in):
    item = suggestion(people.alice)
    charlie = signed_in(people.charlie)
    assert items(charlie.get("/reviews/")) == []
    assert charlie.post(f"/reviews/{item.pk}/", {"verdict": "accept"}).status_code == 404
    assert charlie.post("/reviews/decide/", {"verdict": "accept", "review": [item.pk]}).status_code == 422
    assert value(item.customer) == "regular"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["甲", "乙"]),
        ("kind=suggestion", ["甲", "乙"]),
        ("kind=warning", []),
        ("dimension=care", []),
        ("class=value.high", ["甲", "乙"]),
        ("class=value.low", []),
    ],
)
def test_the_filter_keeps_what_matches(alice, people, query, expected):
    for name in expected or ["甲"]:
        suggestion(people.alice, name)
    assert sorted(name for name, *_ in items(alice.get(f"/reviews/?{query}"))) == sorted(expected)


def test_a_manager_looks_at_the_team_or_one_of_it(people, rules, signed_in):
    suggestion(people.alice, "甲")
    suggestion(people.bob, "乙")
    bob = signed_in(people.bob)
    assert [name for name, *_ in items(bob.get("/reviews/"))] == ["乙"]
    assert sorted(name for name, *_ in items(bob.get("/reviews/?owner=all"))) == ["乙", "甲"]
    assert [name for name, *_ in items(bob.get(f"/reviews/?owner={people.alice.pk}"))] == ["甲"]
    assert bob.get(f"/reviews/?owner={people.charlie.pk}").status_code == 400


@pytest.mark.parametrize("query", ["kind=sugestion", "dimension=x", "class=high", "owner=all", "at=nonsense"])
def test_what_cannot_be_read_is_refused_in_words(alice, query):
    assert alice.get(f"/reviews/?{query}").status_code == (200 if query == "owner=all" else 400)


def test_an_empty_queue_says_so_and_where_there_is_more(alice, people, signed_in):
    assert "没有要复核的类别变化" in alice.get("/reviews/").text
    assert "这样筛选没有待复核的" in alice.get("/reviews/?kind=warning").text
    suggestion(people.alice)
    assert "别人名下还有 1 项" in signed_in(people.bob).get("/reviews/").text


def test_pages_show_every_item_once_there_and_back(alice, people, settings, monkeypatch):
    monkeypatch.setattr("zhike.web.reviews.views.PAGE_SIZE", 2)
    for minute in range(5):
        settings.ZHIKE_NOW = datetime(2026, 11, 20, 2, minute, tzinfo=UTC)
        suggestion(people.alice, f"客户{minute}")
    response = alice.get("/reviews/")
    pages = [[name for name, *_ in items(response)]]
    while response.context["page"].next:
        response = alice.get("/reviews/" + response.context["next_page"])
        pages.append([name for name, *_ in items(response)])
    assert pages == [["客户4", "客户3"], ["客户2", "客户1"], ["客户0"]]
    response = alice.get("/reviews/" + response.context["previous_page"])
    assert [name for name, *_ in items(response)] == ["客户2", "客户1"]


def test_a_dimension_out_of_force_is_not_asked_about(alice, people):
    item = suggestion(people.alice)
    Scheme.objects.filter(dimension="value").update(current=None)
    assert items(alice.get("/reviews/")) == []
    assert alice.post(f"/reviews/{item.pk}/", {"verdict": "accept"}).status_code == 404


def test_the_number_of_queries_is_exact_and_does_not_grow(
    people, rules, signed_in, settings, django_assert_num_queries
):
    from zhike.classification.actions.warnings import raise_warnings

    Scheme.objects.filter(dimension="value").update(owner=people.alice)
    alice = signed_in(people.alice)
    for names in (["甲"], ["乙", "丙", "丁"]):
        for number, name in enumerate(names):
            settings.ZHIKE_NOW = NOW
            suggestion(people.alice, f"{name}建议")
            held = make_customer(f"{name}指定", owner=people.alice)
            override(held, people.alice, 6, "low")
            feedback(held, people.alice)
            Review.objects.create(
                customer=make_customer(f"{name}提醒", owner=people.alice),
                dimension="value",
                kind="warning",
                from_key="regular",
                to_key="low",
                due_on=TODAY + timedelta(days=number),
                created_at=NOW,
            )
        raise_warnings()
        alice.get("/reviews/")
        with django_assert_num_queries(QUERIES):
            response = alice.get("/reviews/")
    assert len(response.context["items"]) == 16


# Session, user, what the person reaches, company; rules (3); the page, its placements, overrides and histories; and the shell:
# customers, items, unread, team.
QUERIES = 18


@pytest.mark.parametrize(
    ("path", "method"), [("/reviews/", "post"), ("/reviews/1/", "get"), ("/reviews/decide/", "get")]
)
def test_it_rejects_the_other_method(alice, path, method):
    assert getattr(alice, method)(path).status_code == 405


def test_an_item_is_not_changed_by_a_broken_class(alice, people):
    """The class that stood is no more: keeping it is refused in words."""
    item = suggestion(people.alice)
    Review.objects.filter(pk=item.pk).update(from_key="gone")
    assert alice.post(f"/reviews/{item.pk}/", {"verdict": "keep"}, headers=HTMX).status_code == 422
    page = alice.post("/reviews/decide/", {"verdict": "keep", "review": [item.pk]}, follow=True)
    assert "没有这个类别，规则可能刚改过" in page.text
    item.refresh_from_db()
    assert item.state == "open"
    assert "gone" in alice.get("/reviews/").text
