"""A small demo company, written through the real actions."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.packs.test_samples import SIZES
from tests.scenes import once
from zhike.base.clock import now
from zhike.cli.demo import install
from zhike.cli.demo.company import COMPANY, PEOPLE, TIMEZONE
from zhike.cli.demo.generator import make_demo
from zhike.cli.demo.sampled import make_sampled
from zhike.packs import load_pack
from zhike.packs.samples import load_sample

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo-install")]  # they look at one company

MOMENT = now().astimezone(ZoneInfo(TIMEZONE))
TODAY = MOMENT.date()
DEMO = make_demo(MOMENT, customers=60)


@pytest.fixture
def steps():
    return once("the demo", installed)


@pytest.fixture
def quick_steps(monkeypatch):
    monkeypatch.setattr(install, "LOOKS", (7,))
    monkeypatch.setattr(install, "STEPS", {})
    return once("the demo, looked at once", installed)


def installed():
    found = []
    install.install_demo(
        DEMO, today=TODAY, password="qing-shan-9999", language="zh-hans", progress=lambda *step: found.append(step)
    )
    return found


def told_by_people():
    """Return the events that are part of the story: neither classes nor the plans that they begin."""
    from zhike.timeline.models import Event

    return Event.objects.exclude(kind__regex=r"^(class|plan)\.").exclude(source="rule")


def test_a_small_company_is_complete(quick_steps):
    from zhike.accounts.models import Company, User
    from zhike.classification.models import Placement, Scheme
    from zhike.customers.models import Contact, Customer

    assert Company.objects.get().name == COMPANY
    people = {user.email: user for user in User.objects.select_related("team")}
    assert {email: (u.name, u.role_key) for email, u in people.items()} == {p.email: (p.name, p.role) for p in PEOPLE}
    assert all(user.check_password("qing-shan-9999") for user in people.values())
    assert Customer.objects.count() == 60
    assert Contact.objects.count() == sum(len(c.contacts) for c in DEMO.customers)

    told = Counter(event.kind for event in DEMO.events)
    written = Counter(told_by_people().values_list("kind", flat=True))
    assert written == told + Counter({"customer.created": 60})

    for scheme in Scheme.objects.select_related("current"):
        keys = {c["key"] for c in [*scheme.current.data["classes"], scheme.current.data["default"]]}
        placed = Placement.objects.filter(dimension=scheme.dimension)
        assert placed.count() == 60
        assert {placement.class_key for placement in placed} == keys

    assert [step for step in quick_steps if step[0] == "customers"] == [("customers", 60, 60)]
    assert quick_steps[-1][0] == "history"
    assert quick_steps[-1][1] == quick_steps[-1][2]


def test_history_tells_of_a_hotel_that_grew_to_high_value(steps):
    from zhike.classification.models import Placement
    from zhike.timeline.models import Event

    def story(dimension):
        moves = Event.objects.filter(
            customer__name__startswith="上海梧桐里", kind="class.changed", data__dimension=dimension
        ).order_by("occurred_at")
        return [(move.data["from"], move.data["to"]) for move in moves]

    assert story("value") == [("regular", "high")]
    assert story("status") == [("interested", "won"), ("won", "loyal")]
    high = Placement.objects.get(customer__name__startswith="上海梧桐里", dimension="value")
    assert TODAY - timedelta(days=330) < high.since < TODAY - timedelta(days=240)
    changes = Event.objects.filter(kind="class.changed")
    assert {key for (key,) in changes.values_list("data__dimension")} >= {
        "status",
        "activity",
        "value",
        "intent",
        "need",
    }
    assert changes.filter(day__gte=TODAY - timedelta(days=7)).exists()


def test_people_have_decided_and_something_waits_for_them(steps):
    from zhike.classification.batch import drift
    from zhike.classification.models import Acknowledgement, Notification, Override, Review, Scheme
    from zhike.timeline.models import Event

    def days(row):
        return (TODAY - row.created_at.astimezone(ZoneInfo(TIMEZONE)).date()).days

    found = {row.customer.name: row for row in Override.objects.select_related("customer", "by")}
    assert {name: (days(row), row.by.name, row.class_key, row.end) for name, row in found.items()} == {
        "杭州文通路书店": (90, "林晓雯", "high", ""),
        "北京鼎和汽车服务": (90, "王磊", "low", "lifted"),
        "上海云汀餐饮管理": (30, "林晓雯", "high", ""),
        "南京栖云酒店": (14, "周敏", "active", ""),
    }
    assert (found["杭州文通路书店"].expires_on - TODAY).days == 5
    assert Event.objects.filter(kind="class.overridden").count() == 5

    waiting = Review.objects.filter(state="open").values_list("kind", flat=True)
    assert {"expiring", "feedback", "warning"} <= set(waiting)
    answered = Review.objects.get(kind="feedback", state="kept")
    assert (answered.customer.name, answered.decided_by.name) == ("上海屿见民宿管理", "陈嘉怡")
    assert set(Notification.objects.filter(user__name="林晓雯").values_list("kind", flat=True)) >= {
        "warning",
        "answered",
    }

    value = Scheme.objects.get(dimension="value").current
    assert (value.number, value.data["classes"][0]["demote"]) == (2, "review")
    moved = Event.objects.filter(kind="class.changed", data__recomputed="rules").values_list("customer__owner__name")
    assert {name for (name,) in moved} - {None} == set(Acknowledgement.objects.values_list("user__name", flat=True))
    assert drift() == []


def test_the_contacts_of_the_last_weeks_had_been_tasks_and_one_of_eight_came_late(quick_steps):
    from zhike.followups.models import Task

    since = TODAY - timedelta(days=70)
    contacts = [
        event
        for event in DEMO.events
        if event.by and event.kind in {"call.made", "visit.made", "message.sent"} and since <= event.at.date() < TODAY
    ]
    done = Task.objects.filter(state="done").order_by("done_at")
    assert [task.done_at for task in done] == [event.at for event in contacts]
    late = [task for task in done if task.due_on < task.done_at.astimezone(ZoneInfo(TIMEZONE)).date()]
    assert len(late) == (len(contacts) + 7) // 8 > 1


def test_what_is_stored_is_what_the_rules_say_today(quick_steps):
    from zhike.classification.batch import place_everyone
    from zhike.timeline.models import Event

    before = Event.objects.count()
    outcome = place_everyone()
    assert (outcome.customers, outcome.entered, outcome.changed) == (60, 0, 0)
    assert Event.objects.count() == before


@pytest.mark.parametrize("pack", ["b2b", "education"])
def test_the_company_of_a_pack_is_installed_with_its_fields(monkeypatch, pack):
    from zhike.accounts.models import Company, User
    from zhike.classification.models import Placement, Scheme
    from zhike.customers.models import Customer, CustomField
    from zhike.timeline.models import Event

    monkeypatch.setattr(install, "LOOKS", (7,))
    demo = make_sampled(pack, MOMENT)
    install.install_demo(demo, today=TODAY, password="qing-shan-9999", language="zh-hans", progress=lambda *_step: None)

    sample = load_sample(pack, TODAY)
    assert (Company.objects.get().name, Company.objects.get().pack) == (sample.company.zh, pack)
    assert {user.email.partition("@")[2] for user in User.objects.all()} == {sample.domain}
    assert Customer.objects.count() == len(sample.customers)
    assert [f"custom.{key}" for key in CustomField.objects.values_list("key", flat=True)] == [
        field.key for field in load_pack(pack).fields
    ]
    told = Counter(event.kind for customer in sample.customers for event in customer.events)
    written = Counter(told_by_people().values_list("kind", flat=True))
    assert written == told + Counter({"customer.created": len(sample.customers)})
    assert not Event.objects.filter(occurred_at__gt=now()).exists()
    sizes = {s.dimension: Counter() for s in Scheme.objects.all()}
    for dimension, key in Placement.objects.values_list("dimension", "class_key"):
        sizes[dimension][key] += 1
    assert sizes == {dimension: Counter(size) for dimension, size in SIZES[pack].items()}


def test_a_second_demo_in_the_same_database_changes_nothing(quick_steps):
    from zhike.customers.models import Customer

    with pytest.raises(Exception, match="exists already"):
        install.install_demo(DEMO, today=TODAY, password="qing-shan-9999", language="en", progress=lambda *_step: None)
    assert Customer.objects.count() == 60
