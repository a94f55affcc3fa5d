"""A person is forgotten everywhere, all or nothing, and again after a restore; the figures of the company stay."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.db.models import Sum

from tests.audit.test_chain import chained
from tests.factories import make_customer, make_event, make_people
from tests.failing import counted, everything, failing, rolled_back
from tests.scenes import rules_in_force
from zhike.audit.chain import read_chain
from zhike.audit.models import Entry
from zhike.base.errors import Conflict, Forbidden, NotFound
from zhike.classification.actions.overrides import override_class
from zhike.classification.actions.reviews import report_wrong
from zhike.classification.models import CustomerFacts, Notification, Placement
from zhike.classification.queries import out_of_step
from zhike.core.facts import FieldType
from zhike.customers.actions.contacts import add_contact
from zhike.customers.actions.customers import update_customer
from zhike.customers.actions.fields import define_field
from zhike.customers.models import Contact, Customer
from zhike.jobs.files import folder
from zhike.jobs.models import Item, Job
from zhike.privacy.actions.consents import publish_text
from zhike.privacy.actions.erasure import erase_customer, reapply_deletions
from zhike.privacy.actions.requests import open_request
from zhike.privacy.ledger import ledger_file, unapplied, write_ledger
from zhike.privacy.models import Consent, Deletion
from zhike.timeline.kinds import KINDS, DataType
from zhike.timeline.models import Event
from zhike.timeline.sealing import check_seals, seal_timeline

pytestmark = pytest.mark.django_db

CANARY = "canary7711"
PHONE = "13900017711"
VALUES = {
    DataType.LINE: CANARY,
    DataType.TEXT: f"说了 {CANARY}",
    DataType.OBJECT: {"anything": [CANARY]},
    DataType.INTEGER: 7,
    DataType.DECIMAL: 7,
    DataType.FLAG: True,
}
# Codes of the program: what they hold nobody types.
CODES = {"dimension", "from", "to", "since", "source", "recomputed", "until", "purpose", "channel", "text_version"}
CODES |= {"result", "campaign", "line", "stage", "form", "survey", "product", "device", "version", "cause"}
# A seminar is the company's: who was there is the person's.
PUBLIC = {("seminar.attended", "title"), ("exhibition.visited", "title")}
# By which rule, pool and reason of the dictionary somebody became the owner says nothing of the customer.
PUBLIC |= {("owner.changed", key) for key in ("how", "instead", "pool", "pool_rule", "reason", "rule", "way")}
# A plan is the company's, and why it began or ended is a code.
PUBLIC |= {
    (f"plan.{verb}", key)
    for verb in ("started", "adapted", "ended")
    for key in ("template", "name_zh", "name_en", "by", "reason")
}


@pytest.fixture(autouse=True)
def ledger(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"  # not another worker's
    settings.ZHIKE_LEDGER = tmp_path / "deletions.jsonl"
    return settings.ZHIKE_LEDGER


@pytest.fixture
def people(db):
    rules_in_force()
    return make_people()


@pytest.fixture
def person(people) -> Customer:
    """Somebody named by the canary wherever a person can be named."""
    define_field(key="nick", type_=FieldType.TEXT, by=None)
    customer = make_customer(
        f"沈{CANARY}",
        owner=people.alice,
        key=f"K-{CANARY}",
        kind="person",
        region=CANARY,
        city=CANARY,
        birthday=date(1977, 1, 1),
        tags=[CANARY],
        phone=PHONE,
        email=f"{CANARY}@example.com",
        custom={"nick": CANARY},
    )
    contact = add_contact(
        customer=customer, by=None, name=CANARY, title=CANARY, phone=PHONE, email=f"c{CANARY}@example.com"
    )
    update_customer(customer=customer, version=1, by=None, name=f"王{CANARY}")
    for kind in KINDS.values():
        data = {
            key: VALUES[column.type]
            for key, column in kind.data.items()
            if key not in CODES and (kind.key, key) not in PUBLIC
        }
        make_event(
            customer,
            kind.key,
            date(2026, 5, 1),
            contact=contact,
            channel=CANARY,
            subject=("deal", CANARY),
            key=f"{kind.key}-{CANARY}",
            data={**data, "unheard_of": CANARY},
        )
    make_event(customer, "order.placed", date(2026, 6, 1), amount=88_000)
    override_class(customer=customer, dimension="value", class_key="high", reason=CANARY, by=people.alice)
    report_wrong(customer=customer, dimension="status", said=CANARY, by=people.alice)
    Notification.objects.filter(customer=customer).update(text=CANARY)
    open_request(customer=customer, kind="delete", by=people.alice, said=CANARY, identity=CANARY)
    Consent.objects.create(
        customer=customer,
        purpose="share",
        state="given",
        text=publish_text(purpose="share", zh="新", en="new", by=people.ada),
        channel="form",
        evidence=CANARY,
        at=customer.created_at,
        recorded_at=customer.created_at,
    )
    (folder() / "canary").write_text(CANARY)
    job = Job.objects.create(
        kind="undo",
        owner=people.alice,
        state="done",
        parameters={"q": f"王{CANARY}"},
        created_at=customer.created_at,
        file="canary",
    )
    Item.objects.create(job=job, target=customer.pk, before={"name": CANARY})
    return customer


def tables_with(*needles: str) -> list[str]:
    """Return every table of the database in which one of these texts stands, the queue's and Django's own too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = [name for (name,) in cursor.fetchall()]
        found = []
        for name in names:
            for needle in needles:
                cursor.execute(f"SELECT count(*) FROM {name} t WHERE t::text LIKE %s", [f"%{needle}%"])
                if cursor.fetchone()[0]:
                    found.append(f"{name}: {needle}")
    return sorted(found)


