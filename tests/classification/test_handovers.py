"""What a colleague owns, given to others line by line."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_customer, make_event, make_people, make_user
from tests.scenes import once, rules_in_force
from zhike.accounts.actions.people import deactivate
from zhike.accounts.models import FieldRight, Role, RoleRight, User
from zhike.audit.models import Entry
from zhike.base.clock import now
from zhike.base.errors import Conflict, Forbidden, NotFound
from zhike.base.inputs import Invalid
from zhike.classification.actions import handovers
from zhike.classification.actions.handovers import ask_handover, give_dimensions, keep_what_lines_read
from zhike.classification.handovers import belongings, customers_of, plan, read_lines
from zhike.classification.models import (
    Acknowledgement,
    KeptMetric,
    Notification,
    Placement,
    Publication,
    Review,
    Scheme,
)
from zhike.core.errors import ConditionError
from zhike.customers.models import Customer
from zhike.jobs.actions.jobs import undo_job
from zhike.jobs.actions.running import run_job
from zhike.jobs.kinds import Rows
from zhike.jobs.models import Job
from zhike.timeline.actions import record
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db

HIGH = {"field": "class.value", "op": "eq", "value": "high"}
EAST = {"field": "customer.region", "op": "eq", "value": "华东"}


@pytest.fixture
def people():
    return once("people", make_people)


@pytest.fixture
def rules(people):
    rules_in_force()


@pytest.fixture
def book(people, rules):
    """Give Alice a customer of high value, two in the east and three others; return their ids by name."""
    made = [make_customer("大客户", owner=people.alice, region="华东")]
    make_event(made[0], "order.placed", amount=30_000_000)
    made += [make_customer(f"东{n}", owner=people.alice, region="华东") for n in range(2)]
    made += [make_customer(f"其余{n}", owner=people.alice) for n in range(3)]
    return {customer.name: customer.pk for customer in made}


def line(when, *to: User):
    return {"when": when, "to": [person.pk for person in to]}


def run_handovers() -> None:
    for pk in Job.objects.filter(state__in=Job.OPEN).order_by("pk").values_list("pk", flat=True):
        run_job(pk)


def owners() -> dict[str, str]:
    return dict(Customer.objects.values_list("name", "owner__name"))


def test_each_goes_by_the_first_line_that_means_it_and_several_take_turns(people, book):
    lines = [line(HIGH, people.carol), line(EAST, people.charlie), line(None, people.bob, people.charlie)]
    found = plan(people.ada, people.alice, read_lines(lines, people.ada))
    assert (found.lines, found.stays, found.total) == ((1, 2, 3), 0, 6)
    assert found.people == {people.carol.pk: 1, people.charlie.pk: 3, people.bob.pk: 2}
    assert set(owners().values()) == {"Alice"}

    made = ask_handover(giver=people.alice, lines=lines, counted=6, by=people.ada)
    run_handovers()

    assert owners() == {
        "大客户": "Carol",
        "东0": "Charlie",
        "东1": "Charlie",
        "其余0": "Bob",
        "其余1": "Charlie",
        "其余2": "Bob",
    }
    made.refresh_from_db()
    assert (made.state, made.changed, made.total) == ("done", 6, 6)


def test_each_change_is_an_event_and_a_version(people, book):
    ask_handover(giver=people.alice, lines=[line(HIGH, people.bob)], counted=1, by=people.ada)
    run_handovers()

    event = Event.objects.get(kind="owner.changed")
    assert (event.customer_id, event.actor) == (book["大客户"], people.ada)
    assert event.data == {
        "from": people.alice.email,
        "to": people.bob.email,
        "version": 3,
        "way": "handed_over",
    }
    assert Customer.objects.get(pk=book["大客户"]).version == 3
    assert Customer.objects.get(pk=book["东0"]).version == 1


def test_classes_that_read_the_owner_follow(people, book):
    before = dict(Placement.objects.filter(dimension="value").values_list("customer_id", "class_key"))
    ask_handover(giver=people.alice, lines=[line(None, people.bob)], counted=None, by=people.ada)
    run_handovers()
    assert dict(Placement.objects.filter(dimension="value").values_list("customer_id", "class_key")) == before
    assert Customer.objects.filter(facts__placed_at=None).count() == 0


def test_who_fits_no_line_stays_and_can_be_handed_over_again(people, book):
    ask_handover(giver=people.alice, lines=[line(HIGH, people.bob)], counted=1, by=people.ada)
    run_handovers()
    assert list(owners().values()).count("Alice") == 5
    ask_handover(giver=people.alice, lines=[line(None, people.charlie)], counted=5, by=people.ada)
    run_handovers()
    assert "Alice" not in owners().values()


def test_what_was_broken_off_goes_on_where_it_was(people, book, monkeypatch):
    monkeypatch.setattr(Rows, "chunk", 2)
    made = ask_handover(giver=people.alice, lines=[line(None, people.bob, people.charlie)], counted=6, by=people.ada)
    calls = iter([True, False])
    real = handovers.give_many

    def killed_at_the_second(**given):
        if not next(calls):
            raise KeyboardInterrupt
        return real(**given)

    monkeypatch.setattr(handovers, "give_many", killed_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        run_job(made.pk)
    made.refresh_from_db()
    assert (made.state, made.done, list(owners().values()).count("Alice")) == ("running", 2, 4)

    monkeypatch.setattr(handovers, "give_many", real)
    run_handovers()
    made.refresh_from_db()
    assert (made.state, made.changed, made.parameters["turns"]) == ("done", 6, [6])
    assert sorted(owners().values()) == ["Bob"] * 3 + ["Charlie"] * 3
    assert Event.objects.filter(kind="owner.changed").count() == 6


def test_a_customer_who_was_given_away_meanwhile_stays_there(people, book):
    made = ask_handover(giver=people.alice, lines=[line(None, people.bob)], counted=6, by=people.ada)
    Customer.objects.filter(pk=book["东0"]).update(owner=people.carol)
    run_job(made.pk)
    assert owners()["东0"] == "Carol"
    made.refresh_from_db()
    assert (made.changed, made.refused) == (5, 1)


def test_whoever_takes_over_and_leaves_meanwhile_is_said_and_nothing_is_lost(people, book):
    made = ask_handover(giver=people.alice, lines=[line(None, people.bob)], counted=6, by=people.ada)
    deactivate(user=people.bob, by=people.ada)
    run_job(made.pk)
    made.refresh_from_db()
    assert made.state == "failed"
    assert made.said["zh"].endswith("有人不能接手：已停用、不归你分配，或者就是交出的人")
    assert set(owners().values()) == {"Alice"}
    (entry,) = Entry.objects.filter(action="user.handover_failed")
    assert (entry.actor, entry.subject_id, entry.data) == (
        people.ada,
        str(people.alice.pk),
        {"count": 0, "rule": made.pk},
    )


def test_another_number_than_was_seen_is_said_before_anything_is_done(people, book):
    with pytest.raises(Conflict):
        ask_handover(giver=people.alice, lines=[line(None, people.bob)], counted=5, by=people.ada)
    assert Job.objects.count() == 0


def test_one_at_a_time_for_one_person(people, book):
    ask_handover(giver=people.alice, lines=[line(None, people.bob)], counted=6, by=people.ada)
    with pytest.raises(Conflict):
        ask_handover(giver=people.alice, lines=[line(None, people.charlie)], counted=6, by=people.ada)
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ([], Invalid),
        ([{"when": None, "to": []}], Invalid),
        ([{"when": None, "to": ["alice"]}], Invalid),
        ([{"when": None, "to": ["gone"]}], Invalid),
        ([{"when": {"field": "class.value", "op": "eq", "value": "royal"}, "to": ["bob"]}], ConditionError),
        ([{"when": {"field": "customer.password", "op": "eq", "value": "x"}, "to": ["bob"]}], ConditionError),
        ([{"when": {"field": "customer.region", "op": "eq", "value": "月球"}, "to": ["bob"]}], Invalid),
    ],
    ids=[
        "no line",
        "nobody",
        "the one who gives",
        "somebody who left",
        "no such class",
        "no such field",
        "no customer",
    ],
)
def test_lines_that_cannot_be(people, book, lines, error):
    gone = make_user("Gone")
    deactivate(user=gone, by=people.ada)
    named = {"alice": people.alice.pk, "bob": people.bob.pk, "gone": gone.pk}
    given_lines = [{"when": one["when"], "to": [named[name] for name in one["to"]]} for one in lines]
    with pytest.raises(error):
        ask_handover(giver=people.alice, lines=given_lines, counted=None, by=people.ada)
    assert (Job.objects.count(), set(owners().values())) == (0, {"Alice"})


def test_a_leader_hands_over_within_the_team_and_nobody_else_does(people, book):
    lines = [line(None, people.bob)]
    with pytest.raises(Forbidden):
        ask_handover(giver=people.bob, lines=[line(None, people.alice)], counted=None, by=people.alice)
    with pytest.raises(NotFound):
        ask_handover(giver=people.alice, lines=lines, counted=None, by=people.carol)
    with pytest.raises(Invalid):
        ask_handover(giver=people.alice, lines=[line(None, people.charlie)], counted=None, by=people.bob)
    assert Job.objects.count() == 0
    ask_handover(giver=people.alice, lines=lines, counted=6, by=people.bob)
    run_handovers()
    assert set(owners().values()) == {"Bob"}


def test_a_right_that_was_lost_meanwhile_stops_it(people, book):
    made = ask_handover(giver=people.alice, lines=[line(None, people.bob)], counted=6, by=people.bob)
    User.objects.filter(pk=people.bob.pk).update(role=Role.SALES)
    run_job(made.pk)
    made.refresh_from_db()
    assert (made.state, set(owners().values())) == ("failed", {"Alice"})


def test_what_waits_for_somebody_follows_the_customer(people, book):
    big, other = book["大客户"], book["其余0"]
    review = Review.objects.create(
        customer_id=big, dimension="value", kind="demotion", from_key="high", to_key="regular", created_at=now()
    )
    publication = Publication.objects.create(created_at=now(), starts_at=now())
    version = Scheme.objects.get(dimension="value").current
    publication.versions.add(version)
    for pk in (big, other):
        data = {"dimension": "value", "from": "regular", "to": "high", "recomputed": "rules", "version": version.number}
        record(Customer.objects.get(pk=pk), "class.changed", by=None, data=data)
    Notification.objects.all().delete()  # what was told while the book was written
    for pk in (big, other):
        Notification.objects.create(user=people.alice, kind="changed", customer_id=pk, created_at=now())
    read = Notification.objects.create(
        user=people.alice, kind="changed", customer_id=big, created_at=now(), read_at=now()
    )
    Acknowledgement.objects.create(publication=publication, user=people.alice, customers=2)
    Acknowledgement.objects.create(publication=publication, user=people.charlie, customers=4, confirmed_at=now())

    ask_handover(giver=people.alice, lines=[line(HIGH, people.bob)], counted=1, by=people.ada)
    run_handovers()

    assert Review.objects.get(customer__owner=people.bob) == review
    unread = Notification.objects.filter(read_at=None).exclude(customer=None).values_list("customer_id", "user__name")
    assert sorted(unread) == sorted([(big, "Bob"), (other, "Alice")])
    read.refresh_from_db()
    assert read.user == people.alice

    def told():
        return set(Acknowledgement.objects.values_list("user__name", "customers"))

    assert told() == {("Alice", 1), ("Bob", 1), ("Charlie", 4)}
    ask_handover(giver=people.alice, lines=[line(None, people.charlie)], counted=5, by=people.ada)
    run_handovers()
    assert told() == {("Bob", 1), ("Charlie", 4)}  # Charlie has confirmed these rules already


def test_it_is_taken_back_with_what_waits_for_somebody(people, book):
    made = ask_handover(giver=people.alice, lines=[line(None, people.bob)], counted=6, by=people.ada)
    run_handovers()
    entry = Entry.objects.get(action="user.handed_over")
    assert (entry.subject_id, entry.data["count"]) == (str(people.alice.pk), 6)
    Notification.objects.all().delete()
    unread = Notification.objects.create(user=people.bob, kind="changed", customer_id=book["东1"], created_at=now())
    Customer.objects.filter(pk=book["东0"]).update(owner=people.carol)

    undo_job(job=made, by=people.ada)
    run_handovers()

    assert owners() == dict.fromkeys(book, "Alice") | {"东0": "Carol"}
    unread.refresh_from_db()
    assert unread.user == people.alice


def test_whoever_may_hand_over_takes_back_what_another_did(people, book, client):
    other = make_user("Zoe", role=Role.ADMIN)
    ask_handover(giver=people.alice, lines=[line(None, people.charlie)], counted=6, by=other)
    run_handovers()
    deactivate(user=other, by=people.ada)
    address = f"/settings/people/{people.alice.pk}/hand-over/"
    for who in (people.charlie, people.carol):
        client.force_login(who)
        assert client.post(address, {"do": "undo"}).status_code in {403, 404}
    assert set(owners().values()) == {"Charlie"}

    client.force_login(people.ada)
    assert 'value="undo"' in client.get(address).content.decode()
    assert client.post(address, {"do": "undo"}).status_code == 302

    assert owners() == dict.fromkeys(book, "Alice")
    page = client.get(address).content.decode()
    assert ("已撤销" in page, 'value="undo"' in page) == (True, False)


def test_what_somebody_answers_for_is_told(people, book):
    Scheme.objects.filter(dimension__in=["value", "status"]).update(owner=people.alice)
    found = belongings(people.ada, people.alice)
    assert (found.customers, len(found.dimensions), bool(found)) == (6, 2, True)
    assert not belongings(people.ada, people.charlie)


def test_rules_are_given_to_somebody_else_by_administrators(people, book):
    Scheme.objects.filter(dimension="value").update(owner=people.alice)
    with pytest.raises(Forbidden):
        give_dimensions(giver=people.alice, to=people.bob, by=people.bob)
    assert give_dimensions(giver=people.alice, to=people.bob, by=people.ada) == 1
    assert Scheme.objects.get(dimension="value").owner == people.bob
    (entry,) = Entry.objects.filter(action="user.rules_given")
    assert (entry.actor, entry.subject_id) == (people.ada, str(people.alice.pk))
    assert entry.data == {"to": [people.bob.pk], "count": 1, "dimensions": ["value"]}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_is_lost_whatever_the_lines_say(people, data):
    """Everybody ends with whom the plan said, or stays; each move is one event."""
    giver = make_user()
    takers = [make_user() for _ in range(3)]
    regions = data.draw(st.lists(st.sampled_from(["华东", "华北", ""]), min_size=1, max_size=8))
    for number, region in enumerate(regions):
        make_customer(f"c{number}", owner=giver, region=region)
    conditions = st.sampled_from([EAST, {"field": "customer.region", "op": "eq", "value": "华北"}, None])
    lines = data.draw(
        st.lists(
            st.tuples(conditions, st.lists(st.sampled_from(takers), min_size=1, max_size=3, unique=True)),
            min_size=1,
            max_size=3,
        )
    )
    given_lines = [line(when, *to) for when, to in lines]
    found = plan(people.ada, giver, read_lines(given_lines, people.ada))
    if found.total:
        run_job(ask_handover(giver=giver, lines=given_lines, counted=found.total, by=people.ada).pk)

    counts = {person.pk: Customer.objects.filter(owner=person).count() for person in takers}
    assert {pk: n for pk, n in counts.items() if n} == {pk: n for pk, n in found.people.items() if n}
    assert Customer.objects.filter(owner=giver).count() == found.stays
    assert Event.objects.filter(kind="owner.changed", data__from=giver.email).count() == found.total


# --- What the one who acts may write and read ---


@pytest.fixture
def clerk(people):
    """Somebody who may assign everybody's customers, and read all of them but where they are."""
    role = Role.objects.create(key="clerk", label_zh="文员", label_en="Clerk")
    for verb in ("view", "change", "assign"):
        RoleRight.objects.create(role=role, verb=verb, object="customers.Customer", scope="all")
    RoleRight.objects.create(role=role, verb="view", object="accounts.User", scope="all")
    RoleRight.objects.create(role=role, verb="create", object="jobs.Job", scope="own")
    FieldRight.objects.create(role=role, object="customers.Customer", field="region", access="hidden")
    return make_user("Clerk", role="clerk")


