"""Plans in the browser: begun and ended by hand from the record, and the templates of the settings."""

from __future__ import annotations

import pytest

from tests.factories import make_customer
from zhike.audit.models import Entry
from zhike.base.clock import now
from zhike.customers.models import CustomField
from zhike.followups.models import Plan, PlanTemplate, Task

AS_PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


def make_template(key: str, name: str, purpose: str = "win", *, is_active: bool = True) -> PlanTemplate:
    words = {"name_zh": name, "name_en": key, "short_goal_zh": "见面", "long_goal_zh": "签约"}
    steps = [
        {"key": "call", "name": {"zh": f"{name}致电", "en": "Call"}, "method": "call"},
        {"key": "meet", "name": {"zh": "约见", "en": "Meet"}, "method": "meeting", "after": "previous"},
    ]
    return PlanTemplate.objects.create(key=key, purpose=purpose, steps=steps, is_active=is_active, **words)


@pytest.fixture
def made(rules) -> list[PlanTemplate]:
    """Two of one purpose, one of another, and one that is no longer used."""
    return [
        make_template("quick", "促成"),
        make_template("slow", "慢慢来"),
        make_template("serve", "回访", "service"),
        make_template("old", "旧的", is_active=False),
    ]


def plans_of(customer) -> list[tuple[str, str]]:
    return list(Plan.objects.filter(customer=customer).order_by("pk").values_list("template__key", "state"))


def tasks_of(customer) -> list[tuple[str, str]]:
    return list(Task.objects.filter(customer=customer).order_by("pk").values_list("title", "state"))


def start(client, customer, template, **given):
    return client.post(f"/customers/{customer.pk}/plans/start/", {"template": template.pk, **given}, headers=AS_PART)


def test_of_one_purpose_one_plan_goes_on(alice, hotel, made):
    quick, slow, serve, old = made
    asked = alice.get(f"/customers/{hotel.pk}/plans/start/", headers=AS_PART)
    assert set(asked.context["form"].fields["template"].queryset) == {quick, slow, serve}
    assert 'name="switch"' not in asked.text

    begun = start(alice, hotel, quick)
    assert 'data-saved=""' in begun.text
    assert "开始了：促成" in begun.text
    assert (plans_of(hotel), tasks_of(hotel)) == ([("quick", "active")], [("促成致电", "open")])

    # Another of that purpose is not put beside it: the page says which goes on, and offers to switch.
    refused = start(alice, hotel, slow)
    assert refused.status_code == 409
    assert "同一目的的计划「促成」还在进行，先结束它，或者换成这一个" in refused.text
    assert 'name="switch"' in refused.text
    assert "data-saved" not in refused.text
    again = start(alice, hotel, quick)
    assert again.status_code == 409
    assert (plans_of(hotel), tasks_of(hotel)) == ([("quick", "active")], [("促成致电", "open")])

    assert "开始了：慢慢来" in start(alice, hotel, slow, switch="on").text
    assert plans_of(hotel) == [("quick", "switched"), ("slow", "active")]
    assert tasks_of(hotel) == [("促成致电", "dropped"), ("慢慢来致电", "open")]
    # One of another purpose goes on beside it.
    assert "开始了：回访" in start(alice, hotel, serve).text
    assert plans_of(hotel) == [("quick", "switched"), ("slow", "active"), ("serve", "active")]
    shown = alice.get(f"/customers/{hotel.pk}/next/").context
    assert sorted(card.name for card in shown["plans"]) == ["回访", "慢慢来"]
    assert [plan.template for plan, _why in shown["past"]] == [quick]

    assert start(alice, hotel, old).status_code == 422
    assert start(alice, hotel, old, switch="on").status_code == 422
    assert len(plans_of(hotel)) == 3


def test_nobody_follows_a_customer_without_an_owner(people, rules, signed_in, made):
    nobodys = make_customer("无主")
    refused = start(signed_in(people.ada), nobodys, made[0])
    assert refused.status_code == 422
    assert "先给这位客户一位负责人" in refused.text
    assert (plans_of(nobodys), tasks_of(nobodys)) == ([], [])


