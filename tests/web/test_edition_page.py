"""A newer edition of the pack in force: said, looked at, and merged into rules that were changed here."""

from __future__ import annotations

import pytest

from tests.core.pack_sides import add, at_least, drop, named, put
from tests.factories import make_customer
from tests.web.editions import change_here, ship

pytestmark = pytest.mark.usefixtures("planned")

PAGE = "/classes/packs/general/edition/"
HIGH = "dimensions.value.classes.high.service.cadence_days"
WHEN = "dimensions.value.classes.high.when"

WEEKLY, SLOWER = put("service.cadence_days", 7), put("service.cadence_days", 21)
DEAR = put("when", at_least("revenue", 90_000_000, 365))
CHEAP = put("when", at_least("revenue", 1_000, 365))
SCORES = named("score", "评分", "Score", classes=[], default=named("any", "不限", "Any", needs_evidence=False))


def rename(data):
    data["dimensions"][0]["label"] = {"zh": "客户阶段", "en": "Stage"}


def with_scores(data):
    data["dimensions"].insert(1, SCORES)


def without_type(data):
    data["dimensions"] = [item for item in data["dimensions"] if item["key"] != "type"]


@pytest.fixture
def ada(people, rules, signed_in):
    return signed_in(people.ada)


@pytest.fixture
def bob(people, rules, signed_in):
    return signed_in(people.bob)


def merge(client, **words):
    """Confirm what the page shows, with these choices."""
    page = client.get(PAGE)
    return client.post(PAGE, {"seen": page.context["edition"].seen, **{f"word.{k}": w for k, w in words.items()}})


def carry_out():
    from zhike.classification.tasks import carry_publications_through

    return carry_publications_through.func()


def rules_now():
    """Return all that a merge may write, to see that it wrote nothing."""
    from zhike.classification.models import InstalledPack, Publication, Scheme, SchemeVersion
    from zhike.customers.models import CustomField

    return [
        list(model.objects.order_by("pk").values_list("pk", *columns))
        for model, columns in (
            (Scheme, ["dimension", "position", "current_id"]),
            (SchemeVersion, ["state", "data"]),
            (InstalledPack, ["version"]),
            (Publication, ["state"]),
            (CustomField, ["key", "label_zh"]),
        )
    ]


def now_in(dimension, key="high"):
    from zhike.classification.rules import rulebook

    return next(class_ for class_ in rulebook().scheme(dimension).classes if class_.key == key)


def last_edition():
    from zhike.classification.packs import original_pack

    return original_pack()


def told(parts):
    return [(part.label, [(line.name, line.old, line.new) for line in part.lines]) for part in parts]


def test_pages_say_that_the_pack_in_force_has_a_newer_edition(ada, alice, monkeypatch):
    for page in ("/classes/packs/", "/classes/packs/general/"):
        assert "有新版" not in ada.get(page).text
    ship(monkeypatch, WEEKLY, version=3)
    for page in ("/classes/packs/", "/classes/packs/general/"):
        assert "「通用」有新版 v3，现在用的是 v1。" in ada.get(page).text
        assert f'<a href="{PAGE}">看看新版</a>' in ada.get(page).text
        assert "有新版 v3" in alice.get(page).text
        assert PAGE not in alice.get(page).text
    assert "有新版" not in ada.get("/classes/packs/retail/").text


def test_an_older_edition_or_one_that_was_only_written_anew_is_not_a_newer_one(ada, monkeypatch):
    ship(monkeypatch, WEEKLY, version=1)
    assert "有新版" not in ada.get("/classes/packs/").text
    response = ada.get(PAGE)
    assert (response.status_code, response.headers["Location"]) == (302, "/classes/packs/general/")
    assert ada.get("/classes/packs/retail/edition/").headers["Location"] == "/classes/packs/retail/"
    assert ada.get("/classes/packs/nothing/edition/").status_code == 404


def test_without_changes_of_ones_own_everything_of_the_edition_comes(ada, hotel, monkeypatch):
    ship(monkeypatch, WEEKLY, rename, with_scores, without_type)
    page = ada.get(PAGE)
    assert page.context["questions"] == []
    assert told(page.context["kept"]) == []
    assert [part.label for part in page.context["brought"]] == ["客户阶段", "评分", "客户价值", "客户类型"]
    assert told(page.context["brought"])[1] == ("评分", [("整个维度", "（没有）", "不限")])
    assert told(page.context["brought"])[2] == ("客户价值", [("高价值 › 联系周期", "14 天", "7 天")])
    outcome = page.context["outcome"]
    assert [(one.label, one.is_new, one.customers) for one in outcome.effects] == [
        ("客户阶段", False, 0),
        ("评分", True, 1),
        ("客户价值", False, 0),
    ]
    assert [(part.label, part.customers) for part in outcome.gone] == [("客户类型", 1)]
    assert "新维度，1 位客户会有类别" in page.text
    assert "停用，1 位客户不再有这个维度的类别" in page.text


