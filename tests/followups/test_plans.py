"""Plans: begun, switched, adapted and ended with what happens to customers; of one purpose one, and everything is said."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta

import pytest
from django.utils.translation import override

from tests.factories import make_customer, make_event, make_people, make_user
from tests.followups.planned import PACK, WEDNESDAY, day_of, in_force, shown, step, template
from tests.scenes import once
from zhike.accounts.models import Role
from zhike.assignment.actions.people import add_absence, set_capacity
from zhike.base.errors import Conflict, NotFound
from zhike.classification.actions.packs import install_pack
from zhike.classification.models import Notification
from zhike.classification.packs import present_pack, side_of
from zhike.core.errors import PackError
from zhike.core.pack_diff import differences
from zhike.core.pack_merge import merge
from zhike.core.packs import parse_pack
from zhike.core.plans import read_template
from zhike.customers.actions.bin import delete_many, restore_many
from zhike.customers.actions.log import log_contact
from zhike.customers.actions.many import assign_many
from zhike.followups.actions.finishing import drop_task, finish_task
from zhike.followups.actions.plans import end_plan, start_plan
from zhike.followups.actions.tasks import change_task, delegate_task, move_task
from zhike.followups.actions.templates import save_template
from zhike.followups.models import Plan, PlanTemplate, Task
from zhike.followups.queries.plans import of
from zhike.followups.queries.templates import AWAITED
from zhike.packs import load_pack, shipped
from zhike.timeline.kinds import KINDS
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(settings):
    settings.ZHIKE_NOW = WEDNESDAY
    in_force()
    return once("people of plans", make_people)


def hot(owner, **given):
    """Return a customer who has asked twice and has the plan of the hot."""
    customer = make_customer(owner=owner, **given)
    for _ in range(2):
        make_event(customer, "inquiry.received")
    return customer


def open_task(customer):
    return customer.tasks.get(state="open")


def told(customer):
    rows = Event.objects.filter(customer=customer, kind__startswith="plan.").order_by("pk")
    return [(event.kind, event.data["template"], event.data.get("reason", "")) for event in rows]


def done(task, by, outcome="reached"):
    return finish_task(task=task, version=task.version, outcome=outcome, by=by)


def test_a_plan_begins_with_a_class_goes_on_with_its_steps_and_events_and_is_done_with_the_last(people, settings):
    customer = make_customer(owner=people.alice)
    assert Plan.objects.count() == 0
    make_event(customer, "inquiry.received")
    make_event(customer, "inquiry.received")
    plan = Plan.objects.get(state="active")
    assert shown(plan) == [("first_call", "open", "2026-06-03")]
    assert day_of(customer) == ("2026-06-03", "plan")

    settings.ZHIKE_NOW += timedelta(days=1)
    done(plan.tasks.get(), people.alice)
    # Two working days after the call: over the weekend.
    assert shown(plan)[1:] == [("meet", "open", "2026-06-08")]
    make_event(customer, "quote.sent")
    make_event(customer, "quote.sent")
    assert shown(plan)[1:] == [("meet", "open", "2026-06-08"), ("after_quote", "open", "2026-06-08")]
    for task in plan.tasks.filter(state="open"):
        done(task, people.alice)
    plan.refresh_from_db()
    assert (plan.state, plan.end_reason) == ("done", "done")
    assert day_of(customer) == (None, "")
    assert told(customer)[-1] == ("plan.ended", "hot", "done")


def test_the_task_of_a_step_is_called_in_the_language_of_whoever_reads_it(people):
    def called(task):
        return [task.name_in("zh"), task.name_in("en")]

    task = open_task(hot(people.alice))
    assert (task.title, called(task)) == ("first_call。", ["first_call。", "first_call"])
    with override("en"):
        assert (task.name, str(task)) == ("first_call", "first_call")
        # Saved as it was shown, nothing about it was changed.
        task = change_task(task=task, version=task.version, title="first_call", by=people.alice)
    assert (task.title, task.version) == ("first_call。", 1)
    type(people.bob).objects.filter(pk=people.bob.pk).update(language="en")
    people.bob.refresh_from_db()
    task = delegate_task(task=task, version=1, to=people.bob, by=people.alice)
    assert Notification.objects.get(kind="task").text == "Alice：first_call"
    task = change_task(task=task, version=2, title="call Anna", by=people.bob)
    assert called(task) == ["call Anna", "call Anna"]


def test_a_step_that_two_plans_share_stays_in_whatever_language_it_was_written_down(people):
    customer = make_customer(owner=people.alice)
    make_event(customer, "inquiry.received")
    task = open_task(customer)
    Task.objects.filter(pk=task.pk).update(step="first_call", title="first_call", kind="call")
    make_event(customer, "inquiry.received")
    plan = customer.plans.get(state="active")
    (entry,) = plan.adapted
    assert [(what["code"], what["step"]) for what in entry["what"]] == [("kept", "first_call")]
    assert (open_task(customer).title, open_task(customer).name) == ("first_call。", "first_call。")


def test_a_class_that_is_left_switches_the_plan_or_ends_it_and_says_what_became_of_each_step(people, settings):
    customer = make_customer(owner=people.alice)
    make_event(customer, "inquiry.received")
    warm = Plan.objects.get()
    assert shown(warm) == [("brochure", "open", "2026-06-08")]
    done(warm.tasks.get(), people.alice)
    assert shown(warm)[0] == ("first_call", "open", "2026-06-04")
    make_event(customer, "inquiry.received")
    plan = Plan.objects.get(state="active")
    warm.refresh_from_db()
    assert (warm.state, plan.template.key) == ("switched", "hot")
    assert shown(warm) == [("brochure", "done", "2026-06-08")]
    # The call that was open goes on in the plan of the hot, on the day that it had.
    assert shown(plan) == [("first_call", "open", "2026-06-04")]
    what = [(item["code"], item["step"]) for item in plan.adapted[0]["what"]]
    assert what == [("kept", "first_call")]
    assert told(customer) == [
        ("plan.started", "warm", ""),
        ("plan.ended", "warm", "switched"),
        ("plan.adapted", "hot", "switched"),
    ]
    from zhike.classification.due import place_due

    settings.ZHIKE_NOW += timedelta(days=8)
    place_due()
    plan.refresh_from_db()
    assert (plan.state, plan.end_reason) == ("ended", "left")
    assert shown(plan) == [("first_call", "dropped", "2026-06-04")]
    assert day_of(customer) == (None, "")


def test_what_another_class_is_owed_alters_what_is_left_of_a_plan(people):
    set_capacity(
        person=people.bob, most=None, weekdays=[1, 2, 3, 4, 5], keeps_holidays=True, level=3, skills=[], by=people.ada
    )
    customer = make_customer(owner=people.alice)
    plan = start_plan(customer=customer, template=PlanTemplate.objects.get(key="hand"), by=people.alice)
    task = plan.tasks.get()
    make_event(customer, "order.placed", amount=2000)  # of high value now: a senior person, at least every two days
    task.refresh_from_db()
    plan.refresh_from_db()
    assert task.owner == people.bob
    assert [(item["code"], item["step"]) for item in plan.adapted[0]["what"]] == [("who", "greet"), ("who", "ask")]
    assert ("plan.adapted", "hand", "") in told(customer)

    later = start_plan(customer=hot(people.alice), template=PlanTemplate.objects.get(key="hand"), by=people.alice)
    first = later.tasks.get()
    move_task(task=first, version=first.version, due_on=date(2026, 6, 20), by=people.alice)
    make_event(later.customer, "order.placed", amount=2000)
    first.refresh_from_db()
    assert first.due_on == date(2026, 6, 20)  # a person chose that day


def test_two_plans_of_one_purpose_are_a_conflict_that_is_shown_and_not_doubled(people):
    customer = hot(people.alice)
    hand = save_template(
        template=None,
        version=0,
        data=template("own", "win", step("one")) | {"key": ""},
        by=people.bob,
    )
    with pytest.raises(Conflict, match="hot"):
        start_plan(customer=customer, template=hand, by=people.alice)
    make_event(customer, "order.placed", amount=2000)  # would begin "rise", which is to win as well
    plan = Plan.objects.get(state="active")
    what = [item for entry in plan.adapted for item in entry["what"]]
    assert [(item["code"], item["template"]) for item in what if item["code"] == "conflict"] == [("conflict", "rise")]
    assert [one.state for one in customer.plans.order_by("pk")] == ["switched", "active"]

    switched = start_plan(customer=customer, template=hand, by=people.alice, switch=True)
    found = [(one.state, one.template.key) for one in of(people.alice, customer)]
    assert found == [("active", "plan_1"), ("switched", "hot"), ("switched", "warm")]
    with pytest.raises(NotFound):
        end_plan(plan=switched, version=switched.version, by=people.charlie)
    with pytest.raises(Conflict):
        end_plan(plan=switched, version=9, by=people.alice)
    end_plan(plan=switched, version=switched.version, by=people.alice, reason="他不要了")
    assert shown(switched) == [("one", "dropped", "2026-06-03")]


def test_what_a_person_chose_as_the_day_of_the_next_contact_stays_until_a_contact_has_passed_it(people, settings):
    customer = make_customer(owner=people.alice, next_contact_on=date(2026, 6, 5))
    make_event(customer, "inquiry.received")
    make_event(customer, "inquiry.received")
    assert day_of(customer) == ("2026-06-05", "person")
    settings.ZHIKE_NOW += timedelta(days=1)
    make_event(customer, "call.made")  # before that day
    assert day_of(customer) == ("2026-06-05", "person")
    settings.ZHIKE_NOW += timedelta(days=1)
    make_event(customer, "call.made")
    assert day_of(customer) == ("2026-06-03", "plan")
    log_contact(customer=customer, kind="call", by=people.alice, text="聊了", next_contact_on=date(2026, 6, 9))
    assert day_of(customer) == ("2026-06-09", "person")
    log_contact(customer=customer, kind="call", by=people.alice, text="又聊了")
    assert day_of(customer) == ("2026-06-03", "plan")
    log_contact(customer=customer, kind="call", by=people.alice, text="就这天", next_contact_on=date(2026, 6, 3))
    assert day_of(customer) == ("2026-06-03", "person")


def test_who_is_away_has_steps_done_by_whoever_stands_in_or_on_the_day_they_are_back(people):
    add_absence(
        person=people.alice,
        first_day=date(2026, 6, 3),
        last_day=date(2026, 6, 5),
        stand_in=people.bob,
        note="",
        by=people.alice,
    )
    assert open_task(hot(people.alice)).owner == people.bob
    add_absence(
        person=people.charlie,
        first_day=date(2026, 6, 3),
        last_day=date(2026, 6, 5),
        stand_in=people.alice,  # who does not see what is Charlie's
        note="",
        by=people.charlie,
    )
    task = open_task(hot(people.charlie))
    assert (task.owner, task.due_on) == (people.charlie, date(2026, 6, 8))


def test_a_step_of_the_service_is_done_by_who_serves_and_has_the_least_to_do(people):
    busy, free = make_user("Sara", role=Role.SERVICE), make_user("Sue", role=Role.SERVICE)
    own = save_template(
        template=None, version=0, data=template("own", "service", step("one", who="service")), by=people.bob
    )
    first, second, third = (make_customer(owner=people.alice) for _ in range(3))
    got = [start_plan(customer=one, template=own, by=people.alice).tasks.get().owner for one in (first, second, third)]
    assert got == [busy, free, busy]


def test_open_steps_follow_the_customer_to_another_owner_to_nobody_and_into_the_bin(people):
    customer = hot(people.alice)
    assign_many(ids=[customer.pk], owner=people.bob, by=people.ada)
    task = open_task(customer)
    assert (task.owner, day_of(customer)) == (people.bob, ("2026-06-03", "plan"))

    delete_many(ids=[customer.pk], by=people.ada)
    assert [one.state for one in customer.tasks.order_by("pk")] == ["dropped", "shelved"]
    restore_many(ids=[customer.pk], by=people.ada)
    assert open_task(customer) == task

    assign_many(ids=[customer.pk], owner=None, by=people.ada)
    assert [plan.end_reason for plan in customer.plans.order_by("pk")] == ["switched", "unowned"]
    assert not customer.tasks.filter(state="open").exists()
    assign_many(ids=[customer.pk], owner=people.alice, by=people.ada)
    assert open_task(customer).owner == people.alice


def test_a_product_line_begins_its_plan_and_dropping_a_step_goes_on_with_the_next(people):
    customer = make_customer(owner=people.alice)
    make_event(customer, "quote.sent", data={"line": " 茶 "})
    assert Plan.objects.get().template.key == "tea"
    plan = start_plan(customer=customer, template=PlanTemplate.objects.get(key="hand"), by=people.alice)
    greet = plan.tasks.get()
    drop_task(task=greet, version=greet.version, by=people.alice)
    assert [key for key, state, _ in shown(plan) if state == "open"] == ["ask"]


# --- Templates and packs ---


@pytest.mark.parametrize(
    ("data", "path"),
    [
        pytest.param({"purpose": "fun"}, "purpose", id="purpose"),
        pytest.param({"steps": []}, "steps", id="no step"),
        pytest.param({"steps": [step("a", after="previous")]}, "steps[0].after", id="first after nothing"),
        pytest.param({"steps": [step("a"), step("a")]}, "steps[1].key", id="twice"),
        pytest.param({"steps": [step("a", after="event:moon.rose")]}, "steps[0].after", id="kind"),
        pytest.param({"steps": [step("a", offset=-1)]}, "steps[0].offset", id="offset"),
        pytest.param({"steps": [step("a", method="fax")]}, "steps[0].method", id="method"),
        pytest.param({"starts": {"trigger": "class", "dimension": "value"}}, "starts.class", id="class missing"),
        pytest.param({"starts": {"trigger": "hand", "product": "茶"}}, "starts.product", id="too much"),
        pytest.param(
            {"starts": {"trigger": "class", "dimension": "value", "class": "no"}}, "starts.class", id="class unknown"
        ),
    ],
)
def test_a_template_that_cannot_be_followed_is_refused_with_the_place(data, path):
    with pytest.raises(PackError) as refused:
        read_template(template("a", "win", step("a")) | data, classes={"value": ["high"]}, kinds=KINDS)
    assert refused.value.path == path


def test_every_pack_ships_plans_of_its_classes_whose_events_there_are():
    for name in shipped():
        plans = load_pack(name).plans
        assert 3 <= len(plans) <= 6
        events = {step.event for plan in plans for step in plan.steps} - {""}
        assert events <= AWAITED
        assert all(any(step.talk_track) for plan in plans for step in plan.steps)


def test_templates_are_exported_compared_and_merged_with_the_pack(people):
    present = present_pack()
    assert [plan["key"] for plan in present["plans"]] == ["hot", "warm", "rise", "tea", "hand"]
    assert parse_pack(present).plans[0].steps[1].after == "previous"

    theirs, ours = deepcopy(PACK), deepcopy(PACK)
    theirs["plans"][0]["steps"][0]["offset"] = 1
    theirs["plans"].pop()
    ours["plans"][1]["purpose"] = "wake"
    sides = [side_of(data) for data in (PACK, theirs, ours)]
    found = [(one.path, one.kind) for one in differences(sides[0], sides[1])]
    assert found == [("plans.hot.steps", "changed"), ("plans.hand", "removed")]
    merged = merge(*sides)
    assert merged.conflicts == []
    assert list(merged.tree["plans"]) == ["hot", "warm", "rise", "tea"]
    assert merged.tree["plans"]["warm"]["purpose"] == "wake"
    assert merged.tree["plans"]["hot"]["steps"][0]["offset"] == 1


def test_another_pack_puts_its_own_templates_in_force_and_the_company_keeps_its_own(people):
    save_template(template=None, version=0, data=template("ours", "win", step("one")), by=people.bob)
    install_pack(pack="retail", by=None)
    rows = PlanTemplate.objects.filter(is_active=True).order_by("pk")
    assert list(rows.values_list("key", "pack")) == [
        ("ours", ""),
        ("first_order", "retail"),
        ("dormant", "retail"),
        ("high_value", "retail"),
    ]
    assert Task.objects.count() == 0
