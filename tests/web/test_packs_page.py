"""Browsing the shipped packs, trying one on one's own customers, and putting it in force."""

from __future__ import annotations

import pytest

from tests.factories import make_customer
from tests.web.editions import ship
from zhike.packs import shipped


@pytest.fixture
def ada(people, rules, signed_in):
    return signed_in(people.ada)


def seen():
    from zhike.classification.packs import rules_seen

    return rules_seen()


def dimensions():
    from zhike.classification.rules import rulebook

    return [scheme.dimension for scheme in rulebook().schemes]


def test_every_shipped_pack_has_a_card_and_the_one_in_use_says_so(alice):
    page = alice.get("/classes/packs/")
    cards = {card.name: card for card in page.context["cards"]}
    assert list(cards) == shipped()
    assert {name: card.version for name, card in cards.items() if card.version} == {"general": 1}
    assert (cards["b2b"].classes, list(cards["b2b"].fields)) == (26, ["行业地位", "采购周期", "员工人数"])
    assert "使用中 v1" in page.text
    assert "6 个维度 · 26 个类别 · 3 个自定义字段" in page.text


def test_a_pack_is_told_in_sentences_without_links_to_customers(alice):
    page = alice.get("/classes/packs/education/").text
    assert "学习目标：升学考试、竞赛、兴趣素养、职业技能" in page
    assert "近 90 天至少交付 1 次，并且近 21 天没有交付" in page
    assert "/customers/?class." not in page
    assert "zk-class-size" not in page


def test_the_dimensions_in_force_still_lead_to_their_customers(alice, hotel):
    assert 'href="/customers/?class.value=high"' in alice.get("/classes/").text


def test_only_those_who_may_are_offered_to_put_it_in_force(alice, ada):
    assert "/classes/packs/b2b/install/" not in alice.get("/classes/packs/b2b/").text
    assert "/classes/packs/b2b/install/" in ada.get("/classes/packs/b2b/").text


def test_it_is_tried_on_the_customers_that_one_may_see(alice, people, hotel):
    make_customer("别人的", owner=people.charlie)
    page = alice.get("/classes/packs/retail/?on=own")
    sizes = {one.card.key: {c.key: c.size for c in one.card.classes} for one in page.context["shown"]}
    assert sizes["activity"] == {"new": 1, "active": 0, "dormant": 0, "lost": 0}
    assert sizes["status"] == {"loyal": 0, "won": 1, "prospect": 0}
    assert [one.counted for one in page.context["shown"]] == [1, 1, 1]
    assert "我的 1 位客户" in page.text
    assert dimensions() == ["status", "activity", "value", "intent", "need", "type"]


def test_figures_that_are_not_stored_are_named_where_not_everybody_was_counted(alice, people, hotel, monkeypatch):
    from zhike.classification import pack_preview
    from zhike.web.classes import pack_views

    make_customer("乙", owner=people.alice)
    monkeypatch.setattr(pack_views, "preview_pack", lambda pack, user: pack_preview.preview_pack(pack, user, limit=1))
    page = alice.get("/classes/packs/b2c/?on=own").text
    assert "按其中 1 位客户计算" in page
    assert "还没有为所有客户存下：近 180 天下单天数、近 90 天下单天数。" in page


def test_the_demo_company_shows_a_customer_in_every_class(alice):
    page = alice.get("/classes/packs/realestate/?on=sample")
    sizes = {one.card.key: [c.size for c in one.card.classes] for one in page.context["shown"]}
    assert all(all(found) and sum(found) == 43 for found in sizes.values())
    assert "「云栖里案场」是随分类包附带的示范公司" in page.text