def test_what_was_changed_here_is_kept_and_listed(ada, monkeypatch):
    change_here(put("tone", "ochre"))
    ship(monkeypatch, WEEKLY)
    page = ada.get(PAGE)
    assert told(page.context["kept"]) == [("客户价值", [("高价值 › 颜色", "藤黄", "赭石")])]
    assert told(page.context["brought"]) == [("客户价值", [("高价值 › 联系周期", "14 天", "7 天")])]
    assert page.context["questions"] == []


def test_where_both_changed_the_same_it_is_asked_and_ours_is_the_answer_until_another_is_given(ada, hotel, monkeypatch):
    change_here(CHEAP, SLOWER)
    ship(monkeypatch, DEAR, WEEKLY)
    page = ada.get(PAGE)
    rest = "近 365 天成交额不低于"
    assert [(q.path, q.name, q.ours, q.theirs, q.is_theirs) for q in page.context["questions"]] == [
        (WHEN, "客户价值 › 高价值 › 条件", f"{rest} ¥10", f"{rest} ¥900,000", False),
        (HIGH, "客户价值 › 高价值 › 联系周期", "21 天", "7 天", False),
    ]
    assert page.context["questions"][0].base.startswith(f"{rest} ¥200,000")
    assert (told(page.context["brought"]), told(page.context["kept"])) == ([], [])
    assert page.context["outcome"].is_nothing
    chosen = ada.get(PAGE, {f"word.{WHEN}": "theirs", "word.dimensions.nothing": "theirs"})
    (effect,) = chosen.context["outcome"].effects
    assert [(m.old.label, m.new.label, m.customers) for m in effect.moves] == [("高价值", "普通", 1)]
    assert [q.is_theirs for q in chosen.context["questions"]] == [True, False]
    assert chosen.text.count(f'<input type="hidden" name="word.{WHEN}" value="theirs">') == 1
    assert "dimensions.nothing" not in chosen.text


def test_htmx_gets_the_outcome_alone(ada, hotel, monkeypatch):
    change_here(CHEAP)
    ship(monkeypatch, DEAR)
    part = ada.get(PAGE, {f"word.{WHEN}": "theirs"}, headers={"HX-Request": "true", "HX-Request-Type": "partial"}).text
    assert part.lstrip().startswith('<form class="card" id="outcome"')
    assert "1 位客户会换类" in part
    assert "要选一个" not in part


def test_taken_away_on_one_side_is_asked_too(ada, monkeypatch):
    change_here(drop("low"), put("tone", "ochre", key="loyal", of="status"))
    ship(monkeypatch, put("tone", "ochre", key="low"), drop("loyal", of="status"))
    page = ada.get(PAGE)
    first, second = page.context["questions"]
    assert (first.path, first.ours) == ("dimensions.status.classes.loyal", first.base)
    assert first.base.startswith("首次下单已满 180 天，")
    assert first.theirs == "新版去掉了"
    assert (second.path, second.ours) == ("dimensions.value.classes.low", "我们去掉了")
    assert second.theirs == second.base
    assert merge(ada, **{"dimensions.value.classes.low": "theirs"}).status_code == 302
    carry_out()
    assert now_in("value", "low").tone == "ochre"
    assert now_in("status", "loyal").tone == "ochre"


def test_both_adding_a_class_of_one_name_are_asked(ada, monkeypatch):
    mine = named("big", "大单", "Big", when=at_least("average_order", 5_000))
    change_here(add(mine, after="high"))
    ship(monkeypatch, add(mine | {"when": at_least("average_order", 9_000)}, after="high"))
    (question,) = ada.get(PAGE).context["questions"]
    assert (question.base, question.ours, question.theirs) == ("原来没有", "客单价不低于 ¥50", "客单价不低于 ¥90")


def test_nothing_is_in_force_until_it_is_confirmed(ada, hotel, monkeypatch):
    change_here(CHEAP)
    ship(monkeypatch, DEAR, with_scores)
    before = rules_now()
    ada.get(PAGE, {f"word.{WHEN}": "theirs"})
    assert rules_now() == before


