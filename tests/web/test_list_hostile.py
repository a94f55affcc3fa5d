"""What strangers put into the address of the list and into views is refused in words: never an error of ours."""

from __future__ import annotations

import json
import random
import string
import time
from urllib.parse import urlencode

import pytest

from tests.test_hostile import CONDITIONS

NAMES = (
    "sort",
    "view",
    "where",
    "group",
    "layout",
    "section",
    "at",
    "class.value",
    "owner",
    "city",
    "q",
    "as_of",
    "column",
)
PAYLOADS = [
    "owner__password",
    "-owner__password",
    "customer__owner__password__startswith",
    "name__regex",
    "(a+)+$",
    "' OR 1=1 --",
    '"; DROP TABLE customers_customer; --',
    "../../etc/passwd",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "__class__",
    "9" * 40,
    "-1",
    "1e309",
    "\u0000",
    "\ud83d\ude00",
    "null",
    "[]",
    "{}",
    '{"all": {"all": []}}',
    '{"not": {"not": []}}',
    '{"field": "customer.owner__password", "op": "contains", "value": "a"}',
    '{"everyone": false}',
    "[" * 2_000,
]
# Seconds within which each is answered, on a machine that does other things too.
QUICKLY = 2.0


def fuzzed(count: int) -> list[str]:
    draw = random.Random(22)
    pieces = [*PAYLOADS, *string.printable, "上海", "高", "%00", "view=1", "class."]
    return ["".join(draw.choices(pieces, k=draw.randint(1, 5)))[:3_000] for _ in range(count)]


def is_refused_or_understood(client, path: str) -> bool:
    started = time.perf_counter()
    response = client.get(path)
    assert time.perf_counter() - started < QUICKLY, path
    return response.status_code in {200, 400, 404, 422}


@pytest.mark.parametrize("name", NAMES)
def test_whatever_stands_in_the_address_is_answered(alice, hotel, name):
    for value in [*PAYLOADS, *fuzzed(12)]:
        path = "/customers/?" + urlencode({name: value.encode("utf-8", "surrogatepass")})
        assert is_refused_or_understood(alice, path), path


@pytest.mark.parametrize(
    "name", sorted(set(CONDITIONS) - {"fifty thousand levels", "a million tests", "many tests in many lists"})
)
def test_a_hostile_condition_shows_nobody_more_than_they_may_see(people, rules, hotel, signed_in, name):
    client = signed_in(people.charlie)
    where = json.dumps(CONDITIONS[name])
    response = client.get("/customers/?" + urlencode({"where": where}))
    assert response.status_code in {200, 400, 422}
    assert "梧桐里" not in response.text
    for path in ("/customers/conditions/", "/customers/conditions/?save=1"):
        assert client.post(path, {"where": where, "save": "1", "name": "x", "reach": "mine"}).status_code in {400, 422}


def test_a_stored_view_may_hold_anything(alice, people, hotel):
    from zhike.classification.models import SavedView

    kept = SavedView.objects.create(name="坏", owner=people.alice, updated_by=people.alice, where={})
    for where in [
        {},
        [],
        None,
        7,
        "x",
        {"version": 2},
        {"version": 1, "where": []},
        {"version": 1, "where": {"all": 7}},
    ]:
        SavedView.objects.update(
            where=where if where is not None else "null", columns=[7, {"key": []}], sort="x' --", group="gone"
        )
        response = alice.get(f"/customers/?view={kept.pk}")
        assert response.status_code == 200
        assert alice.get(f"/customers/views/counts/?view={kept.pk}").status_code == 200
