"""The ladder of what is overdue: the owner, who leads them, who leads those, once each and by one line a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.factories import make_customer, make_people
from tests.followups.planned import WEDNESDAY
from tests.scenes import once
from zhike.assignment.actions.people import add_absence
from zhike.audit.models import Entry
from zhike.base.clock import now
from zhike.base.errors import Conflict, Forbidden
from zhike.base.inputs import Invalid
from zhike.classification.models import Notification
from zhike.followups.actions.finishing import finish_task
from zhike.followups.actions.ladder import climb, set_ladder
from zhike.followups.actions.tasks import create_task, delegate_task, move_task
from zhike.followups.models import Escalation
from zhike.followups.queries.ladder import proposals, reached, terms, told_of_all, told_to, unsettled

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 3)


@pytest.fixture
def people(settings):
    settings.ZHIKE_NOW = WEDNESDAY
    return once("people of the ladder", make_people)


def late(owner, days=0, **given):
    return create_task(by=owner, title="做", due_on=TODAY - timedelta(days=days), **given)


def told():
    return [(one.user.name, one.step, one.days) for one in Escalation.objects.select_related("user").order_by("pk")]


def lines():
    rows = Notification.objects.filter(kind="escalation").order_by("pk")
    return [(one.user.name, one.day.day, one.text) for one in rows]


def test_each_step_is_told_once_whenever_and_however_often_it_is_climbed(people):
    late(people.alice)
    found = {}
    for ahead in (2, 3, 3, 4, 5, 7, 20):
        found[ahead] = climb(TODAY + timedelta(days=ahead))
    assert told() == [("Alice", 1, 3), ("Bob", 2, 5), ("Ada", 3, 7)]
    assert lines() == [("Alice", 6, "1 0"), ("Bob", 8, "0 1"), ("Ada", 10, "0 1")]
    assert found == {2: 0, 3: 0, 4: 0, 5: 1, 7: 1, 20: 0}


def test_a_worker_that_was_away_tells_everybody_once_and_one_person_hears_of_all_by_one_line(people):
    for days in (9, 9, 4):
        late(people.alice, days)
    make_customer(owner=people.alice, next_contact_on=TODAY - timedelta(days=5))
    assert (climb(TODAY), climb(TODAY)) == (3 + 3 + 1 + 2, 0)
    assert lines() == [("Alice", 3, "4 0"), ("Bob", 3, "0 3"), ("Ada", 3, "0 2")]
    late(people.alice, 3)
    assert climb(TODAY) == 1
    assert lines()[0] == ("Alice", 3, "5 0")


def test_what_is_done_or_given_another_day_is_settled_and_a_new_day_climbs_anew(people):
    one, other = late(people.alice, 3), late(people.alice, 3)
    climb(TODAY)
    assert unsettled(people.alice).count() == 2
    finish_task(task=one, version=1, outcome="other", by=people.alice)
    move_task(task=other, version=1, due_on=TODAY + timedelta(days=1), by=people.alice)
    assert unsettled(people.alice).count() == 0
    other.refresh_from_db()
    moved_back = move_task(task=other, version=other.version, due_on=TODAY - timedelta(days=3), by=people.alice)
    assert unsettled(people.alice).get().task == other
    move_task(task=moved_back, version=moved_back.version, due_on=TODAY + timedelta(days=1), by=people.alice)
    assert climb(TODAY + timedelta(days=4)) == 1
    assert told()[-1] == ("Alice", 1, 3)


def test_nobody_is_told_while_they_are_away_and_those_days_do_not_count(people):
    late(people.alice, 1)
    add_absence(
        person=people.alice,
        first_day=TODAY,
        last_day=TODAY + timedelta(days=4),
        stand_in=None,
        note="",
        by=people.alice,
    )
    assert climb(TODAY + timedelta(days=4)) == 0
    # Due on the 2nd, away from the 3rd to the 7th: on the 10th three days are its owner's.
    assert climb(TODAY + timedelta(days=6)) == 0
    assert climb(TODAY + timedelta(days=7)) == 1


def test_what_has_come_up_to_who_leads_comes_with_whom_it_could_be_given_to(people):
    from tests.factories import make_user

    eve = make_user("Eve", team=people.alice.team)
    one = late(people.alice, 6)
    climb(TODAY)
    (row,) = found = list(unsettled(people.bob))
    assert (row.task, proposals(people.bob, found, TODAY)) == (one, {row.pk: people.bob})
    late(people.bob)
    assert proposals(people.bob, unsettled(people.bob), TODAY) == {row.pk: eve}
    assert proposals(people.alice, unsettled(people.alice), TODAY) == {}  # what is one's own
    delegate_task(task=one, version=1, to=eve, by=people.bob)
    assert proposals(people.bob, unsettled(people.bob), TODAY) == {}  # what was given to somebody already


def test_only_administrators_say_after_how_many_days_who_hears_of_it(people):
    given = {"is_on": True, "owner_after": 1, "leader_after": 2, "above_after": 3, "version": 1}
    with pytest.raises(Forbidden):
        set_ladder(**given, by=people.bob)
    set_ladder(**given, by=people.ada)
    with pytest.raises(Conflict):
        set_ladder(**given, by=people.ada)
    late(people.alice, 3)
    assert climb(TODAY) == 3
    set_ladder(**given | {"is_on": False, "version": 2}, by=people.ada)
    late(people.alice, 3)
    assert climb(TODAY) == 0
    said = Entry.objects.filter(action="ladder.changed").order_by("pk").values_list("data", flat=True)
    assert list(said) == [{"fields": ["above_after", "leader_after", "owner_after"]}, {"fields": ["is_on"]}]
    assert set_ladder(**given | {"is_on": False, "version": 3}, by=people.ada).version == 3
    assert said.count() == 2


@pytest.mark.parametrize(
    ("days", "path", "zh"),
    [
        ((0, 5, 7), "owner_after", "写 1 到 90 天"),
        ((3, 5, 91), "above_after", "写 1 到 90 天"),
        ((6, 5, 7), "leader_after", "主管不能比负责人先知道：至少 6 天"),
        ((3, 8, 7), "above_after", "主管的主管不能比主管先知道：至少 8 天"),
    ],
)
def test_nobody_higher_up_hears_of_it_sooner(people, days, path, zh):
    with pytest.raises(Invalid) as refused:
        set_ladder(is_on=True, owner_after=days[0], leader_after=days[1], above_after=days[2], version=1, by=people.ada)
    assert (refused.value.path, refused.value.zh) == (path, zh)
    assert (terms().owner_after, terms().version) == (3, 1)


def test_of_each_thing_those_who_see_all_are_shown_one_row_and_how_far_it_came(people):
    late(people.alice, 7)
    late(people.alice, 5)
    customer = make_customer(owner=people.alice, next_contact_on=TODAY - timedelta(days=3))
    climb(TODAY)
    rows = list(told_of_all(people.ada).order_by("due_on"))
    assert [(one.due_on.day, one.user.name, one.step) for one in rows] == [
        (27, "Ada", 3),
        (29, "Bob", 2),
        (31, "Alice", 1),
    ]
    assert rows[-1].customer == customer
    own = list(told_to(people.alice).order_by("due_on"))
    assert [one.step for one in own] == [1, 1, 1]
    assert [reached(own)[one.pk].step for one in own] == [3, 2, 1]
    assert told_of_all(people.charlie).count() == 0


def test_a_day_that_was_missed_is_settled_by_another_day_and_by_the_bin(people):
    one, other = (make_customer(owner=people.alice, next_contact_on=TODAY - timedelta(days=3)) for _ in range(2))
    climb(TODAY)
    assert unsettled(people.alice).count() == 2
    type(one).objects.filter(pk=one.pk).update(next_contact_on=TODAY)
    type(one).objects.filter(pk=other.pk).update(deleted_at=now())
    assert unsettled(people.alice).count() == 0
    assert told_to(people.alice).filter(is_settled=True).count() == 2
