"""What people can take on, on which days they work, and when they are away."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.factories import make_customer, make_people, make_user
from zhike.accounts.models import Role
from zhike.assignment.actions.people import add_absence, remove_absence, set_capacity
from zhike.assignment.models import Absence, Capacity
from zhike.assignment.queries import absences_of, load_of_people
from zhike.assignment.working_days import is_worked
from zhike.audit.models import Entry
from zhike.base.clock import at
from zhike.base.errors import Conflict, Forbidden, NotFound
from zhike.base.inputs import Invalid

pytestmark = pytest.mark.django_db

WEEK = [1, 2, 3, 4, 5]
MONDAY = datetime(2026, 6, 1, 2, tzinfo=UTC)
USUAL = {"weekdays": WEEK, "keeps_holidays": True, "level": 1, "skills": []}


@pytest.mark.parametrize(
    ("day", "keeps_holidays", "worked"),
    [
        pytest.param(date(2026, 6, 3), True, True, id="an ordinary Wednesday"),
        pytest.param(date(2026, 6, 6), True, False, id="an ordinary Saturday"),
        pytest.param(date(2026, 2, 17), True, False, id="the spring festival is a Tuesday"),
        pytest.param(date(2026, 2, 17), False, True, id="which not everybody keeps"),
        pytest.param(date(2026, 2, 14), True, True, id="a Saturday that makes up for it"),
        pytest.param(date(2026, 2, 14), False, False, id="for those who keep it"),
        pytest.param(date(2191, 6, 1), True, True, id="a Wednesday of a year that nobody has announced"),
        pytest.param(date(2191, 6, 4), True, False, id="and a Saturday of it"),
    ],
)
def test_days_are_worked_by_weekday_and_decree(day: date, keeps_holidays: bool, worked: bool) -> None:
    assert is_worked(day, WEEK, keeps_holidays=keeps_holidays) is worked


def test_the_load_of_people_tells_what_they_have_and_can_take_on() -> None:
    people = make_people()
    for _ in range(3):
        make_customer(owner=people.alice)
    set_capacity(person=people.alice, most=4, by=people.bob, **USUAL)
    set_capacity(person=people.bob, most=0, by=people.ada, **USUAL)
    with at(MONDAY):
        add_absence(
            person=people.bob,
            first_day=date(2026, 6, 1),
            last_day=date(2026, 6, 3),
            stand_in=people.alice,
            note="年假",
            by=people.bob,
        )
        loads = load_of_people([people.alice, people.bob, people.charlie])

    alice, bob, charlie = (loads[p.pk] for p in (people.alice, people.bob, people.charlie))
    assert (alice.customers, alice.room, alice.is_there, alice.can_take) == (3, 1, True, True)
    assert (bob.customers, bob.room, bob.is_there, bob.can_take) == (0, 0, False, False)
    assert bob.absence is not None
    assert bob.absence.stand_in == people.alice
    assert (charlie.customers, charlie.room, charlie.can_take) == (0, None, True)
    assert not load_of_people([people.charlie], as_of=date(2026, 6, 6))[people.charlie.pk].works


def test_a_leader_sets_the_capacity_of_the_team_and_of_nobody_else() -> None:
    people = make_people()
    set_capacity(person=people.alice, most=40, by=people.bob, **{**USUAL, "skills": ["英语", " 英语 ", "ＥＤＵ"]})

    found = Capacity.objects.get()
    assert (found.user, found.most, found.skills) == (people.alice, 40, ["英语", "ＥＤＵ"])
    entry = Entry.objects.filter(action="capacity.changed").get()
    assert (entry.actor_id, entry.subject_id) == (people.bob.pk, str(people.alice.pk))

    with pytest.raises(NotFound):
        set_capacity(person=people.charlie, most=40, by=people.bob, **USUAL)
    with pytest.raises(Forbidden):
        set_capacity(person=people.alice, most=9, by=people.alice, **USUAL)
    assert Capacity.objects.get().most == 40


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"most": -1}, "most"),
        ({"most": 100_001}, "most"),
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": [0]}, "weekdays"),
        ({"level": 9}, "level"),
        ({"skills": ["长" * 41]}, "skills"),
        ({"skills": [str(n) for n in range(21)]}, "skills"),
    ],
)
def test_a_capacity_that_nobody_can_mean_is_refused(given: dict[str, object], path: str) -> None:
    ada = make_user("Ada", role=Role.ADMIN)
    with pytest.raises(Invalid) as error:
        set_capacity(person=ada, by=ada, **{"most": 1, **USUAL, **given})  # type: ignore[arg-type]
    assert (error.value.path, Capacity.objects.count()) == (path, 0)


def test_people_write_down_their_own_absences_and_leaders_those_of_their_team() -> None:
    people = make_people()
    with at(MONDAY):
        own = _away(people.alice, 2, 4, by=people.alice)
        _away(people.alice, 5, 5, by=people.bob)
        with pytest.raises(NotFound):
            _away(people.charlie, 2, 4, by=people.alice)
        with pytest.raises(Conflict) as overlap:
            _away(people.alice, 4, 9, by=people.alice)
        assert overlap.value.zh == "和 2026-06-02–2026-06-04 的休假重叠"
        assert [one.first_day.day for one in absences_of(people.bob, people.alice)] == [2, 5]
        assert not absences_of(people.charlie, people.alice)
        remove_absence(absence=own, by=people.alice)
        remove_absence(absence=Absence.objects.get(), by=people.bob)
    assert not Absence.objects.exists()


def test_an_absence_that_makes_no_sense_is_refused() -> None:
    people = make_people()
    people.charlie.is_active = False
    people.charlie.save()
    with at(MONDAY):
        for first, last, stand_in, path in [
            (4, 2, None, "last_day"),
            (2, 4, people.alice, "stand_in"),
            (2, 4, people.charlie, "stand_in"),
        ]:
            with pytest.raises(Invalid) as error:
                _away(people.alice, first, last, by=people.ada, stand_in=stand_in)
            assert error.value.path == path
        with pytest.raises(Invalid) as error:
            add_absence(
                person=people.alice,
                first_day=date(2026, 6, 1),
                last_day=date(2027, 6, 2),
                stand_in=None,
                note="",
                by=people.ada,
            )
    assert (error.value.path, Absence.objects.count()) == ("last_day", 0)


def _away(person, first, last, *, by, stand_in=None) -> Absence:
    return add_absence(
        person=person,
        first_day=date(2026, 6, first),
        last_day=date(2026, 6, last),
        stand_in=stand_in,
        note="",
        by=by,
    )
