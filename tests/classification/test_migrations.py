"""What was stored by an earlier version is kept by the next."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from tests.classification.test_live import PACK
from tests.factories import make_customer, make_event, make_people
from zhike.classification.actions.packs import install_pack
from zhike.classification.models import Placement
from zhike.jobs.actions.running import run_job
from zhike.jobs.models import Job


def migrate(name: str = "") -> None:
    call_command("migrate", *(["classification", name] if name else []), verbosity=0)


@pytest.fixture
def latest():
    """Leave the tables to the other tests as they want them."""
    yield
    migrate()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("latest")
def test_undetermined_moves_from_the_reason_to_its_column() -> None:
    install_pack(pack=PACK, by=None)
    make_event(make_customer(), "order.placed", amount=1000)
    kept = ("customer", "dimension", "class_key", "computed_key", "undetermined", "reason", "next_flip_at")
    found = list(Placement.objects.order_by("pk").values_list(*kept))

    migrate("0001")
    with connection.cursor() as cursor:
        cursor.execute("SELECT class_key, (reason->'undetermined')::text FROM classification_placement ORDER BY id")
        assert cursor.fetchall() == [("high", "false"), ("usual", "true")]
    migrate()

    assert list(Placement.objects.order_by("pk").values_list(*kept)) == found


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("latest")
def test_a_handover_becomes_a_job_and_goes_on() -> None:
    install_pack(pack=PACK, by=None)
    people = make_people()
    given, left = make_customer("给了", owner=people.bob), make_customer("没给", owner=people.alice)
    migrate("0015")
    with connection.cursor() as cursor:
        for state, done, total, after in (("done", 3, 3, given.pk), ("running", 1, 2, given.pk)):
            cursor.execute(
                "INSERT INTO classification_handover (giver_id, by_id, lines, turns, state, total, done, after, problem, "
                "created_at, finished_at) VALUES (%s, %s, %s, '[1]', %s, %s, %s, %s, '{}', now(), NULL)",
                [
                    people.alice.pk,
                    people.ada.pk,
                    f'[{{"when": null, "to": [{people.bob.pk}]}}]',
                    state,
                    total,
                    done,
                    after,
                ],
            )
    migrate()

    ended, going = Job.objects.order_by("pk")
    assert (ended.state, ended.changed, ended.said["zh"], ended.owner) == ("done", 3, "3 位客户已交接", people.ada)
    assert (going.state, going.done, going.total) == ("running", 1, 2)
    run_job(going.pk)
    going.refresh_from_db()
    left.refresh_from_db()
    assert (going.state, going.changed, left.owner) == ("done", 2, people.bob)
