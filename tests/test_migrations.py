"""What was stored by an earlier version is kept by the next: one way back and one forward, for all that is told here."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from tests.classification.test_live import PACK
from tests.factories import make_customer, make_event, make_people
from zhike.accounts.models import Role, User
from zhike.classification.actions.packs import install_pack
from zhike.classification.models import Placement
from zhike.jobs.actions.running import run_job
from zhike.jobs.models import Job

KEPT = ("customer", "dimension", "class_key", "computed_key", "undetermined", "reason", "next_flip_at")


def migrate(*names: str) -> None:
    call_command("migrate", *names, verbosity=0)


def asked(query: str, *given: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def latest():
    """Leave the tables to the other tests as they want them."""
    yield
    migrate()


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration(capsys):
    call_command("makemigrations", check=True, dry_run=True)
    assert capsys.readouterr().out == "No changes detected\n"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("latest")
def test_roles_undetermined_classes_and_handovers_are_kept() -> None:
    install_pack(pack=PACK, by=None)
    people = make_people()
    given, left = make_customer("给了", owner=people.bob), make_customer("没给", owner=people.alice)
    make_event(given, "order.placed", amount=1000)
    placed = list(Placement.objects.order_by("pk").values_list(*KEPT))
    roles = dict(User.objects.values_list("pk", "role"))
    assert sorted(roles.values()) == ["admin", "manager", "manager", "sales", "sales"]

    migrate("classification", "0001")
    found = asked("SELECT class_key, (reason->'undetermined')::text FROM classification_placement ORDER BY id")
    assert found == [("high", "false"), ("usual", "true"), ("regular", "true"), ("usual", "true")]
    migrate("accounts", "0002_sign_in_failure")
    assert dict(asked("SELECT id, role FROM accounts_user")) == roles

    migrate("classification", "0015")
    for state, done, total in (("done", 3, 3), ("running", 1, 2)):
        asked(
            "INSERT INTO classification_handover (giver_id, by_id, lines, turns, state, total, done, after, problem, "
            "created_at, finished_at) VALUES (%s, %s, %s, '[1]', %s, %s, %s, %s, '{}', now(), NULL)",
            people.alice.pk,
            people.ada.pk,
            f'[{{"when": null, "to": [{people.bob.pk}]}}]',
            state,
            total,
            done,
            given.pk,
        )
    migrate()

    assert dict(User.objects.values_list("pk", "role")) == roles
    assert Role.objects.filter(is_builtin=True).count() == 7
    assert list(Placement.objects.order_by("pk").values_list(*KEPT)) == placed
    ended, going = Job.objects.order_by("pk")
    assert (ended.state, ended.changed, ended.said["zh"], ended.owner) == ("done", 3, "3 位客户已交接", people.ada)
    assert (going.state, going.done, going.total) == ("running", 1, 2)
    run_job(going.pk)
    going.refresh_from_db()
    left.refresh_from_db()
    assert (going.state, going.changed, left.owner) == ("done", 2, people.bob)
