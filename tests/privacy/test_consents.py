"""A consent is for one purpose and for the words it was given to; it is withdrawn at once, and proved."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories import make_customer, make_people
from tests.failing import everything
from tests.scenes import once
from zhike.audit.models import Entry
from zhike.base.errors import Conflict, Forbidden, NotFound
from zhike.base.inputs import Invalid
from zhike.privacy.actions.assessments import file_assessment
from zhike.privacy.actions.consents import publish_text, record_consent
from zhike.privacy.actions.requests import close_request, open_request
from zhike.privacy.models import Assessment, Consent, ConsentText, Request
from zhike.privacy.purposes import PURPOSES
from zhike.privacy.queries import assessment, consents, current_text, may_use, open_requests
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(settings):
    settings.ZHIKE_NOW = NOW
    return settings


@pytest.fixture
def people(db):
    return once("people", make_people)


@pytest.fixture
def customer(people):
    return make_customer("王小明", owner=people.alice, kind="person")


def state(people, customer, purpose="email"):
    return next(one for one in consents(people.alice, customer) if one.purpose.key == purpose)


def give(customer, by, **given):
    values = {"purpose": "email", "state": "given", "channel": "form", **given}
    return record_consent(customer=customer, by=by, **values)


def test_each_purpose_stands_by_itself(people, customer):
    give(customer, people.alice, evidence="官网注册表")

    assert {one.purpose.key: one.state for one in consents(people.alice, customer)} == {
        **dict.fromkeys(PURPOSES, "none"),
        "email": "given",
    }
    assert (may_use(customer.pk, "email"), may_use(customer.pk, "phone")) == (True, False)


def test_proof_says_who_when_to_which_words_through_what(people, customer):
    consent = give(customer, people.alice, evidence="官网注册表 203.0.113.7")

    words = PURPOSES["email"].words
    assert (consent.by, consent.at, consent.recorded_at) == (people.alice, NOW, NOW)
    assert (consent.text.zh, consent.text.number, len(consent.text.digest)) == (words.zh, 1, 64)
    assert (consent.channel, consent.evidence) == ("form", "官网注册表 203.0.113.7")
    event = Event.objects.get(customer=customer, kind="consent.given")
    assert event.data == {"purpose": "email", "channel": "form", "text_version": "v1"}
    entry = Entry.objects.get(action="consent.changed")
    assert (entry.actor, entry.data) == (people.alice, {"purpose": "email", "state": "given", "version": 1})


def test_other_words_make_what_was_given_stale_until_it_is_given_again(people, customer):
    give(customer, people.alice)
    publish_text(purpose="email", zh="新的文字", en="New words", by=people.ada)

    assert (state(people, customer).state, may_use(customer.pk, "email")) == ("stale", False)
    give(customer, people.alice)
    assert (state(people, customer).state, may_use(customer.pk, "email")) == ("given", True)
    assert [one.text.number for one in Consent.objects.order_by("pk")] == [1, 2]


def test_withdrawn_is_withdrawn_at_once_and_not_asked_again_for_some_time(people, customer, clock):
    give(customer, people.alice)
    consent = give(customer, people.alice, state="withdrawn", channel="phone")

    assert may_use(customer.pk, "email") is False
    assert consent.do_not_ask_until == date(2026, 11, 20) + timedelta(days=180)
    assert state(people, customer).may_ask is False
    clock.ZHIKE_NOW = NOW + timedelta(days=180)
    assert state(people, customer).may_ask is True


def test_the_same_said_twice_is_one_consent(people, customer):
    assert give(customer, people.alice) == give(customer, people.alice, channel="phone")
    assert Consent.objects.count() == 1


def test_words_never_change(people, customer):
    give(customer, people.alice)
    with pytest.raises(DatabaseError, match="fixed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE privacy_consenttext SET zh = 'x'")

    assert ConsentText.objects.get().zh == PURPOSES["email"].words.zh


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"purpose": "everything"}, "purpose"),
        ({"state": "maybe"}, "state"),
        ({"channel": "dream"}, "channel"),
        ({"state": "withdrawn"}, "state"),
        ({"at": NOW + timedelta(minutes=1)}, "at"),
        ({"evidence": "x" * 201}, "evidence"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(people, customer, given, path):
    before = everything()
    with pytest.raises(Invalid) as caught, transaction.atomic():
        give(customer, people.alice, **given)

    assert caught.value.path == path
    assert everything() == before


def test_a_child_cannot_agree_to_marketing_but_to_what_serves_it(people):
    child = make_customer("小朋友", owner=people.alice, kind="person", birthday=date(2012, 11, 21))
    with pytest.raises(Invalid):
        give(child, people.alice)
    give(child, people.alice, purpose="sensitive")
    older = make_customer("大朋友", owner=people.alice, kind="person", birthday=date(2012, 11, 20))
    give(older, people.alice)

    assert (may_use(child.pk, "email"), may_use(older.pk, "email")) == (False, True)


def test_a_stranger_may_neither_read_nor_write(people, customer):
    give(customer, people.alice)
    with pytest.raises(NotFound):
        give(customer, people.charlie, state="withdrawn")

    assert {one.state for one in consents(people.charlie, customer)} == {"none"}
    assert may_use(customer.pk, "email")


def test_only_administrators_write_words(people):
    with pytest.raises(Forbidden):
        publish_text(purpose="email", zh="新", en="new", by=people.bob)
    assert current_text(PURPOSES["email"]).number == 1


def test_a_request_is_owed_an_answer_within_thirty_days_of_its_day(people, customer):
    request = open_request(
        customer=customer, kind="access", by=people.alice, said="要一份副本", received_on=date(2026, 11, 1)
    )

    assert request.due_on == date(2026, 12, 1)
    assert list(open_requests(people.alice)) == [request]
    assert list(open_requests(people.charlie)) == []
    with pytest.raises(Forbidden):
        close_request(request=request, by=people.alice, answer="好")
    with pytest.raises(Invalid):
        close_request(request=request, by=people.bob, answer="", is_declined=True)
    close_request(request=request, by=people.bob, answer="已寄出")
    with pytest.raises(Conflict):
        close_request(request=request, by=people.bob, answer="再寄")
    assert Request.objects.get().state == "done"
    assert list(
        Entry.objects.filter(action__startswith="subject.").order_by("pk").values_list("action", flat=True)
    ) == [
        "subject.requested",
        "subject.closed",
    ]


@pytest.mark.parametrize("asker", ["agent", "guardian", "relative"])
def test_whoever_asks_for_somebody_else_shows_by_what_right(people, customer, asker):
    given = {"customer": customer, "kind": "access", "by": people.alice, "asker": asker}
    with pytest.raises(Invalid) as refused:
        open_request(**given)
    assert (refused.value.path, Request.objects.count()) == ("identity", 0)

    assert open_request(**given, identity="委托书原件").asker == asker
    assert Entry.objects.latest("pk").data["asker"] == asker


def test_who_asks_is_one_of_four(people, customer):
    with pytest.raises(Invalid) as refused:
        open_request(customer=customer, kind="access", by=people.alice, asker="neighbour", identity="认识")
    assert refused.value.path == "asker"


def test_an_assessment_is_filed_in_versions(people):
    Assessment.objects.all().delete()
    parts = {"purpose": "服务", "necessity": "少打扰", "impact": "小", "measures": "可拒绝"}
    with pytest.raises(Forbidden):
        file_assessment(by=people.bob, **parts)
    with pytest.raises(Invalid):
        file_assessment(by=people.ada, **{**parts, "impact": " "})
    assert assessment() is None
    file_assessment(by=people.ada, **parts)
    file_assessment(by=people.ada, **{**parts, "impact": "更小"})

    found = assessment()
    assert found is not None
    assert (found.number, found.impact, Assessment.objects.count()) == (2, "更小", 2)