@pytest.mark.usefixtures("planned")
def test_the_confirmation_says_what_is_replaced(ada, hotel):
    page = ada.get("/classes/packs/education/install/")
    plan = page.context["plan"]
    assert [part.label for part in plan.gone] == ["活跃度", "客户价值", "客户需求", "客户类型"]
    assert [part.customers for part in plan.gone] == [1, 1, 1, 1]
    assert [part.key for part in plan.changed] == ["status", "intent"]
    assert "忠诚 › 条件" in [line.name for line in plan.changed[0].lines]
    assert [part.key for part in plan.added] == ["goal", "ability", "attendance", "renewal"]
    assert plan.fields == ["学习目标", "学习能力（老师判断）", "测评分", "课程到期日"]
    assert (plan.own_changes, plan.problem) == ([], "")
    assert "1 位客户不再有这个维度的类别" in page.text
    templates = plan.templates
    assert [part.label for part in templates.gone] == [
        "意向培养",
        "新客户启动",
        "高价值客户维护",
        "唤醒沉睡客户",
        "挽回流失客户",
    ]
    assert [part.label for part in templates.changed] == ["高意向转报名"]
    assert [(line.name, line.old, line.new) for line in templates.changed[0].lines][:2] == [
        ("名称", "热门线索成交", "高意向转报名"),
        ("近期目标", "三天内约到会面", "约到试听"),
    ]
    assert [(one.name, one.begins) for one in templates.added] == [
        ("新学员启动", "进入某个类别：客户状态 · 报名"),
        ("缺课关怀", "进入某个类别：到课 · 停课"),
        ("续费沟通", "进入某个类别：续费 · 该续费"),
    ]
    assert (templates.same, templates.own) == ([], [])
    assert "停用的计划模板" in page.text


def test_a_pack_says_which_plans_it_brings_for_whom_and_of_which_steps(alice):
    page = alice.get("/classes/packs/education/")
    found = {one.key: one for one in page.context["templates"]}
    assert list(found) == ["hot_lead", "new_student", "absent", "renewal"]
    assert (found["absent"].purpose, found["absent"].begins) == ("挽留", "进入某个类别：到课 · 停课")
    assert found["absent"].steps == ["致电家长（电话）", "安排补课（消息）"]
    assert "致电家长（电话） → 安排补课（消息）" in page.text


@pytest.mark.usefixtures("planned")
def test_the_companys_own_templates_stay_and_are_not_said_to_be_lost(ada, people):
    from zhike.followups.models import PlanTemplate

    own = PlanTemplate.objects.get(key="hot_lead")
    own.pk, own.key, own.pack, own.name_zh, own.name_en = None, "ours", "", "我们的", "Ours"
    own.save()
    plan = ada.get("/classes/packs/general/install/").context["plan"]
    assert ([part.label for part in plan.templates.own], plan.templates.is_nothing) == (["我们的"], True)
    assert (plan.is_nothing, plan.own_changes) == (True, [])
    PlanTemplate.objects.filter(key="warm_lead").update(name_zh="培养")
    plan = ada.get("/classes/packs/general/install/").context["plan"]
    assert [(line.name, line.new) for line in plan.own_changes] == [("培养 › 名称", "培养")]
    assert ([part.label for part in plan.templates.changed], plan.is_nothing) == (["意向培养"], False)
    ada.post("/classes/packs/retail/install/", {"seen": seen()})
    assert list(PlanTemplate.objects.filter(is_active=True, pack="").values_list("key", flat=True)) == ["ours"]


def test_what_was_changed_here_is_said_to_be_lost(ada, monkeypatch):
    from zhike.classification.actions.packs import install_pack
    from zhike.packs import load_data

    own = load_data("general")
    own["dimensions"][2]["classes"][0]["service"]["cadence_days"] = 7
    install_pack(pack=own, base="general", by=None)
    page = ada.get("/classes/packs/general/install/")
    (line,) = page.context["plan"].own_changes
    assert (line.name, line.old, line.new) == ("客户价值 › 高价值 › 联系周期", "14 天", "7 天")
    assert "启用以来自己改过 1 处，会一起被替换。" in page.text
    kept = '要留底，请先<a href="/classes/packs/export.yaml" download>导出现在的规则</a>。'
    assert kept in page.text
    ship(monkeypatch)
    merged = '要保留，请改为<a href="/classes/packs/general/edition/">合并新版</a>。'
    assert merged in ada.get("/classes/packs/general/install/").text
    assert kept in ada.get("/classes/packs/retail/install/").text