def test_an_ended_plan_keeps_what_was_done_and_drops_the_rest(alice, hotel, made):
    start(alice, hotel, made[0])
    task = Task.objects.get(customer=hotel)
    alice.post(f"/tasks/{task.pk}/done/", {"version": task.version, "outcome": "reached"})
    assert tasks_of(hotel) == [("促成致电", "done"), ("约见", "open")]
    plan = Plan.objects.get(customer=hotel)
    path = f"/plans/{plan.pk}/end/"
    form = {"version": alice.get(path).context["form"]["version"].value(), "reason": "客户改了主意"}

    stale = alice.post(path, {**form, "version": form["version"] + 1}, headers=AS_PART)
    assert stale.status_code == 409
    assert "这个计划刚被别人改过，再看一眼" in stale.text
    assert alice.post(path, {**form, "reason": "长" * 201}, headers=AS_PART).status_code == 422
    assert (plans_of(hotel), tasks_of(hotel)) == ([("quick", "active")], [("促成致电", "done"), ("约见", "open")])

    ended = alice.post(path, form, headers=AS_PART)
    assert 'data-saved=""' in ended.text
    assert "计划结束了，做完的都留着" in ended.text
    assert (plans_of(hotel), tasks_of(hotel)) == ([("quick", "ended")], [("促成致电", "done"), ("约见", "dropped")])
    shown = alice.get(f"/customers/{hotel.pk}/next/").context
    assert (shown["plans"], [why for _plan, why in shown["past"]]) == ([], ["客户改了主意"])
    assert alice.post(path, form, headers=AS_PART).status_code == 409
    # And another may begin in its place.
    start(alice, hotel, made[1])
    assert plans_of(hotel) == [("quick", "ended"), ("slow", "active")]


TEMPLATE = {
    "name_zh": "开业支持",
    "purpose": "onboard",
    "short_goal_zh": "装好",
    "long_goal_zh": "用起来",
    "trigger": "hand",
    "is_active": "on",
}


def step_of(number: int, name: str, **given) -> dict[str, object]:
    usual = {"name_zh": name, "method": "call", "who": "owner", "offset": 0, "after": "start", "place": number + 1}
    return {f"step{number}-{field}": value for field, value in {**usual, **given}.items()}


def sent(response) -> dict[str, object]:
    """Return what the page of a template would send as it is."""
    found = {}
    for form in (response.context["form"], *response.context["steps"]):
        for field in form:
            value = field.value()
            if value is not None and value is not False:
                found[field.html_name] = "on" if value is True else value
    return found


@pytest.fixture
def bob(people, rules, signed_in):
    """Bob, who leads a team."""
    return signed_in(people.bob)


def test_a_template_is_written_and_offered(bob, alice, people, hotel):
    CustomField.objects.create(key="seats", label_zh="席位", label_en="Seats", type="integer")
    form = {
        **TEMPLATE,
        **step_of(0, "上门安装", method="visit", working_days="on", talk_zh="先看水压"),
        **step_of(1, "回访", offset=7, after="previous", form=["city", "custom.seats"], name_en="Look back"),
        **step_of(2, ""),
    }
    saved = bob.post("/settings/plans/new/", form)
    template = PlanTemplate.objects.get(name_zh="开业支持")
    assert saved.url == f"/settings/plans/{template.pk}/"
    assert (template.name_en, template.purpose, template.trigger, template.is_active, template.version) == (
        "开业支持",
        "onboard",
        "hand",
        True,
        1,
    )
    said = [(one["key"], one["name"], one["method"]) for one in template.steps]
    assert said == [
        ("step_0", {"zh": "上门安装", "en": "上门安装"}, "visit"),
        ("step_1", {"zh": "回访", "en": "Look back"}, "call"),
    ]
    assert template.steps[0]["talk_track"] == {"zh": "先看水压", "en": "先看水压"}
    assert (template.steps[1]["offset"], template.steps[1]["after"], template.steps[1]["form"]) == (
        7,
        "previous",
        ["city", "custom.seats"],
    )
    entry = Entry.objects.get(action="template.added")
    assert (entry.actor, entry.data["key"]) == (people.bob, template.key)
    assert list(alice.get(f"/customers/{hotel.pk}/plans/start/").context["form"].fields["template"].queryset) == [
        template
    ]
    # It is drawn as it was saved.
    drawn = bob.get(saved.url)
    assert sent(drawn)["step1-form"] == ["city", "custom.seats"]
    # A field that is no longer the company's own stays until it is ticked off.
    CustomField.objects.get(key="seats").delete()
    changed = {**sent(bob.get(saved.url)), "step1-offset": 8}
    assert bob.post(saved.url, changed).status_code == 302
    template.refresh_from_db()
    assert (template.steps[1]["offset"], template.steps[1]["form"]) == (8, ["city", "custom.seats"])
    refused = bob.post(saved.url, {**sent(bob.get(saved.url)), "step1-form": ["city", "nonsense"]})
    assert refused.status_code == 422