@pytest.mark.parametrize("access", ["read", "masked", "hidden"])
def test_who_may_not_write_whose_a_customer_is_hands_nothing_over(people, book, clerk, access):
    FieldRight.objects.create(role=clerk.role, object="customers.Customer", field="owner", access=access)
    with pytest.raises(Forbidden):
        ask_handover(giver=people.alice, lines=[line(None, people.bob)], counted=6, by=clerk)
    assert (Job.objects.count(), set(owners().values())) == (0, {"Alice"})


def test_who_may_write_it_no_longer_stops_half_way(people, book, clerk):
    made = ask_handover(giver=people.alice, lines=[line(None, people.bob)], counted=6, by=clerk)
    FieldRight.objects.create(role=clerk.role, object="customers.Customer", field="owner", access="read")
    run_job(made.pk)
    made.refresh_from_db()
    assert (made.state, made.said["zh"], set(owners().values())) == (
        "failed",
        "owner：你不能修改这个字段。",
        {"Alice"},
    )


@pytest.mark.parametrize("access", ["hidden", "masked"])
def test_a_line_does_not_count_by_what_may_not_be_read(people, book, clerk, access):
    FieldRight.objects.filter(role=clerk.role, field="region").update(access=access)
    for when in (EAST, {"not": EAST}, {"any": [HIGH, EAST]}):
        with pytest.raises(ConditionError):
            read_lines([line(when, people.bob)], clerk)
        with pytest.raises(ConditionError):
            ask_handover(giver=people.alice, lines=[line(when, people.bob)], counted=None, by=clerk)
    assert (Job.objects.count(), set(owners().values())) == (0, {"Alice"})
    assert plan(clerk, people.alice, read_lines([line(HIGH, people.bob)], clerk)).lines == (1,)


def test_a_customer_shared_to_be_read_alone_is_not_given_away(people, book):
    from zhike.accounts.actions.shares import share_record

    share_record(row=Customer.objects.get(pk=book["东0"]), by=people.alice, user=people.carol, reason="看看")
    carol = User.objects.get(pk=people.carol.pk)
    assert not customers_of(carol, people.alice).exists()


def test_a_metric_that_nobody_has_counted_yet_is_counted_first(people, book):
    calls = {"field": "metric.contacts_made", "over": {"days": 77}, "op": "gte", "value": 1}
    lines = read_lines([line(calls, people.bob)], people.ada)
    for _ in range(2):
        keep_what_lines_read(lines, people.ada)
        with pytest.raises(Conflict):
            plan(people.ada, people.alice, lines)
    assert list(KeptMetric.objects.filter(complete=False).values_list("ref", flat=True)) == ["metric.contacts_made@77"]
    KeptMetric.objects.update(complete=True)
    assert plan(people.ada, people.alice, read_lines([line(calls, people.bob)], people.ada)).lines == (0,)