def test_confirming_publishes_what_was_chosen_in_one_step(people, ada, hotel, monkeypatch):
    from zhike.classification.models import Acknowledgement, InstalledPack, Publication
    from zhike.timeline.models import Event

    change_here(CHEAP, put("tone", "ochre"))
    ship(monkeypatch, DEAR, with_scores, without_type)
    response = merge(ada, **{WHEN: "theirs"})
    publication = Publication.objects.get()
    assert response.headers["Location"] == f"/classes/publications/{publication.pk}/"
    assert (publication.kind, publication.by, publication.note) == ("edition", people.ada, "通用 v2")
    assert last_edition().version == 1  # until the switch
    assert ada.get(PAGE).headers["Location"] == f"/classes/publications/{publication.pk}/"
    assert carry_out() == 1
    publication.refresh_from_db()
    assert (publication.state, publication.moves) == ("done", {"value": [["high", "regular", 1]]})
    assert (now_in("value").tone, now_in("value").when.value) == ("ochre", 90_000_000)
    placed = dict(hotel.placements.values_list("dimension", "class_key"))
    assert (placed["value"], placed["score"], "type" in placed) == ("regular", "any", False)
    assert Event.objects.filter(customer=hotel, kind="class.changed", data__recomputed="rules").count() == 1
    assert list(Acknowledgement.objects.values_list("user", "customers")) == [(people.alice.pk, 1)]
    kept = InstalledPack.objects.order_by("pk").last()
    assert (kept.version, kept.by) == (2, people.ada)
    page = ada.get(response.headers["Location"]).text
    assert "合并新版 通用 v2" in page
    assert "有新版" not in ada.get("/classes/packs/").text
    assert [card.version for card in ada.get("/classes/packs/").context["cards"] if card.version] == [2]


def test_the_dimensions_stand_in_the_merged_order(ada, monkeypatch):
    from zhike.classification.rules import rulebook

    ship(monkeypatch, with_scores, without_type)
    merge(ada)
    carry_out()
    assert [s.dimension for s in rulebook().schemes] == ["status", "score", "activity", "value", "intent", "need"]


def test_the_next_edition_is_merged_against_this_one(ada, monkeypatch):
    change_here(CHEAP)
    ship(monkeypatch, DEAR, WEEKLY)
    merge(ada)
    carry_out()
    assert (now_in("value").service.cadence_days, now_in("value").when.value) == (7, 1_000)
    ship(monkeypatch, DEAR, WEEKLY, put("tone", "carmine"), version=3)
    page = ada.get(PAGE)
    assert page.context["questions"] == []
    assert told(page.context["brought"]) == [("客户价值", [("高价值 › 颜色", "藤黄", "胭脂")])]
    assert [line[0] for line in told(page.context["kept"])[0][1]] == ["高价值 › 条件"]


def test_a_merge_that_changes_no_rule_only_moves_the_base(ada, monkeypatch):
    from zhike.classification.models import Publication

    change_here(WEEKLY)
    ship(monkeypatch, SLOWER)
    before = rules_now()
    response = merge(ada)
    assert response.headers["Location"] == "/classes/packs/"
    assert not Publication.objects.exists()
    after = rules_now()
    assert before[:2] == after[:2]
    assert last_edition().version == 2
    ship(monkeypatch, SLOWER, put("tone", "carmine"), version=3)
    assert ada.get(PAGE).context["questions"] == []


@pytest.mark.parametrize("what", ["rules", "base", "edition"])
def test_what_changed_meanwhile_is_looked_at_again(ada, monkeypatch, what):
    from zhike.classification.actions.packs import keep_edition
    from zhike.classification.packs import present_pack

    change_here(CHEAP)
    ship(monkeypatch, DEAR)
    seen = ada.get(PAGE).context["edition"].seen
    if what == "rules":
        change_here(SLOWER)
    elif what == "base":
        keep_edition(present_pack(), None)
    else:
        ship(monkeypatch, WEEKLY, version=3)
    before = rules_now()
    response = ada.post(PAGE, {"seen": seen, f"word.{WHEN}": "theirs"})
    assert response.status_code == 409
    assert "规则刚被别人换过，请再看一遍再合并" in response.text
    assert rules_now() == before


def test_rules_that_change_after_the_confirmation_stop_the_switch_and_leave_nothing(ada, monkeypatch):
    from zhike.classification.models import Publication, Scheme

    ship(monkeypatch, WEEKLY, with_scores)
    merge(ada)
    change_here(DEAR)
    before = rules_now()
    carry_out()
    publication = Publication.objects.get()
    assert publication.state == "failed"
    assert "规则刚被别人换过" in publication.problem["zh"]
    assert not Scheme.objects.filter(dimension="score").exists()
    after = rules_now()
    assert after[2] == before[2]
    assert [row for row in after[1] if row[1] == "draft"] == []
    assert ada.get(PAGE).context["outcome"].problem == ""


