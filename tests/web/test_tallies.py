"""What everybody has to do, counted beforehand, is what pages count by themselves; small companies keep nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import SHANGHAI, make_customer
from zhike.base.clock import now, today
from zhike.classification.rules import rulebook
from zhike.followups.actions.tallies import count_tallies
from zhike.followups.models import PlanTemplate, Tally, Task
from zhike.followups.queries import tallies
from zhike.web.home.queries import Days, on_time
from zhike.web.home.team import team_of
from zhike.web.home.whose import Whose

pytestmark = pytest.mark.django_db


@pytest.fixture
def day(rules):
    PlanTemplate.objects.update(is_active=False)
    return today(SHANGHAI)


def make_task(owner, due_on, **given):
    return Task.objects.create(owner=owner, title="做", due_on=due_on, created_at=now(), **given)


def members(user, day):
    return {
        one.user.name: (one.tasks, one.today, one.contacts, one.work.due, one.work.kept, one.work.customers)
        for one in team_of(user, rulebook(), day).members
    }


def test_what_was_counted_is_what_pages_count(people, day, monkeypatch):
    late, ahead = day - timedelta(days=3), day + timedelta(days=3)
    make_customer(owner=people.alice, next_contact_on=late)
    make_customer(owner=people.alice, next_contact_on=ahead)
    for due_on in (late, late, day, ahead):
        make_task(people.alice, due_on)
    make_task(people.alice, day - timedelta(days=1), state="done", done_at=now() - timedelta(days=2))
    make_task(people.bob, late, state="done", done_at=now())
    live = members(people.ada, day)
    everybody = Whose(people.ada, None)
    share = on_time(everybody, Days(day))
    assert live[people.alice.name] == (2, 1, 1, 3, 1, 2)
    assert count_tallies() == 0
    assert team_of(people.ada, rulebook(), day).counted_at is None

    monkeypatch.setattr("zhike.followups.actions.tallies.LARGE", 3)
    assert count_tallies() == count_tallies() > 3
    found = team_of(people.ada, rulebook(), day)
    assert found.counted_at is not None
    assert members(people.ada, day) == live
    kept = on_time(everybody, Days(day))
    assert (kept.parts, kept.now, kept.before) == (share.parts, share.now, share.before)
    assert (kept.counted_at, on_time(Whose(people.alice, people.alice), Days(day)).counted_at) == (
        found.counted_at,
        None,
    )

    # Too old, or of another day: pages count by themselves.
    make_task(people.alice, late)
    assert members(people.ada, day) == live
    Tally.objects.update(counted_at=now() - tallies.FRESH - timedelta(seconds=1))
    assert members(people.ada, day)[people.alice.name] == (3, 1, 1, 4, 1, 2)
    monkeypatch.undo()
    count_tallies()
    assert not Tally.objects.exists()


def test_the_longest_rows_of_a_large_team_are_behind_a_link(people, rules, signed_in, monkeypatch):
    monkeypatch.setattr("zhike.web.home.views.MOST_SHOWN", 2)
    ada = signed_in(people.ada)
    found = ada.get("/home/team/")
    team = found.context["team"]
    assert (len(team.shown), team.hidden) == (2, len(team.members) - 2)
    assert "没有列出" in found.text
    assert "没有列出" not in ada.get("/home/team/?people=all").text
