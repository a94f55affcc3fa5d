"""Whichever statement fails, nothing is half done, and again it succeeds.

Those use cases that go on in several transactions, one after the other, leave what they had finished; begun again
they end where they would have ended at once.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import OperationalError, transaction

from tests.classification.deciding import NOW, TODAY, VALUE, pack
from tests.factories import make_customer, make_event, make_people
from tests.failing import counted, everything, failing, rolled_back
from zhike.classification.actions.drafts import discard_draft, save_draft, start_draft
from zhike.classification.actions.notifications import mark_read
from zhike.classification.actions.overrides import extend_override, lift_override, override_class
from zhike.classification.actions.packs import install_pack
from zhike.classification.actions.publications import publish, roll_back, run_publication
from zhike.classification.actions.reviews import decide_review, report_wrong
from zhike.classification.actions.warnings import raise_warnings
from zhike.classification.due import place_due, place_lagging
from zhike.classification.models import (
    CustomerFacts,
    Notification,
    Override,
    Placement,
    Publication,
    Review,
    SchemeVersion,
    Staged,
)
from zhike.customers.actions.customers import update_customer
from zhike.timeline.actions import record, record_many, void
from zhike.timeline.models import Event
from zhike.timeline.rows import NewEvent

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.factories import People
    from tests.failing import Break
    from zhike.customers.models import Customer

pytestmark = pytest.mark.django_db


@dataclass
class Scene:
    """A customer who is high until tomorrow, another set by hand, a draft, and an item to review."""

    people: People
    high: Customer
    held: Customer
    draft: SchemeVersion
    review: Review
    order: Event
    settings: Any = field(repr=False)


@pytest.fixture
def scene(settings):
    settings.ZHIKE_NOW = NOW
    people = make_people()
    install_pack(pack=pack(high={"demote": "review"}), by=None)
    high, held = (make_customer(owner=people.alice, created_on=TODAY) for _ in range(2))
    order = make_event(high, "order.placed", TODAY - timedelta(days=29), amount=1500)
    override_class(customer=held, dimension="value", class_key="high", reason="大单", by=people.alice)
    waiting = make_customer(owner=people.alice)
    void(make_event(waiting, "order.placed", TODAY, amount=1500), by=None)
    data = copy.deepcopy(VALUE)
    data["classes"][0]["when"]["value"] = 2000
    draft = save_draft(draft=start_draft(dimension="value", by=people.ada), data=data, revision=1, by=people.ada)
    review = Review.objects.get(customer=waiting, kind="suggestion")
    return Scene(people, high, held, draft, review, order, settings)


def tomorrow(scene: Scene) -> None:
    scene.settings.ZHIKE_NOW = NOW + timedelta(days=1)


# What is all or nothing in one transaction.
ONE: dict[str, Callable[[Scene], object]] = {
    "record an event": lambda s: record(s.high, "order.placed", by=s.people.alice, amount=700),
    "record an event that moves classes": lambda s: record(s.review.customer, "order.placed", by=None, amount=1500),
    "take an event back": lambda s: void(s.order, by=s.people.alice, reason="录错了"),
    "record many": lambda s: record_many(
        [NewEvent(customer_id=c.pk, kind="order.placed", occurred_at=NOW, amount=1500) for c in (s.high, s.held)],
        by=None,
    ),
    "edit a customer": lambda s: update_customer(customer=s.high, version=1, by=s.people.alice, region="华东"),
    "set a class by hand": lambda s: override_class(
        customer=s.high, dimension="value", class_key="low", reason="欠款", by=s.people.alice
    ),
    "set it otherwise": lambda s: override_class(
        customer=s.held, dimension="value", class_key="low", reason="欠款", by=s.people.alice
    ),
    "let it hold longer": lambda s: extend_override(customer=s.held, dimension="value", by=s.people.alice),
    "give it back": lambda s: lift_override(customer=s.held, dimension="value", by=s.people.alice),
    "accept a suggestion": lambda s: decide_review(review=s.review, verdict="accept", by=s.people.alice),
    "keep the class": lambda s: decide_review(review=s.review, verdict="keep", by=s.people.alice),
    "find a class wrong": lambda s: report_wrong(customer=s.high, dimension="value", said="不像", by=s.people.alice),
    "save a draft": lambda s: save_draft(
        draft=s.draft, data={**s.draft.data, "icon": "x"}, revision=2, by=s.people.ada
    ),
    "give a draft up": lambda s: discard_draft(draft=s.draft, by=s.people.ada),
    "ask for a publication": lambda s: publish(drafts=[s.draft], by=s.people.ada, note="门槛"),
    "warn": lambda s: raise_warnings(),
    "read notifications": lambda s: mark_read(user=s.people.alice),
}


def _publication(scene: Scene) -> Publication:
    return Publication.objects.first() or publish(drafts=[scene.draft], by=scene.people.ada)


def _roll_back(scene: Scene) -> Publication:
    first = SchemeVersion.objects.get(scheme__dimension="value", number=1)
    return Publication.objects.first() or roll_back(version=first, by=scene.people.ada)


def _put_in_force(scene: Scene) -> None:
    assert run_publication(_publication(scene).pk).state == "done"


def _due(scene: Scene) -> None:
    tomorrow(scene)
    place_due()


def _lagging(scene: Scene) -> None:
    scene.settings.ZHIKE_NOW = NOW - timedelta(days=2)
    place_lagging()


# What goes on step by step.
SEVERAL: dict[str, Callable[[Scene], object]] = {
    "put rules in force": _put_in_force,
    "install a pack": lambda s: install_pack(pack=pack(high={"rank": 4}), by=s.people.ada),
    "move whom the clock moves": _due,
    "place again whom a fast clock placed": _lagging,
}


def outcome() -> dict[str, list[Any]]:
    """Return what stands afterwards, without the numbers that a second try draws anew."""

    def rows(query: Any, *names: str) -> list[Any]:
        return sorted(query.values_list(*names), key=str)

    return {
        "placements": rows(
            Placement.objects,
            "customer",
            "dimension",
            "class_key",
            "computed_key",
            "source",
            "version__number",
            "since",
        ),
        "facts": rows(CustomerFacts.objects, "customer", "values", "next_flip_at", "contact_due_on"),
        "events": sorted(
            (e.customer_id, e.kind, str(e.day), str({k: v for k, v in e.data.items() if k != "cause"}))
            for e in Event.objects.all()
        ),
        "versions": rows(SchemeVersion.objects, "scheme__dimension", "number", "state", "revision"),
        "in force": rows(SchemeVersion.objects.filter(pk__in=_current()), "scheme__dimension", "number"),
        "overrides": rows(Override.objects, "customer", "class_key", "end", "expires_on"),
        "reviews": rows(Review.objects, "customer", "dimension", "kind", "state", "answer"),
        "told": rows(Notification.objects, "user", "kind", "customer", "to_key", "read_at"),
        "publications": rows(Publication.objects, "kind", "state", "moves"),
        "staged": rows(Staged.objects, "customer"),
    }


def _current() -> Any:
    from zhike.classification.models import Scheme

    return Scheme.objects.values("current")


def _cleanly(scene: Scene, act: Callable[[Scene], object]) -> tuple[list[Break], dict[str, list[Any]]]:
    """Return where it can break off, and what comes of it."""
    with rolled_back(), counted() as fails:
        act(scene)
        return fails.breaks(), outcome()


def _refresh(scene: Scene) -> Scene:
    scene.settings.ZHIKE_NOW = NOW
    scene.draft = SchemeVersion.objects.select_related("scheme").get(pk=scene.draft.pk)
    scene.review = Review.objects.select_related("customer").get(pk=scene.review.pk)
    return scene


@pytest.mark.parametrize("name", ONE)
def test_a_failure_leaves_nothing_and_the_second_try_succeeds(scene, name):
    act, before = ONE[name], everything()
    breaks, expected = _cleanly(scene, act)
    assert breaks
    for where in breaks:
        with rolled_back():
            with failing(where), pytest.raises(OperationalError):
                act(_refresh(scene))
            assert everything() == before, where
            act(_refresh(scene))
            assert outcome() == expected, where


@pytest.mark.parametrize("name", SEVERAL)
def test_what_goes_on_step_by_step_ends_the_same_when_it_is_begun_again(scene, name):
    act = SEVERAL[name]
    breaks, expected = _cleanly(scene, act)
    assert len(breaks) > 5
    for where in breaks:
        with rolled_back():
            with failing(where), pytest.raises(OperationalError):
                act(_refresh(scene))
            transaction.set_rollback(False)  # outside of a test each step is a transaction of its own
            act(_refresh(scene))
            assert outcome() == expected, where