def test_canary_is_absent_everywhere_after_the_erasure(person, people, django_capture_on_commit_callbacks):
    before = tables_with(CANARY, PHONE)
    assert {name.partition(":")[0] for name in before} >= {
        "customers_customer",
        "customers_contact",
        "timeline_event",
        "classification_override",
        "classification_review",
        "classification_notification",
        "privacy_request",
        "privacy_consent",
        "jobs_job",
        "jobs_item",
    }

    with django_capture_on_commit_callbacks(execute=True):
        erase_customer(customer=person, by=people.ada)

    assert tables_with(CANARY, PHONE, "shencanary", "1977-01-01") == []
    assert ledger_file().exists()
    files = [file for file in Path(django_settings.MEDIA_ROOT).rglob("*") if file.is_file()]
    assert [file for file in [*files, ledger_file()] if file.exists() and CANARY.encode() in file.read_bytes()] == []


def test_statistics_stay_without_the_person(person, people):
    def figures() -> list[tuple[object, ...]]:
        rows = Event.objects.filter(customer=person.pk).exclude(kind="class.changed")
        return sorted(rows.values_list("kind", "day", "amount", "base_amount"), key=str)

    before = figures()
    erase_customer(customer=person, by=people.ada)

    assert figures() == before
    assert Event.objects.aggregate(total=Sum("base_amount"))["total"] == 88_000
    left = Customer.objects.get(pk=person.pk)
    assert (left.name, left.owner, left.kind, left.key) == ("已抹去", people.alice, "person", None)
    assert not Contact.objects.filter(customer=person.pk).exists()
    assert not Placement.objects.filter(customer=person.pk).exists()
    assert not CustomerFacts.objects.filter(customer=person.pk).exists()


def test_whoever_is_erased_is_seen_by_nobody_and_never_placed_again(person, people, client):
    from zhike.accounts.policy import visible
    from zhike.classification.batch import place_everyone
    from zhike.classification.due import place_lagging

    erase_customer(customer=person, by=people.ada)
    place_everyone()
    place_lagging()

    assert not visible(people.ada, Customer).filter(pk=person.pk).exists()
    client.force_login(people.ada)
    assert client.get(f"/customers/{person.pk}/").status_code == 404
    assert not Placement.objects.filter(customer=person.pk).exists()
    assert out_of_step() == 0


