"""The customer list by a saved view: its condition, what the address says instead, saving, counts."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from django.test.utils import CaptureQueriesContext

from tests.factories import make_customer, make_event

HIGH = {"field": "class.value", "op": "eq", "value": "high"}
IN_TOWN = {"field": "customer.city", "op": "eq", "value": "上海"}
BOTH = {"all": [HIGH, IN_TOWN]}


def names(response) -> list[str]:
    return [row.customer.name for row in response.context["rows"]]


def where(data) -> str:
    return urlencode({"where": json.dumps(data, ensure_ascii=False)})


@pytest.fixture
def view(people, rules, hotel):
    from zhike.classification.actions.views import create_view

    make_customer("北京禾光咖啡", owner=people.alice, city="北京")
    make_customer("上海松果乐园", owner=people.alice, city="上海")
    return create_view(name="沪上高价值", where=BOTH, by=people.alice, reach="team", pinned=True)


def test_a_view_shows_whom_its_condition_finds(alice, view):
    response = alice.get(f"/customers/?view={view.pk}")
    assert names(response) == ["上海梧桐里酒店管理"]
    page = response.text
    assert page.count('class="zk-cond"') == 2
    for seen in ("沪上高价值", "<b>高价值</b>", "<b>上海</b>", "去掉条件：城市", "我的视图"):
        assert seen in page
    for unseen in ("保存更改", "还原", "保存为视图"):
        assert unseen not in page


def test_a_view_runs_with_the_rights_of_who_looks(people, view, signed_in):
    stranger = make_customer("上海别人家", owner=people.charlie, city="上海")
    make_event(stranger, "order.placed", amount=30_000_000)
    assert names(signed_in(people.bob).get(f"/customers/?view={view.pk}")) == ["上海梧桐里酒店管理"]
    assert names(signed_in(people.ada).get(f"/customers/?view={view.pk}")) == ["上海别人家", "上海梧桐里酒店管理"]
    assert signed_in(people.charlie).get(f"/customers/?view={view.pk}").status_code == 404
    assert signed_in(people.charlie).get("/customers/?view=999999").status_code == 404


def test_the_address_says_another_condition_and_offers_to_save_it(alice, view):
    response = alice.get(f"/customers/?view={view.pk}&{where(IN_TOWN)}")
    assert names(response) == ["上海松果乐园", "上海梧桐里酒店管理"]
    for seen in ("保存更改", "还原", "保存为视图"):
        assert seen in response.text


def test_taking_away_a_condition_leads_to_the_list_without_it(alice, view):
    page = alice.get(f"/customers/?view={view.pk}")
    [high, in_town] = page.context["pieces"]
    assert (high.name, high.op, high.value) == ("客户价值", "是", "高价值")
    assert names(alice.get("/customers/" + high.removed)) == ["上海松果乐园", "上海梧桐里酒店管理"]
    assert names(alice.get("/customers/" + in_town.removed)) == ["上海梧桐里酒店管理"]


def test_taking_away_the_last_condition_shows_everybody(alice, view):
    page = alice.get(f"/customers/?view={view.pk}&{where(HIGH)}")
    assert len(names(alice.get("/customers/" + page.context["pieces"][0].removed))) == 3


def test_any_of_several_stands_in_brackets(alice, view):
    data = {"all": [{"any": [HIGH, {**IN_TOWN, "value": "北京"}]}, {"not": IN_TOWN}]}
    response = alice.get(f"/customers/?{where(data)}")
    assert names(response) == ["北京禾光咖啡"]
    assert response.text.count('class="zk-paren"') == 1
    assert [piece.words for piece in response.context["pieces"]] == ["", "并非城市是上海"]


def test_the_quick_filter_narrows_a_view_further(alice, view):
    response = alice.get(f"/customers/?view={view.pk}&{where({'everyone': True})}&class.value=high&city=北京")
    assert names(response) == []
    assert response.context["state"].changed


def test_changes_are_saved_with_the_quick_filter_in_them(alice, view):
    response = alice.post(
        f"/customers/views/{view.pk}/save/?view={view.pk}&{where(HIGH)}&city=上海&sort=-name", {"version": 1}
    )
    assert response["Location"] == f"/customers/?view={view.pk}"
    view.refresh_from_db()
    assert view.where == {"version": 1, "where": BOTH}
    assert (view.sort, view.version) == ("-name", 2)


def test_an_old_page_does_not_overwrite_a_view(alice, view):
    for _ in range(2):
        response = alice.post(f"/customers/views/{view.pk}/save/?view={view.pk}&{where(HIGH)}", {"version": 1})
    assert response.status_code == 409
    assert "Alice 刚改过这个视图" in response.text
    view.refresh_from_db()
    assert view.version == 2


def test_the_present_filter_becomes_a_view(alice, people, hotel):
    from zhike.classification.models import SavedView

    address = f"?class.value=high&city=上海&city=北京&tag=VIP&owner={people.alice.pk}&owner=none&q=wtl&sort=-revenue"
    form = alice.get(f"/customers/views/new/{address}")
    assert "搜索的字不存进视图" in form.text
    key = form.context["once"]["key"].value()
    given = {"name": "VIP", "reach": "mine", "pinned": "on", "key": key}
    assert alice.post(f"/customers/views/new/{address}", given).status_code == 302
    saved = SavedView.objects.get()
    owner = {"field": "customer.owner", "op": "eq", "value": people.alice.email}
    assert saved.where["where"] == {
        "all": [
            HIGH,
            {"field": "customer.city", "op": "in", "value": ["上海", "北京"]},
            {"field": "customer.tags", "op": "has_any", "value": ["VIP"]},
            {"any": [owner, {"field": "customer.owner", "op": "is_not_set"}]},
        ]
    }
    assert (saved.sort, saved.columns) == ("-revenue", [])


@pytest.mark.parametrize(
    ("quick", "kept"),
    [
        ("city=上海", ["上海松果乐园", "上海梧桐里酒店管理"]),
        ("kind=company&class.value=high", ["上海梧桐里酒店管理"]),
        ("tag=VIP", ["上海松果乐园"]),
        ("owner={bob}&owner={alice}", ["北京禾光咖啡", "上海松果乐园", "上海梧桐里酒店管理"]),
        ("owner=none", []),
    ],
)
def test_a_quick_filter_and_the_view_made_of_it_find_the_same(people, view, signed_in, quick, kept):
    from zhike.customers.actions.customers import update_customer
    from zhike.customers.models import Customer
    from zhike.web.customers.conditions import write_where

    update_customer(customer=Customer.objects.get(name="上海松果乐园"), version=1, by=None, tags=["vip"])
    client = signed_in(people.bob)
    address = quick.format(alice=people.alice.pk, bob=people.bob.pk)
    response = client.get(f"/customers/?{address}")
    assert names(response) == kept
    data = response.context["state"].where
    assert names(client.get("/customers/?" + urlencode({"where": write_where(data)}))) == kept


def test_a_view_whose_field_is_gone_says_so_and_shows_what_it_can(alice, view):
    from zhike.classification.models import SavedView

    gone = {"field": "custom.gone", "op": "eq", "value": "x"}
    SavedView.objects.update(where={"version": 1, "where": {"all": [IN_TOWN, gone]}})
    response = alice.get(f"/customers/?view={view.pk}")
    assert names(response) == ["上海松果乐园", "上海梧桐里酒店管理"]
    assert "这个视图有条件读不懂了" in response.text
    assert "custom.gone" in response.text
    bulk = alice.get(f"/customers/override/?view={view.pk}&every=1")
    assert bulk.status_code == 400
    assert "先改好它再对全部客户操作" in bulk.text


def test_all_of_a_view_are_those_that_the_server_finds(alice, view):
    page = alice.get(f"/customers/override/?view={view.pk}&every=1")
    assert page.context["chosen"].size == 1
    assert page.context["back"] == f"?view={view.pk}"


def test_a_past_day_and_a_view_do_not_go_together(alice, view):
    response = alice.get(f"/customers/?view={view.pk}&as_of=2026-05-01")
    assert response.status_code == 400
    assert "看过去某一天先去掉它们" in response.text


def test_a_metric_that_is_not_counted_yet_is_said(alice, people, hotel):
    visits = {"field": "metric.visit_days", "over": {"days": 17}, "op": "gte", "value": 1}
    assert "还没有为每位客户算过" in alice.get(f"/customers/?{where(visits)}").text
    from zhike.classification.actions.views import create_view

    made = create_view(name="来过", where=visits, by=people.alice)
    assert "正在后台补算" in alice.get(f"/customers/?view={made.pk}").text


def test_the_builder_leads_to_the_list_of_its_condition(alice, view):
    response = alice.post("/customers/conditions/?city=北京&sort=-name", {"where": json.dumps(BOTH)})
    assert response.status_code == 302
    assert "city=" not in response["Location"].partition("where=")[0]
    assert names(alice.get(response["Location"])) == ["上海梧桐里酒店管理"]


def test_the_builder_starts_with_all_that_narrows_the_list(alice, view):
    page = alice.get(f"/customers/conditions/?view={view.pk}&city=北京")
    assert page.context["where"] == {"all": [HIGH, IN_TOWN, {**IN_TOWN, "value": "北京"}]}


def test_the_builder_keeps_a_view(alice, hotel):
    from zhike.classification.models import SavedView, ViewPin

    key = alice.get("/customers/conditions/?new=1").context["once"]["key"].value()
    given = {"where": json.dumps(HIGH), "save": "1", "name": "高价值", "reach": "mine", "pinned": "on", "key": key}
    assert alice.post("/customers/conditions/", given).status_code == 302
    assert (SavedView.objects.get().where["where"], ViewPin.objects.count()) == (HIGH, 1)


def test_what_was_built_wrong_stays_and_is_told(alice, hotel):
    from zhike.classification.models import SavedView

    half = {"all": [HIGH, {"field": "customer.city", "op": "eq"}]}
    given = {"where": json.dumps(half), "save": "1", "name": "", "reach": "mine"}
    response = alice.post("/customers/conditions/", given)
    assert response.status_code == 422
    assert response.context["where"] == half
    assert response.context["problem"]
    assert SavedView.objects.count() == 0


def test_a_share_of_customers_gets_its_number_when_it_is_looked_at(alice, hotel):
    best = {"field": "metric.revenue", "over": {"days": 365}, "op": "gte", "value": {"quantile": 0.8}}
    response = alice.post("/customers/conditions/", {"where": json.dumps(best)})
    assert response.status_code == 302
    page = alice.get(response["Location"])
    assert names(page) == ["上海梧桐里酒店管理"]
    assert page.context["pieces"][0].value == "¥240,000（前 20%）"


def test_a_condition_too_long_for_an_address_can_only_be_saved(alice, hotel):
    long = {"field": "customer.city", "op": "in", "value": [f"城市{number}" for number in range(300)]}
    key = alice.get("/customers/conditions/").context["once"]["key"].value()
    response = alice.post("/customers/conditions/", {"where": json.dumps(long), "key": key})
    assert response.status_code == 422
    assert "先把它保存成视图" in response.text
    given = {"where": json.dumps(long), "save": "1", "name": "多城", "reach": "mine", "key": key}
    assert alice.post("/customers/conditions/", given).status_code == 302


def test_counts_come_by_themselves(people, view, signed_in):
    client = signed_in(people.bob)
    asked = client.get(f"/customers/views/counts/?view={view.pk}&view=all&view=mine&view=999&view=x")
    assert asked.json() == {"counts": {str(view.pk): "1", "all": "3", "mine": "0"}}
    stranger = signed_in(people.charlie)
    assert stranger.get(f"/customers/views/counts/?view={view.pk}&view=all").json() == {"counts": {"all": "0"}}


def test_deleting_asks_and_says_who_uses_it(people, view, signed_in):
    from zhike.classification.actions.views import pin_view
    from zhike.classification.models import SavedView

    pin_view(view=view, by=people.bob)
    client = signed_in(people.alice)
    assert "Bob把它钉在侧边栏" in client.get(f"/customers/views/{view.pk}/delete/").text
    assert SavedView.objects.count() == 1
    assert client.post(f"/customers/views/{view.pk}/delete/").status_code == 302
    assert SavedView.objects.count() == 0


def test_pins_are_moved_up(people, view, alice):
    from zhike.classification.actions.views import create_view
    from zhike.classification.saved_views import pinned_views

    other = create_view(name="全部", where=HIGH, by=people.alice, pinned=True)
    assert [pin.name for pin in pinned_views(people.alice)] == ["沪上高价值", "全部"]
    alice.post("/customers/views/order/", {"view": [view.pk, other.pk], "up": other.pk})
    assert [pin.name for pin in pinned_views(people.alice)] == ["全部", "沪上高价值"]


def test_a_copy_is_ones_own(people, view, signed_in):
    from zhike.classification.models import SavedView

    assert signed_in(people.bob).post(f"/customers/views/{view.pk}/copy/").status_code == 302
    made = SavedView.objects.exclude(pk=view.pk).get()
    assert (made.name, made.owner, made.reach, made.where) == ("沪上高价值 副本", people.bob, "mine", view.where)


def test_a_view_asks_the_database_as_often_for_many_rows(alice, people, view, django_assert_num_queries):
    from django.db import connection

    path = f"/customers/?view={view.pk}"
    alice.get(path)
    with CaptureQueriesContext(connection) as few:
        alice.get(path)
    for number in range(12):
        make_event(make_customer(f"客户{number}", owner=people.alice, city="上海"), "order.placed", amount=30_000_000)
    with django_assert_num_queries(len(few)):
        assert len(names(alice.get(path))) == 13


def test_who_may_be_mailed_is_a_view_that_marketing_builds(people, rules, signed_in):
    from tests.factories import make_user
    from zhike.accounts.models import Role
    from zhike.privacy.actions.consents import record_consent

    yes, no = make_customer("愿意的", owner=people.alice), make_customer("没问过的", owner=people.alice)
    record_consent(customer=yes, purpose="email", state="given", channel="form", by=None)
    mia = signed_in(make_user("Mia", role=Role.MARKETING))
    builder = mia.get("/customers/conditions/")
    assert "consent.email" in builder.text
    mailed = {"field": "consent.email", "op": "eq", "value": "given"}
    checked = mia.post("/conditions/check/", json.dumps({"where": mailed}), content_type="application/json").json()
    assert (checked["whole"], checked["errors"]) == (1, [])
    assert checked["sentence"].startswith("授权：邮件营销是")

    response = mia.get(f"/customers/?{where(mailed)}")
    assert names(response) == ["愿意的"]
    assert "授权：邮件营销" in response.text
    unasked = {"field": "consent.email", "op": "eq", "value": "none"}
    assert names(mia.get(f"/customers/?{where(unasked)}")) == [no.name]
