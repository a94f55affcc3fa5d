"""Every address of a record, sent to by those who do not see it and by those who may only read it: nothing changes."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.test_permissions import TABLE, everything, scene, status  # noqa: F401  fixtures
from zhike.accounts.actions.shares import share_record
from zhike.base.clock import now
from zhike.customers.models import Customer

# What a person keeps of a record for themselves, and what only looks at it.
OWN = ("customers_favourite", "django_session", "accounts_session", "procrastinate", "audit_entry", "jobs_")
FOR_READERS = {"web:customer_star", "web:files", "web:colleagues"}


def digest() -> list[tuple[str, str]]:
    """Return a digest of every table but those in which anybody may write of themselves."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [name for (name,) in cursor.fetchall() if not name.startswith(OWN)]
        parts = [
            f"SELECT '{t}', coalesce(md5(string_agg(r::text, '|' ORDER BY r::text)), '') FROM \"{t}\" r" for t in tables
        ]
        cursor.execute(" UNION ALL ".join(parts))
        return sorted(cursor.fetchall())


def sent() -> dict[str, object]:
    """Return a form that says something to every page: names of fields that any of them might take."""
    return {
        "name": "改了", "title": "改了", "phone": "13900000000", "email": "evil@example.com", "street": "别处", "said": "不要",
        "text": "改了", "subject": "改了", "kind": "call.made", "channel": "phone", "class_key": "low", "reason": "x",
        "until": "usual", "verdict": "refuse", "purpose": "phone", "state": "given", "version": "1", "key": str(uuid4()),
        "other": "", "parent": "", "owner": "", "whom": "user:1", "may_write": "on", "field": "city", "value": "改了",
        "column": "city", "city": "改了", "day": now().date().isoformat(), "next": (now() + timedelta(days=3)).date().isoformat(),
        "file": SimpleUploadedFile("改了.txt", b"x"), "confirm": "on", "is_primary": "on",
    }  # fmt: skip


@pytest.fixture
def addresses(scene):  # noqa: F811
    people, arguments = scene
    pk = arguments["web:customer"]["pk"]
    names = [name for name in sorted(TABLE) if (arguments.get(name) or {}).get("pk") == pk and name != "web:job"]
    of_customers = [name for name in names if "/customers/" in reverse(name, kwargs=arguments[name])]
    assert len(of_customers) > 25
    return people, {name: reverse(name, kwargs=arguments[name]) for name in of_customers}, pk


def test_whoever_does_not_see_a_record_changes_nothing_of_it_through_any_door(addresses):
    people, paths, _ = addresses
    client = Client()
    client.force_login(people["charlie"])
    before = digest()
    answers = {name: status(client.post(path, sent())) for name, path in paths.items()}
    assert {name: code for name, code in answers.items() if code not in {404, 405}} == {}
    assert digest() == before


def test_whoever_may_only_read_a_record_changes_nothing_of_it_through_any_door(addresses):
    people, paths, pk = addresses
    customer = Customer.objects.get(pk=pk)
    share_record(row=customer, by=people["alice"], user=people["charlie"], reason="看看")
    client = Client()
    client.force_login(people["charlie"])
    assert client.get(paths["web:customer"]).status_code == 200
    before = digest()
    answers = {name: status(client.post(path, sent())) for name, path in paths.items() if name not in FOR_READERS}
    assert {name: code for name, code in answers.items() if code not in {403, 404, 405, 422}} == {}
    assert digest() == before