def test_audit_holds_what_was_done_and_no_word_of_the_person(person, people):
    seal_timeline()
    erase_customer(customer=person, by=people.ada)
    chained()

    entry = Entry.objects.get(action="subject.erased")
    assert (entry.actor, entry.subject_id) == (people.ada, str(person.pk))
    assert entry.data["counts"]["customers.Contact"] == 1
    assert read_chain().broken is None
    assert check_seals().broken is None


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_only_those_with_the_right_may_erase(person, people, who):
    before = everything()
    with pytest.raises((Forbidden, NotFound)):
        erase_customer(customer=person, by=getattr(people, who))

    assert everything() == before


def test_twice_and_on_what_was_not_seen_it_is_refused(person, people):
    with pytest.raises(Conflict):
        erase_customer(customer=person, by=people.ada, seen=1)
    assert tables_with(CANARY) != []

    erase_customer(customer=person, by=people.ada, seen=Customer.objects.get(pk=person.pk).version)
    with pytest.raises((Conflict, NotFound)):
        erase_customer(customer=person, by=people.ada)
    assert Deletion.objects.count() == 1


def test_whichever_statement_fails_nothing_is_half_erased(people):
    from django.db import OperationalError

    customer = make_customer(CANARY, owner=people.alice, phone=PHONE)
    add_contact(customer=customer, by=None, name=CANARY)
    make_event(customer, "call.made", date(2026, 5, 1), data={"text": CANARY})
    before = everything()
    with rolled_back(), counted() as fails:
        erase_customer(customer=customer, by=people.ada)
    assert len(fails.breaks()) > 6
    for where in fails.breaks():
        with rolled_back():
            with failing(where), pytest.raises(OperationalError):
                erase_customer(customer=customer, by=people.ada)
            assert everything() == before, where
            erase_customer(customer=customer, by=people.ada)
            assert tables_with(CANARY, PHONE) == []


def test_ledger_names_nobody_and_is_written_after_the_transaction(
    person, people, ledger, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        erase_customer(customer=person, by=people.ada)
        assert not ledger.exists()

    (line,) = [json.loads(text) for text in ledger.read_text().splitlines()]
    assert sorted(line) == ["digest", "erased_at", "identifiers", "record"]
    assert (line["record"], len(line["identifiers"])) == (person.pk, 4)
    assert not any(word in ledger.read_text() for word in (CANARY, PHONE))


def test_restore_of_an_older_backup_is_erased_again(person, people):
    with transaction.atomic():
        erase_customer(customer=person, by=people.ada)
        write_ledger()
        transaction.set_rollback(True)  # the database is as it was; the ledger beside it is not
    assert tables_with(CANARY) != []
    assert [line.record for line in unapplied()] == [person.pk]

    assert reapply_deletions() == 1

    assert tables_with(CANARY, PHONE) == []
    assert Entry.objects.get(action="subject.erased").data["replayed"] is True
    assert (unapplied(), reapply_deletions()) == ([], 0)


def test_another_row_with_the_same_number_is_left_alone(people, ledger):
    customer = make_customer("王小明", owner=people.alice)
    ledger.write_text(
        json.dumps({"record": customer.pk, "digest": "0" * 64, "identifiers": [], "erased_at": "2026-01-01"}) + "\n{"
    )

    assert reapply_deletions() == 0
    assert Customer.objects.get(pk=customer.pk).name == "王小明"


def test_a_customer_with_many_years_is_erased_by_kind(people):
    customer = make_customer("王小明", owner=people.alice)
    for month in range(24):
        make_event(customer, "call.made", date(2026, 11, 1) - timedelta(days=30 * month), data={"text": "x"})

    erase_customer(customer=customer, by=people.ada)

    assert [event.data for event in Event.objects.filter(customer=customer.pk, kind="call.made")] == [{}] * 24
