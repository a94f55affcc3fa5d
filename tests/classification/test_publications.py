"""New rules come into force in one step, with history, and old ones again."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest

from tests.classification.deciding import NOW, TODAY, VALUE, classes, pack, placement
from tests.classification.test_drafts import bound
from tests.factories import make_customer, make_event, make_people
from tests.scenes import once, rules_in_force
from zhike.base.errors import Conflict, Forbidden
from zhike.base.inputs import Invalid
from zhike.classification.actions import publications
from zhike.classification.actions.drafts import add_dimension, discard_draft, pause_dimension, save_draft, start_draft
from zhike.classification.actions.overrides import override_class
from zhike.classification.actions.packs import install_pack
from zhike.classification.actions.publications import (
    cancel_publication,
    due_publications,
    publish,
    retire_dimension,
    roll_back,
    run_publication,
)
from zhike.classification.batch import drift
from zhike.classification.due import place_lagging
from zhike.classification.models import (
    Acknowledgement,
    Notification,
    Override,
    Placement,
    Publication,
    Review,
    Scheme,
    SchemeVersion,
    Staged,
)
from zhike.classification.queries import out_of_step
from zhike.core.errors import ConditionError, PackError
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules(settings):
    settings.ZHIKE_NOW = NOW
    rules_in_force(pack())


@pytest.fixture
def people():
    return once("people", make_people)


@pytest.fixture
def customer(people):
    found = make_customer(owner=people.alice)
    make_event(found, "order.placed", TODAY, amount=900)
    Notification.objects.all().delete()
    return found


def draft_of(people, data, dimension="value"):
    draft = start_draft(dimension=dimension, by=people.ada)
    return save_draft(draft=draft, data=data, revision=draft.revision, by=people.ada)


def carry_out(people, data=None, **given):
    publication = publish(drafts=[draft_of(people, data or bound(800))], by=people.ada, **given)
    return run_publication(publication.pk)


def test_rules_come_into_force_with_history_and_everyone_agrees(people, customer):
    untouched = make_customer(owner=people.alice)
    done = carry_out(people, note="门槛降到 8 元")

    assert (done.state, done.moves) == ("done", {"value": [["regular", "high", 1]], "care": [["usual", "close", 1]]})
    assert classes(customer) == {"value": "high", "care": "close"}
    assert classes(untouched) == {"value": "regular", "care": "usual"}
    assert (placement(customer).since, placement(customer).version.number) == (TODAY, 2)
    moves = Event.objects.filter(kind="class.changed", customer=customer).order_by("pk")
    assert [(e.data["dimension"], e.data["to"], e.data["version"], e.data["recomputed"]) for e in moves] == [
        ("value", "high", 2, "rules"),
        ("care", "close", 1, "rules"),
    ]
    first, second = SchemeVersion.objects.filter(scheme__dimension="value").order_by("number")
    assert (first.state, first.retired_at, second.state, second.published_at) == ("retired", NOW, "published", NOW)
    assert (second.note, second.by) == ("门槛降到 8 元", people.ada)
    assert Scheme.objects.get(dimension="value").current == second
    assert drift() == []
    assert not Staged.objects.exists()


def test_those_whose_customers_moved_are_asked_to_confirm(people, customer):
    carry_out(people)
    assert list(Acknowledgement.objects.values_list("user", "customers", "confirmed_at")) == [
        (people.alice.pk, 1, None)
    ]
    assert list(Notification.objects.values_list("user", "kind", "dimension", "text")) == [
        (people.alice.pk, "rules", "value", "1")
    ]
    assert not Review.objects.exists()


def test_nobody_reads_half_of_it(people, customer, monkeypatch):
    draft = draft_of(people, bound(800))
    publication = publish(drafts=[draft], by=people.ada)
    seen = []
    stage = publications._Run._stage

    def watch(self, found, ids, occasion):
        stage(self, found, ids, occasion)
        seen.append((classes(customer), Staged.objects.count(), Scheme.objects.get(dimension="value").current.number))

    monkeypatch.setattr(publications._Run, "_stage", watch)
    run_publication(publication.pk)
    assert seen == [({"value": "regular", "care": "usual"}, 2, 1)]


def test_who_was_placed_meanwhile_is_placed_by_the_new_rules_after_it(people, customer, settings, monkeypatch):
    publication = publish(drafts=[draft_of(people, bound(800))], by=people.ada)
    stage = publications._Run._stage

    def meanwhile(self, found, ids, occasion):
        stage(self, found, ids, occasion)
        settings.ZHIKE_NOW = NOW + timedelta(seconds=5)
        make_event(customer, "order.refunded", TODAY, amount=300)

    monkeypatch.setattr(publications._Run, "_stage", meanwhile)
    done = run_publication(publication.pk)
    assert (done.state, done.moves) == ("done", {})
    assert classes(customer) == {"value": "regular", "care": "usual"}
    assert drift() == []


def test_a_crash_before_the_switch_leaves_the_old_rules_and_it_begins_again(people, customer, monkeypatch):
    publication = publish(drafts=[draft_of(people, bound(800))], by=people.ada)
    with monkeypatch.context() as patch:
        patch.setattr(publications._Run, "_put_in_force", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_publication(publication.pk)
    assert classes(customer)["value"] == "regular"
    assert due_publications() == [publication.pk]
    assert run_publication(publication.pk).state == "done"
    assert classes(customer)["value"] == "high"


def test_a_crash_after_the_switch_is_finished_later(people, customer, monkeypatch):
    publication = publish(drafts=[draft_of(people, bound(800))], by=people.ada)
    with monkeypatch.context() as patch:
        patch.setattr(publications, "_settle", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_publication(publication.pk)
    assert classes(customer)["value"] == "high"
    assert out_of_step() == 1
    assert run_publication(publication.pk).state == "done"


def test_what_is_pending_is_cleared_when_every_older_transaction_has_ended(people, customer, settings):
    carry_out(people)
    place_lagging()
    assert Scheme.objects.get(dimension="value").pending_since == NOW
    settings.ZHIKE_NOW = NOW + timedelta(minutes=6)
    place_lagging()
    assert Scheme.objects.get(dimension="value").pending_since is None
    assert out_of_step() == 0


def test_it_may_be_set_for_a_time_and_cancelled(people, customer, settings):
    draft = draft_of(people, bound(800))
    publication = publish(drafts=[draft], by=people.ada, starts_at=NOW + timedelta(hours=3))
    assert due_publications() == []
    with pytest.raises(Conflict):
        save_draft(draft=draft, data=bound(1), revision=draft.revision, by=people.ada)
    with pytest.raises(Conflict):
        discard_draft(draft=draft, by=people.ada)
    with pytest.raises(Conflict):
        publish(drafts=[draft], by=people.ada)
    settings.ZHIKE_NOW = NOW + timedelta(hours=3)
    assert due_publications() == [publication.pk]
    cancel_publication(publication=publication, by=people.ada)
    assert run_publication(publication.pk).state == "cancelled"
    assert classes(customer)["value"] == "regular"
    with pytest.raises(Conflict):
        cancel_publication(publication=publication, by=people.ada)
    with pytest.raises(Invalid):
        publish(drafts=[draft], by=people.ada, starts_at=NOW)


def test_cancelling_while_it_prepares_stops_it(people, customer, monkeypatch):
    publication = publish(drafts=[draft_of(people, bound(800))], by=people.ada)
    stage = publications._Run._stage

    def cancel(self, found, ids, occasion):
        stage(self, found, ids, occasion)
        cancel_publication(publication=publication, by=people.ada)

    monkeypatch.setattr(publications._Run, "_stage", cancel)
    assert run_publication(publication.pk).state == "cancelled"
    assert (classes(customer)["value"], Staged.objects.count()) == ("regular", 0)


def test_rules_changed_meanwhile_are_not_overwritten(people, customer, monkeypatch):
    publication = publish(drafts=[draft_of(people, bound(800))], by=people.ada)
    stage = publications._Run._stage

    def other(self, found, ids, occasion):
        stage(self, found, ids, occasion)
        Scheme.objects.filter(dimension="value").update(current=None)

    monkeypatch.setattr(publications._Run, "_stage", other)
    failed = run_publication(publication.pk)
    assert failed.state == "failed"
    assert "规则刚被别人换过" in failed.problem["zh"]
    assert not Staged.objects.exists()


def test_what_is_wrong_is_refused_before_anything_starts(people):
    draft = draft_of(people, {**VALUE, "classes": [{"key": "high"}]})
    with pytest.raises(PackError):
        publish(drafts=[draft], by=people.ada)
    assert not Publication.objects.exists()


def test_only_administrators_publish(people):
    draft = draft_of(people, bound(800))
    for by in (people.alice, people.bob):
        with pytest.raises(Forbidden):
            publish(drafts=[draft], by=by)
    assert not Publication.objects.exists()


def test_rolling_back_puts_the_old_rules_in_force_again(people, customer):
    carry_out(people)
    first = SchemeVersion.objects.get(scheme__dimension="value", number=1)
    done = run_publication(roll_back(version=first, by=people.ada).pk)

    assert (done.kind, done.note, done.state) == ("rollback", "v1", "done")
    current = Scheme.objects.get(dimension="value").current
    assert (current.number, current.data, current.base) == (3, VALUE, first)
    assert classes(customer) == {"value": "regular", "care": "usual"}
    with pytest.raises(Invalid):
        roll_back(version=current, by=people.ada)


def test_a_quantile_is_published_with_its_number(people, customer):
    carry_out(people, bound({"quantile": 0.5}))
    data = Scheme.objects.get(dimension="value").current.data
    assert data["classes"][0]["when"]["value"] == {"quantile": 0.5, "number": 900}
    richer = make_customer()
    make_event(richer, "order.placed", TODAY, amount=5000)
    assert classes(customer)["value"] == "high"


def test_a_new_dimension_places_everyone(people, customer):
    draft = add_dimension(key="risk", label={"zh": "风险", "en": "Risk"}, by=people.ada)
    run_publication(publish(drafts=[draft], by=people.ada).pk)
    assert classes(customer) == {"value": "regular", "care": "usual", "risk": "other"}
    assert not Event.objects.filter(kind="class.changed", data__dimension="risk").exists()


def test_a_retired_class_takes_those_whom_people_put_there_along(people, customer):
    override_class(customer=customer, dimension="value", class_key="low", reason="欠款", by=people.alice)
    data = copy.deepcopy(VALUE)
    del data["classes"][1]
    draft = start_draft(dimension="value", by=people.ada)
    draft = save_draft(draft=draft, data=data, revision=1, by=people.ada, moved={"low": "regular"})
    run_publication(publish(drafts=[draft], by=people.ada).pk)

    assert (classes(customer)["value"], placement(customer).source) == ("regular", "person")
    assert Override.objects.get(ended_at=None).class_key == "regular"
    assert drift() == []


def test_a_retired_dimension_is_left_and_its_history_stays(people, customer):
    with pytest.raises(ConditionError) as caught:
        retire_dimension(dimension="value", by=people.ada)
    assert caught.value.path == "care.classes[0].when.field"
    done = retire_dimension(dimension="care", by=people.ada, note="不再用")
    assert (done.kind, done.state) == ("retire", "done")
    assert not Placement.objects.filter(dimension="care").exists()
    assert Scheme.objects.get(dimension="care").current is None
    with pytest.raises(Conflict):
        retire_dimension(dimension="care", by=people.ada)


def test_pausing_is_a_right_and_ends_with_everyone_in_step(people, customer):
    with pytest.raises(Forbidden):
        pause_dimension(dimension="value", is_paused=True, by=people.bob)
    pause_dimension(dimension="value", is_paused=True, by=people.ada)
    make_event(customer, "order.placed", TODAY, amount=900)
    assert classes(customer)["value"] == "regular"
    pause_dimension(dimension="value", is_paused=False, by=people.ada)
    place_lagging()
    assert classes(customer) == {"value": "high", "care": "close"}


def test_where_rules_only_suggest_new_ones_only_suggest(people, customer):
    install_pack(pack=pack(mode="suggest"), by=None)
    carry_out(people, bound(800) | {"mode": "suggest"})
    assert classes(customer) == {"value": "regular", "care": "usual"}
    assert list(Review.objects.values_list("kind", "to_key")) == [("suggestion", "high")]
