"""What was stored by an earlier version is kept by the next."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from tests.classification.test_live import PACK
from tests.factories import make_customer, make_event
from zhike.classification.actions.packs import install_pack
from zhike.classification.models import Placement


def migrate(name: str = "") -> None:
    call_command("migrate", "classification", *filter(None, [name]), verbosity=0)


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