def test_another_pack_put_in_force_after_the_confirmation_stops_the_switch(ada, monkeypatch):
    from zhike.classification.actions.packs import keep_edition
    from zhike.classification.models import Publication, Scheme
    from zhike.packs import load_data

    ship(monkeypatch, without_type)
    merge(ada)
    keep_edition(load_data("retail"), None)
    carry_out()
    assert Publication.objects.get().state == "failed"
    assert Scheme.objects.get(dimension="type").current is not None
    assert last_edition().key == "retail"


def test_two_administrators_do_not_merge_at_once(people, ada, monkeypatch):
    from zhike.base.errors import Conflict
    from zhike.classification.actions.editions import adopt_edition
    from zhike.classification.models import Publication

    ship(monkeypatch, without_type)
    seen = ada.get(PAGE).context["edition"].seen
    assert merge(ada).status_code == 302
    with pytest.raises(Conflict, match="a new edition is being merged already"):
        adopt_edition(words={}, seen=seen, by=people.ada)
    assert ada.post(PAGE, {"seen": seen}).headers["Location"].startswith("/classes/publications/")
    assert Publication.objects.count() == 1
    carry_out()
    assert Publication.objects.get().state == "done"


def test_a_merge_cancelled_while_it_prepares_takes_its_drafts_back(people, ada, monkeypatch):
    from zhike.classification.actions import publications
    from zhike.classification.models import Publication, SchemeVersion

    ship(monkeypatch, WEEKLY, with_scores)
    merge(ada)
    before = rules_now()[0]

    def cancel(*_):
        publications.cancel_publication(publication=Publication.objects.get(), by=people.ada)

    monkeypatch.setattr(publications, "fill_kept_metrics", cancel)
    carry_out()
    assert Publication.objects.get().state == "cancelled"
    assert not SchemeVersion.objects.filter(state="draft").exists()
    assert rules_now()[0] == [row for row in before if row[1] != "score"]


def test_a_merge_that_is_cancelled_leaves_nothing(people, ada, monkeypatch):
    from zhike.classification.models import Publication

    ship(monkeypatch, WEEKLY, with_scores)
    before = rules_now()
    path = merge(ada).headers["Location"]
    ada.post(f"{path}cancel/")
    after = rules_now()
    assert after[:3] == before[:3]
    assert Publication.objects.get().state == "cancelled"
    assert carry_out() == 0
    assert ada.get(path).status_code == 200
    assert merge(ada).status_code == 302


def test_a_draft_of_a_colleague_stands_in_the_way(people, ada, monkeypatch):
    from zhike.classification.actions.drafts import start_draft

    ship(monkeypatch, WEEKLY)
    start_draft(dimension="value", by=people.bob)
    start_draft(dimension="need", by=people.bob)
    before = rules_now()
    assert "「客户价值」有还没发布的草稿，请先发布或放弃，再合并" in ada.get(PAGE).text
    response = merge(ada)
    assert response.status_code == 409
    assert rules_now() == before


def test_customers_put_by_hand_into_a_class_that_goes_stand_in_the_way(people, ada, hotel, monkeypatch):
    from zhike.classification.actions.overrides import override_class

    override_class(customer=hotel, dimension="value", class_key="low", reason="试一下", by=people.alice)
    ship(monkeypatch, drop("low"))
    before = rules_now()
    assert "「客户价值」有 1 位客户由人指定在合并后没有的类别里" in ada.get(PAGE).text
    assert merge(ada).status_code == 409
    assert rules_now() == before


def test_a_merge_that_is_no_pack_says_where(ada, monkeypatch):
    change_here(put("when", {"field": "class.type", "op": "eq", "value": "person"}, key="both", of="need"))
    ship(monkeypatch, without_type)
    before = rules_now()
    page = ada.get(PAGE)
    assert page.context["outcome"].problem.startswith("客户需求 › 综合：")
    assert "class.type" in page.context["outcome"].problem
    assert "合并并启用" not in page.text
    assert merge(ada).status_code == 422
    assert rules_now() == before