@pytest.mark.usefixtures("planned")
def test_the_pack_in_force_differs_in_nothing(ada):
    page = ada.get("/classes/packs/general/install/")
    assert page.context["plan"].is_nothing
    assert "现在的规则和这个分类包没有不同。" in page.text


def test_putting_it_in_force_places_everybody(ada, people, hotel):
    from zhike.classification.models import InstalledPack, Placement

    response = ada.post("/classes/packs/retail/install/", {"seen": seen()}, follow=True)
    assert response.redirect_chain == [("/classes/", 302)]
    assert "零售已启用" in response.text
    assert dimensions() == ["status", "activity", "value"]
    placed = dict(Placement.objects.filter(customer=hotel).values_list("dimension", "class_key"))
    assert placed == {"status": "won", "activity": "new", "value": "regular"}
    kept = InstalledPack.objects.order_by("pk").last()
    assert (kept.key, kept.by) == ("retail", people.ada)


def test_many_customers_are_left_to_the_worker(ada, hotel, monkeypatch):
    from procrastinate.contrib.django.models import ProcrastinateJob

    from zhike.classification.models import Placement
    from zhike.classification.tasks import place_everyone
    from zhike.web.classes import pack_views

    monkeypatch.setattr(pack_views, "SOON", 0)
    response = ada.post("/classes/packs/education/install/", {"seen": seen()}, follow=True)
    assert "教育培训已启用，正在重新判断 1 位客户" in response.text
    assert not Placement.objects.filter(dimension="attendance").exists()
    job = ProcrastinateJob.objects.get(task_name="zhike.classification.tasks.place_everyone")
    assert job.queueing_lock == "classification.everyone"
    assert place_everyone.func() == 1
    assert Placement.objects.get(dimension="attendance").class_key == "none"


def test_rules_that_a_colleague_changed_meanwhile_are_looked_at_again(ada, people):
    from zhike.classification.actions.packs import install_pack

    before = seen()
    install_pack(pack="b2c", by=None)
    response = ada.post("/classes/packs/retail/install/", {"seen": before})
    assert response.status_code == 409
    assert "规则刚被别人换过，请再看一遍再启用" in response.text
    assert dimensions()[0:2] == ["status", "activity"]
    assert "frequency" in dimensions()


def test_a_field_of_another_type_is_said_before_and_stops_it(ada):
    from zhike.core.facts import FieldType
    from zhike.customers.actions.fields import define_field

    define_field(key="goal", type_=FieldType.TEXT, by=None)
    page = ada.get("/classes/packs/education/install/").text
    assert "公司的字段 goal 是 text，这个分类包需要 choice。" in page
    assert '<button class="btn btn-primary">' not in page
    response = ada.post("/classes/packs/education/install/", {"seen": seen()})
    assert response.status_code == 422
    assert "goal" in response.text
    assert "attendance" not in dimensions()


def test_without_rules_everything_is_new(people, signed_in):
    plan = signed_in(people.ada).get("/classes/packs/retail/install/").context["plan"]
    assert ([part.key for part in plan.added], plan.gone, plan.changed) == (["status", "activity", "value"], [], [])


@pytest.mark.parametrize("path", ["/classes/packs/nothing/", "/classes/packs/nothing/install/"])
def test_a_pack_that_does_not_ship_is_no_page(ada, path):
    assert ada.get(path).status_code == 404


def test_nobody_else_puts_a_pack_in_force(alice):
    assert alice.post("/classes/packs/retail/install/", {"seen": seen()}).status_code == 403
    assert dimensions() == ["status", "activity", "value", "intent", "need", "type"]


def test_it_is_told_in_english_too(people, rules, signed_in):
    people.ada.language = "en"
    people.ada.save()
    ada = signed_in(people.ada)
    assert "Learning goal: Exams, Contests, Interest, Career" in ada.get("/classes/packs/education/").text
    assert "6 dimensions · 26 classes · 3 fields" in ada.get("/classes/packs/").text
    assert "Dimensions that go" in ada.get("/classes/packs/education/install/").text
