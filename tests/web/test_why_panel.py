"""Why a customer has a class, and what people do about it from there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import SHANGHAI, make_customer, make_event
from zhike.classification.models import Notification, Override, Placement, Review, Scheme

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
GIVEN = {"class_key": "value.regular", "reason": "一次性采购", "until": "usual", "seen": ""}


@pytest.fixture
def today():
    from zhike.base.clock import today

    return today(SHANGHAI)


@pytest.fixture
def why(hotel):
    return f"/customers/{hotel.pk}/why/value/"


@pytest.fixture
def suggesting(people, rules):
    """The dimension `value` only suggests from now on."""
    from zhike.classification.actions.packs import install_pack
    from zhike.packs import load_data

    def change(**value: object) -> None:
        data = load_data("general")
        for dimension in data["dimensions"]:
            if dimension["key"] == "value":
                dimension.update(value or {"mode": "suggest"})
        install_pack(pack=data, by=None)

    return change


def placed(customer):
    return Placement.objects.get(customer=customer, dimension="value")


def held(customer, **where):
    return Override.objects.get(customer=customer, ended_at=None, **where)


def override(customer, by, class_key="regular", **given):
    from zhike.classification.actions.overrides import override_class

    return override_class(
        customer=customer, dimension="value", class_key=class_key, reason="一次性采购", by=by, **given
    )


def test_a_class_is_set_by_hand_with_a_reason_and_falls_back_in_words(alice, hotel, why, today):
    response = alice.post(f"{why}override/", GIVEN, follow=True)

    assert response.redirect_chain == [(f"/customers/{hotel.pk}/", 302)]
    until = today + timedelta(days=90)
    assert f"客户价值已指定为普通，到 {until.isoformat()}" in response.text
    assert (placed(hotel).class_key, placed(hotel).source) == ("regular", "person")
    assert (held(hotel).reason, held(hotel).expires_on, held(hotel).by.name) == ("一次性采购", until, "Alice")

    page = alice.get(why).text
    assert "客户价值：为什么是普通？" in page
    assert "Alice 今天指定" in page
    assert "一次性采购" in page
    assert f"{until.isoformat()} 到期，还有 90 天" in page
    assert "规则现在会判为" in page
    assert "≥ ¥200,000" in page
    assert "¥240,000" in page
    assert "高价值" in page


@pytest.mark.parametrize(("until", "days"), [("30", 30), ("usual", 90), ("365", 365), ("date", 17), ("never", None)])
def test_it_holds_for_as_long_as_was_said(alice, hotel, why, today, until, days):
    day = (today + timedelta(days=17)).isoformat()
    assert alice.post(f"{why}override/", {**GIVEN, "until": until, "expires_on": day}).status_code == 302
    assert held(hotel).expires_on == (today + timedelta(days=days) if days else None)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"class_key": ""}, "选一个类别。"),
        ({"class_key": "intent.hot"}, "选择一个有效的选项"),
        ({"reason": " "}, "写一句理由，别人看到才明白。"),
        ({"until": "date"}, "选一个到期日，或者选别的有效期。"),
        ({"until": "date", "expires_on": "明天"}, "日期写成 2026-12-01 这样。"),
        ({"until": "date", "expires_on": "2020-01-01"}, "到期日要在今天之后"),
        ({"until": "soon"}, "选择一个有效的选项"),
        ({"seen": "x"}, ""),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_changes(alice, hotel, why, wrong, words):
    for headers in ({}, HTMX):
        response = alice.post(f"{why}override/", GIVEN | wrong, headers=headers)
        assert response.status_code == 422
        assert words in response.text
        assert 'aria-label="人工指定"' in response.text
    assert not Override.objects.exists()


def test_htmx_gets_the_form_in_the_panel_and_then_the_record_with_a_toast(alice, hotel, why):
    panel = alice.get(f"{why}override/", headers=HTMX).text.strip()
    assert panel.startswith('<div class="popover zk-why" data-panel')
    assert f'hx-post="{why}override/"' in panel

    response = alice.post(f"{why}override/", GIVEN, headers=HTMX)
    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#record", "outerHTML")
    assert response.text.strip().startswith('<div id="record">')
    assert "客户价值已指定为普通" in response.text
    assert 'aria-label="客户价值：普通，人工指定，看依据"' in response.text


def test_without_htmx_the_form_is_a_page_without_htmx(alice, why):
    page = alice.get(f"{why}override/").text
    assert "<main" in page
    assert f'action="{why}override/"' in page
    assert "hx-post" not in page.partition("<main")[2]


def test_the_usual_length_is_the_dimensions_own(alice, hotel, why, suggesting):
    suggesting(override_days=10)
    page = alice.get(f"{why}override/").context["override_form"]
    assert page.fields["until"].choices == [
        ("30", "30 天"),
        ("usual", "10 天"),
        ("365", "365 天"),
        ("date", "到某一天"),
        ("never", "长期"),
    ]


def test_it_is_given_back_and_extended(alice, people, hotel, why, today):
    made = override(hotel, people.alice, expires_on=today + timedelta(days=3))
    page = alice.get(why).text
    assert "撤销指定" in page
    assert "延长" in page

    response = alice.post(f"{why}extend/", {"seen": made.pk}, follow=True)
    assert f"客户价值的人工指定已延长，到 {(today + timedelta(days=90)).isoformat()}" in response.text
    response = alice.post(f"{why}lift/", {"seen": held(hotel).pk}, follow=True)
    assert "客户价值交还规则判定" in response.text
    assert (placed(hotel).class_key, placed(hotel).source) == ("high", "rule")
    assert "撤销指定" not in alice.get(why).text


def test_one_for_ever_is_not_extended(alice, people, hotel, why):
    override(hotel, people.alice, expires_on=None)
    page = alice.get(why).text
    assert "长期有效" in page
    assert "延长" not in page


@pytest.mark.parametrize("act", ["override", "lift", "extend"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_a_colleague_decided_meanwhile_is_shown_before_it_is_undone(alice, people, hotel, why, act, headers):
    mine = override(hotel, people.alice)
    theirs = override(hotel, people.bob, "low")
    response = alice.post(f"{why}{act}/", {**GIVEN, "seen": mine.pk}, headers=headers)
    assert response.status_code == 409
    assert "Bob刚把它指定为低价值（一次性采购），再看一眼" in response.text
    assert held(hotel) == theirs
    assert f'name="seen" value="{theirs.pk}"' in response.text


def test_when_the_rules_agree_it_says_so(alice, people, hotel, why):
    override(hotel, people.alice, "high")
    page = alice.get(why).text
    assert "规则现在也判为高价值" in page
    assert "规则现在会判为" not in page


def test_what_waits_shows_old_and_new_and_can_be_agreed_to(alice, people, hotel, why, suggesting, today):
    suggesting()
    make_event(hotel, "order.refunded", today, amount=10_000_000)
    assert (placed(hotel).class_key, placed(hotel).computed_key) == ("high", "regular")

    page = alice.get(why).text
    assert "客户价值：为什么是高价值？" in page
    assert "规则给出了新的类别，等人点头才生效。" in page
    item = Review.objects.get()
    response = alice.post(f"/reviews/{item.pk}/?back=customer", {"verdict": "accept"})
    assert response["Location"] == f"/customers/{hotel.pk}/"
    assert placed(hotel).class_key == "regular"

    head = alice.get(f"/customers/{hotel.pk}/").text
    assert "客户价值的" not in head
    assert "上海梧桐里酒店管理的客户价值改为普通" in head


def test_a_paused_dimension_says_that_nobody_moves(alice, hotel, why, today):
    Scheme.objects.filter(dimension="value").update(is_paused=True)
    make_event(hotel, "order.refunded", today, amount=10_000_000)
    page = alice.get(why).text
    assert "这个维度的规则暂停了，恢复之前谁也不动。" in page
    assert 'data-key="y"' not in page


def test_a_class_that_must_hold_longer_says_for_how_long(alice, people, why, hotel, suggesting, today):
    from zhike.packs import load_data

    classes = next(d for d in load_data("general")["dimensions"] if d["key"] == "value")["classes"]
    make_event(hotel, "order.placed", today - timedelta(days=80), amount=10_000)
    suggesting(classes=[classes[0] | {"hold_days": 60}, *classes[1:]])
    assert placed(hotel).class_key == "regular"
    page = alice.get(why).text
    assert "客户价值：为什么是普通？" in page
    assert "条件已符合，要连续 60 天才进入" in page
    assert "¥240,100" in page


def test_a_class_found_wrong_reaches_the_owner_of_the_rules(alice, people, hotel, why):
    assert alice.post(f"{why}wrong/", {"said": " "}).status_code == 422
    response = alice.post(f"{why}wrong/", {"said": "上月刚签了框架协议"}, headers=HTMX)
    assert "已告诉规则的负责人，有了答复会通知你" in response.text
    assert Review.objects.get().said == "上月刚签了框架协议"
    assert Notification.objects.get(kind="feedback").user == people.ada
    page = alice.get(why).text
    assert " 反馈判得不准，等答复：上月刚签了框架协议" in page


def test_the_strip_marks_the_days_set_by_hand(alice, people, hotel, why):
    override(hotel, people.bob)
    page = alice.get(why).text
    assert 'class="m"' in page
    assert "Bob指定" in page


@pytest.mark.parametrize("path", ["override/", "wrong/"])
def test_a_stranger_gets_no_form_and_changes_nothing(people, hotel, why, signed_in, path):
    charlie = signed_in(people.charlie)
    assert charlie.get(f"{why}{path}").status_code == 404
    assert charlie.post(f"{why}{path}", {**GIVEN, "said": "不对"}).status_code == 404
    assert not Override.objects.exists()
    assert not Review.objects.exists()


@pytest.mark.parametrize("path", ["lift/", "extend/"])
def test_a_stranger_ends_nothing(people, hotel, why, signed_in, path):
    made = override(hotel, people.alice)
    assert signed_in(people.charlie).post(f"{why}{path}", {"seen": made.pk}).status_code == 404
    assert held(hotel) == made


@pytest.mark.parametrize("path", ["override/", "wrong/", "lift/", "extend/"])
def test_a_dimension_that_does_not_exist_is_404(alice, hotel, path):
    assert alice.post(f"/customers/{hotel.pk}/why/nonsense/{path}", {"seen": "1"}).status_code == 404


@pytest.mark.parametrize("path", ["lift/", "extend/"])
def test_what_only_takes_a_form_rejects_get(alice, why, path):
    assert alice.get(f"{why}{path}").status_code == 405


def test_words_of_people_stay_text(alice, people, why):
    alice.post(f"{why}override/", {**GIVEN, "reason": "<b>很重要</b>"})
    page = alice.get(why).text
    assert "<b>很重要" not in page
    assert "&lt;b&gt;很重要" in page


def test_a_chip_shows_what_waits_in_the_list_too(alice, people, hotel, suggesting, today):
    suggesting()
    make_event(hotel, "order.refunded", today, amount=10_000_000)
    page = alice.get("/customers/")
    (row,) = page.context["rows"]
    first = row.notable[0]
    assert (first.label, first.becomes.label) == ("高价值", "普通")
    assert "客户价值：高价值，建议改为普通，待复核" in page.text
    override(make_customer("乙", owner=people.alice), people.alice, "low")
    assert "客户价值：低价值（人工指定）" in alice.get("/customers/").text