def test_fields_of_the_edition_are_made_and_its_names_taken(ada, monkeypatch):
    from zhike.classification.actions.packs import install_pack
    from zhike.customers.models import CustomField

    goal = {"type": "choice", "label": {"zh": "目标", "en": "Goal"}, "choices": {"exam": {"zh": "升学", "en": "Exams"}}}
    ship(monkeypatch, lambda data: data.update(fields={"goal": goal}), version=2)
    install_pack(pack="general", by=None)
    other = goal | {"label": {"zh": "学习目标", "en": "Aim"}}
    ship(monkeypatch, lambda data: data.update(fields={"goal": other, "age": "integer"}), WEEKLY, version=3)
    page = ada.get(PAGE)
    assert list(page.context["outcome"].fields) == ["age"]
    assert told(page.context["brought"])[0] == (
        "自定义字段",
        [("学习目标 › 名称", "目标", "学习目标"), ("age", "（没有）", "整数")],
    )
    merge(ada)
    assert CustomField.objects.get(key="goal").label_zh == "目标"  # until the switch
    carry_out()
    assert list(CustomField.objects.order_by("position").values_list("key", "label_zh")) == [
        ("goal", "学习目标"),
        ("age", "age"),
    ]
    assert last_edition().version == 3


def test_a_field_of_another_type_stops_it(ada, monkeypatch):
    from zhike.core.facts import FieldType
    from zhike.customers.actions.fields import define_field

    define_field(key="age", type_=FieldType.TEXT, by=None)
    ship(monkeypatch, lambda data: data.update(fields={"age": "integer"}), WEEKLY)
    before = rules_now()
    assert "公司的字段 age 是 text，这个分类包需要 integer。" in ada.get(PAGE).text
    assert merge(ada).status_code == 422
    assert rules_now() == before


def test_rules_that_can_no_longer_be_read_are_said_to_be(ada, monkeypatch):
    from zhike.classification.models import SchemeVersion

    ship(monkeypatch, WEEKLY)
    version = SchemeVersion.objects.get(scheme__dimension="value")
    version.data["classes"][0]["when"] = {"field": "custom.gone", "op": "is_set"}
    version.save()
    page = ada.get(PAGE)
    assert page.status_code == 200
    assert "没法比较：" in page.text
    assert "custom.gone" in page.text


def test_leaders_look_and_only_an_administrator_confirms(alice, bob, ada, monkeypatch):
    ship(monkeypatch, WEEKLY)
    before = rules_now()
    assert alice.get(PAGE).status_code == 403
    page = bob.get(PAGE)
    assert "由管理员合并并启用" in page.text
    assert "合并并启用</button>" not in page.text
    assert bob.post(PAGE, {"seen": page.context["edition"].seen}).status_code == 403
    assert rules_now() == before


def test_the_moves_are_those_of_the_customers_that_one_sees(people, ada, bob, hotel, monkeypatch):
    from tests.factories import SHANGHAI, make_event
    from zhike.base.clock import today

    make_event(make_customer("别人的", owner=people.charlie), "order.placed", today(SHANGHAI), amount=30_000_000)
    ship(monkeypatch, DEAR)
    assert [one.customers for one in ada.get(PAGE).context["outcome"].effects] == [2]
    assert [one.customers for one in bob.get(PAGE).context["outcome"].effects] == [1]


def test_figures_that_are_not_stored_are_worked_out_for_some(ada, hotel, people, monkeypatch):
    from zhike.classification import pack_preview
    from zhike.web.classes import edition

    make_customer("乙", owner=people.alice)
    monkeypatch.setattr(edition, "preview_moves", lambda *given: pack_preview.preview_moves(*given, limit=1))
    ship(monkeypatch, put("when", at_least("orders", 1, 77)))
    page = ada.get(PAGE)
    (effect,) = page.context["outcome"].effects
    assert (effect.customers, effect.counted, effect.missing) == (0, 1, "近 77 天订单数")
    assert "按其中 1 位计算，还没有为所有客户存下：近 77 天订单数" in page.text


def test_it_is_told_in_english_too(people, rules, signed_in, monkeypatch):
    people.ada.language = "en"
    people.ada.save()
    ada = signed_in(people.ada)
    change_here(SLOWER)
    ship(monkeypatch, WEEKLY)
    page = ada.get(PAGE).text
    assert "Changed on both sides: choose one" in page
    assert "Keep ours" in page
    assert "There is a new edition of General, v2; v1 is in use." in ada.get("/classes/packs/").text


def test_the_rules_in_force_are_exported_and_read_back_the_same(alice, rules):
    from zhike.classification.packs import present_pack
    from zhike.packs import read_yaml

    change_here(WEEKLY, with_scores)
    response = alice.get("/classes/packs/export.yaml")
    assert response.headers["Content-Disposition"] == 'attachment; filename="general.yaml"'
    assert read_yaml(response.content) == present_pack()
    assert 'href="/classes/packs/export.yaml"' in alice.get("/classes/packs/").text