def test_steps_are_reordered_removed_and_added_and_plans_keep_theirs(bob, alice, hotel, made):
    quick = made[0]
    start(alice, hotel, quick)
    path = f"/settings/plans/{quick.pk}/"
    form = sent(bob.get(path))
    assert (form["step0-name_zh"], form["step1-name_zh"], form["step2-place"]) == ("促成致电", "约见", 3)
    changed = {
        **form,
        "step0-place": 2,
        "step0-after": "previous",
        "step1-place": 1,
        "step1-after": "start",
        "step2-name_zh": "报价",
    }
    assert bob.post(path, changed).url == path
    quick.refresh_from_db()
    assert [(one["key"], one["name"]["zh"]) for one in quick.steps] == [
        ("meet", "约见"),
        ("call", "促成致电"),
        ("step_0", "报价"),
    ]
    assert quick.version == 2
    assert [one["key"] for one in Plan.objects.get(customer=hotel).steps] == ["call", "meet"]

    bob.post(path, {**sent(bob.get(path)), "step1-gone": "on"})
    quick.refresh_from_db()
    assert [one["key"] for one in quick.steps] == ["meet", "step_0"]
    # Whoever has an old page before them changes nothing.
    late = bob.post(path, {**changed, "name_zh": "我的"})
    assert late.status_code == 409
    assert "这个模板刚被别人改过，再看一眼" in late.text
    quick.refresh_from_db()
    assert (quick.name_zh, quick.version) == ("促成", 3)


def test_what_is_put_out_of_use_begins_no_plan_until_it_is_put_to_use_again(bob, alice, hotel, made):
    quick = made[0]
    path = f"/settings/plans/{quick.pk}/"
    form = sent(bob.get(path))
    del form["is_active"]
    bob.post(path, form)
    offered = f"/customers/{hotel.pk}/plans/start/"
    assert quick not in alice.get(offered).context["form"].fields["template"].queryset
    lines = {line.template.key: line for line in alice.get("/settings/plans/").context["lines"]}
    assert (lines["quick"].template.is_active, lines["slow"].template.is_active) == (False, True)
    assert start(alice, hotel, quick).status_code == 422
    assert plans_of(hotel) == []

    bob.post(path, {**sent(bob.get(path)), "is_active": "on"})
    start(alice, hotel, quick)
    assert plans_of(hotel) == [("quick", "active")]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name_zh": " "}, "写下名称。"),
        ({"short_goal_zh": ""}, "写下近期目标。"),
        ({"step0-name_zh": ""}, "要有 1 到 40 步。"),
        ({"step0-after": "previous"}, "第一步前面没有别的步骤。"),
        ({"trigger": "class"}, "请说明由什么开始。"),
        ({"trigger": "change"}, "请说明由什么开始。"),
        ({"trigger": "product"}, "请说明由什么开始。"),
        ({"step0-offset": "731"}, "730"),
        ({"step0-after": "event:moon.rose"}, "event:moon.rose"),
        ({"step0-method": "dance"}, "dance"),
        ({"purpose": "fun"}, "fun"),
    ],
)
def test_a_template_that_cannot_be_followed_is_refused_in_words_and_kept_on_the_page(bob, given, words):
    before = PlanTemplate.objects.count()
    refused = bob.post("/settings/plans/new/", {**TEMPLATE, **step_of(0, "上门安装"), **given})
    assert refused.status_code == 422
    assert words in refused.text
    assert 'value="用起来"' in refused.text
    assert PlanTemplate.objects.count() == before
    assert not Entry.objects.filter(action="template.added").exists()


def test_who_leads_nobody_reads_the_templates_only(alice, made):
    assert "促成" in alice.get("/settings/plans/").text
    assert f'href="/settings/plans/{made[0].pk}/"' not in alice.get("/settings/plans/").text
    assert alice.post(f"/settings/plans/{made[0].pk}/", TEMPLATE).status_code == 403
    made[0].refresh_from_db()
    assert made[0].version == 1


def test_a_template_is_called_in_the_language_of_the_reader_and_its_pack_by_its_name(bob, people, made):
    quick = made[0]
    PlanTemplate.objects.filter(pk=quick.pk).update(pack="general")
    PlanTemplate.objects.filter(pk=made[1].pk).update(pack="ours")
    listed = bob.get("/settings/plans/")
    assert [line.pack for line in listed.context["lines"]][:2] == ["通用", "ours"]
    assert '<span class="zk-tag">通用</span>' in listed.text
    chinese = bob.get(f"/settings/plans/{quick.pk}/").text
    assert "<title>促成 · " in chinese
    assert "第 1 步：促成致电" in chinese

    people.bob.language = "en"
    people.bob.save()
    assert '<span class="zk-tag">General</span>' in bob.get("/settings/plans/").text
    english = bob.get(f"/settings/plans/{quick.pk}/").text
    assert "<title>quick · " in english
    assert "Step 1: Call" in english


def test_what_is_not_chosen_yet_says_so_in_the_language_of_the_reader(alice, hotel, made, people):
    task = Task.objects.create(
        title="回访", owner=people.alice, creator=people.alice, due_on="2026-11-19", customer=hotel, created_at=now()
    )
    for address, words in (
        (f"/customers/{hotel.pk}/plans/start/", "选一个计划"),
        (f"/tasks/{task.pk}/delegate/", "选一个人"),
    ):
        asked = alice.get(address, headers=AS_PART)
        assert f'<option value="" selected>{words}</option>' in asked.text
        assert "Select an option" not in asked.text
