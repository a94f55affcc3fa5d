"""The rows of a scene that are written again are those that stood there the first time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.factories import make_customer, make_people, make_user
from tests.failing import everything
from tests.scenes import once, rules_in_force
from zhike.audit.chain import read_chain
from zhike.customers.models import Customer

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("scenes")]

BUILT: list[str] = []
STOOD: list[object] = []


def build():
    BUILT.append("once")
    people = make_people()
    make_customer("甲", owner=people.alice)
    return people


@pytest.fixture
def people(settings):
    settings.ZHIKE_NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    people = once("a customer of Alice's", build)
    rules_in_force()
    return people


@pytest.mark.parametrize("turn", range(3))
def test_it_is_built_once_and_stands_there_every_time(people, turn):
    STOOD.append((everything(), people))
    assert STOOD[-1] == STOOD[0]
    assert len(BUILT) == 1
    assert read_chain().broken is None


@pytest.mark.parametrize("turn", range(2))
def test_what_one_test_adds_another_does_not_find(people, turn):
    make_customer("乙", owner=people.alice)
    assert Customer.objects.count() == 2
    assert read_chain().broken is None


def test_it_is_built_where_something_was_written_before():
    before = len(BUILT)
    make_user()
    once("a customer of Alice's", build)
    assert len(BUILT) == before + 1
    BUILT.pop()
