"""What strangers put into conditions, filters, drafts and packs is refused in words: never run, never an error of ours."""

from __future__ import annotations

import json
import random
import string
import time

import pytest

from zhike.core.conditions.parse import parse
from zhike.core.errors import ZhikeError
from zhike.core.packs import base_fields, parse_pack
from zhike.packs import read_yaml

LEAF = {"field": "metric.orders", "op": "gte", "value": 1}
DEEP: object = LEAF
for _ in range(50_000):
    DEEP = {"not": DEEP}
# Seconds within which even the largest is refused.
QUICKLY = 1.0


def pack(**class_):
    of_class = {"key": "high", "label": {"zh": "高", "en": "High"}, "when": LEAF} | class_
    default = {"key": "rest", "label": {"zh": "其余", "en": "Rest"}}
    dimension = {"key": "value", "label": {"zh": "价值", "en": "Value"}, "classes": [of_class], "default": default}
    return {"pack": "x", "version": 1, "dimensions": [dimension]}


CONDITIONS = {
    "a dunder as a field": {"field": "customer.__class__", "op": "is_set"},
    "a dunder as a custom field": {"field": "custom.__init__.__globals__", "op": "is_set"},
    "a relation as a field": {"field": "customer.owner__password", "op": "contains", "value": "a"},
    "a relation behind a column": {"field": "customer.owner.password", "op": "eq", "value": "a"},
    "a dunder as an operator": {"field": "metric.orders", "op": "__class__", "value": 1},
    "a regular expression": {"field": "customer.name", "op": "regex", "value": "(a+)+$"},
    "an import": {"field": "__import__('os').system('id')", "op": "is_set"},
    "SQL as a field": {"field": "customer.name' OR 1=1 --", "op": "is_set"},
    "SQL as an operator": {"field": "customer.name", "op": "= '' OR 1=1 --", "value": "a"},
    "arithmetic": {"field": "metric.orders", "op": "gte", "value": "9**9**9"},
    "a list for a number": {"field": "metric.orders", "op": "gte", "value": [[[[1]]]]},
    "an object for a number": {"field": "metric.orders", "op": "gte", "value": {"__class__": 1}},
    "a window without end": {"field": "metric.orders", "over": {"days": 10**30}, "op": "gte", "value": 1},
    "a span without end": {"field": "customer.birthday", "op": "in_last", "value": {"years": 10**9}},
    "a number beyond the database": {"field": "metric.orders", "op": "gte", "value": 2**63},
    "not a number": {"field": "metric.satisfaction", "op": "gte", "value": float("nan")},
    "a NUL": {"field": "customer.name", "op": "eq", "value": "a\0b"},
    "a long text": {"field": "customer.name", "op": "contains", "value": "a" * 1_000_000},
    "a long list": {"field": "customer.region", "op": "in", "value": ["a"] * 100_000},
    "a foreign key beside": {**LEAF, "where": "1=1"},
    "a million tests": {"any": [LEAF] * 1_000_000},
    "many tests in many lists": {"any": [{"all": [LEAF] * 400}] * 400},
    "fifty thousand levels": DEEP,
    "nothing at all": None,
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_hostile_condition_is_refused_in_words(name):
    started = time.perf_counter()
    with pytest.raises(ZhikeError) as caught:
        parse(CONDITIONS[name], base_fields())
    assert time.perf_counter() - started < QUICKLY
    assert caught.value.zh
    assert caught.value.en
    with pytest.raises(ZhikeError):
        parse_pack(pack(when=CONDITIONS[name]))


PACKS = {
    "a dunder as a key": {**pack(), "__class__": 1},
    "a dunder as a class": pack(key="__class__"),
    "markup as a key": pack(key="<script>"),
    "a million classes": {
        **pack(),
        "dimensions": [{**pack()["dimensions"][0], "classes": [*pack()["dimensions"][0]["classes"]] * 1_000_000}],
    },
    "a class that reads itself": pack(when={"field": "class.value", "op": "eq", "value": "high"}),
    "an icon that is a path": pack(icon=["../../etc/passwd"]),
    "a service of another type": pack(service={"cadence_days": "9**9**9"}),
    "a list": [],
    "a text": "__import__('os')",
}


@pytest.mark.parametrize("name", PACKS)
def test_a_hostile_pack_is_refused_in_words(name):
    started = time.perf_counter()
    with pytest.raises(ZhikeError):
        parse_pack(PACKS[name])
    assert time.perf_counter() - started < QUICKLY


YAML = {
    "a Python object": "pack: !!python/object/apply:os.system ['touch /tmp/pwned']",
    "a Python name": "pack: !!python/name:os.system",
    "a bomb of aliases": "a: &a [x, x]\nb: [*a, *a]",
    "a merge of aliases": "a: &a {x: 1}\nb: {<<: *a}",
    "a key twice": "pack: a\npack: b",
    "a key that is a list": "[a, b]: 1",
    "fifty thousand levels": "[" * 50_000,
    "a number that nobody can write out": "version: 0x" + "f" * 5_000,
    "a long number": "version: " + "9" * 5_000,
    "a day that no calendar has": "version: 2026-02-31",
    "bytes that are no text": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("name", YAML)
def test_hostile_yaml_is_refused_in_words(name):
    text = YAML[name]
    started = time.perf_counter()
    with pytest.raises(ZhikeError):
        read_yaml(text if isinstance(text, bytes) else text.encode())
    assert time.perf_counter() - started < 3 * QUICKLY


@pytest.fixture
def client(db):
    from django.test import Client

    from tests.factories import make_customer, make_people
    from tests.scenes import once, rules_in_force

    def build() -> None:
        for name in ("甲", "乙", "丙"):
            make_customer(name, owner=people.ada, city="上海")

    people = once("people", make_people)
    rules_in_force()
    once("three customers of Ada's", build)
    made = Client(raise_request_exception=False)
    made.force_login(people.ada)
    return made


LOOKUPS = [
    "owner__password__startswith=argon",
    "owner__password=x",
    "placements__version__by__password=x",
    "city__regex=(a%2B)%2B$",
    "city__iregex=.*",
    "_prefetched_objects_cache=1",
    "class.value__regex=.*",
    "class.value.owner=high",
    "class.__class__=high",
    "was.value=high&was_on=2026-01-01'--",
    "sort=owner__password",
    "sort=-facts__values__metric.revenue",
    "sort=?",
    "sort=name;drop table customers_customer",
    "at=' OR 1=1 --",
    "owner=1 OR 1=1",
    "owner=-1",
    "owner=99999999999999999999",
    "kind=company' OR '1'='1",
    "tag={a,b}",
    "tag=\\",
    "q=%00",
    "q=%ED%A0%80",
    "as_of=2026-01-01' OR 1=1",
    "as_of=99999-01-01",
    "as_of=-2026-01-01",
    "city=" + "x" * 5_000,
    "&".join(f"city={n}" for n in range(900)),
]


@pytest.mark.parametrize("query", LOOKUPS)
@pytest.mark.parametrize("path", ["/customers/", "/customers/filter/"])
def test_the_list_is_filtered_by_its_own_names_alone(client, path, query):
    response = client.get(f"{path}?{query}")
    assert response.status_code in {200, 400, 404}
    if response.status_code == 200 and path == "/customers/":
        names = {row.customer.name for row in response.context["rows"]}
        assert names in ({"甲", "乙", "丙"}, set())
        is_ours = query.split("=")[0] in {"q", "city", "tag"}
        assert is_ours or names == {"甲", "乙", "丙"}, "a name that the list does not know must change nothing"


def _pieces(draw):
    words = [
        *(
            "owner__password",
            "__class__",
            "class.value",
            "class.",
            "was.value",
            "was_on",
            "as_of",
            "sort",
            "at",
            "q",
            "city",
        ),
        *(
            "kind",
            "owner",
            "tag",
            "high",
            "none",
            "-",
            "' OR 1=1 --",
            "\\",
            "%",
            "_",
            "\0",
            "\ud800",
            "９",
            "💣",
            "2026-01-01",
        ),
        *("9" * 40, "-1", "1e999", "NaN", "{}", "[]", "null", "../../", "<script>", "a" * 300, "WyJ4Il0"),
    ]
    return draw.choice(words) if draw.random() < 0.7 else "".join(draw.choices(string.printable, k=draw.randrange(12)))


def test_five_hundred_filters_that_nobody_meant_cause_no_error(client):
    draw = random.Random(22)
    for _ in range(500):
        query = {
            _pieces(draw): [_pieces(draw) for _ in range(draw.randrange(1, 3))] for _ in range(draw.randrange(1, 4))
        }
        safe = {
            name.encode("utf-8", "replace").decode(): [v.encode("utf-8", "replace").decode() for v in values]
            for name, values in query.items()
        }
        response = client.get(draw.choice(["/customers/", "/customers/filter/"]), safe)
        assert response.status_code in {200, 400, 404, 422}, safe


def _anything(draw, depth=0):
    """Return data that looks a little like a condition."""
    if depth > 4 or draw.random() < 0.35:
        return draw.choice(
            [None, True, 0, -1, 2**70, 1.5, "", "high", "customer.owner__password", [], {}, "9**9**9", [1, "a"]]
        )
    if draw.random() < 0.2:
        return [_anything(draw, depth + 1) for _ in range(draw.randrange(4))]
    keys = [
        "all",
        "any",
        "not",
        "field",
        "op",
        "value",
        "over",
        "everyone",
        "days",
        "quantile",
        "number",
        "__class__",
        "unit",
    ]
    found = {draw.choice(keys): _anything(draw, depth + 1) for _ in range(draw.randrange(1, 4))}
    if draw.random() < 0.6:
        fields = [
            "metric.orders",
            "customer.name",
            "class.value",
            "custom.x",
            "customer.tags",
            "customer.birthday",
            "owner__id",
        ]
        found |= {
            "field": draw.choice(fields),
            "op": draw.choice(["eq", "gte", "in", "has_any", "in_last", "regex", "between"]),
        }
    return found


def test_five_hundred_conditions_that_nobody_meant_cause_no_error(client):
    draw = random.Random(32)
    for _ in range(500):
        body = json.dumps({draw.choice(["where", "where", "text", "data"]): _anything(draw)})
        path = draw.choice(["/conditions/check/", "/conditions/text/"])
        response = client.post(path, body, content_type="application/json")
        assert response.status_code in {200, 400, 422}, body


@pytest.mark.parametrize("name", [name for name in CONDITIONS if name != "fifty thousand levels"])
def test_the_endpoints_of_conditions_refuse_the_same(client, name):
    body = json.dumps({"where": CONDITIONS[name]})
    response = client.post("/conditions/check/", body, content_type="application/json")
    assert response.status_code in {200, 400, 413, 422}
    if response.status_code == 200:
        assert response.json()["errors"]


@pytest.mark.parametrize(
    "body", ["{" * 100_000, '{"where": ' + "[" * 50_000, '{"where": ' + "9" * 5_000 + "}", "\ud800", "[]", ""]
)
def test_what_is_no_object_is_refused(client, body):
    for path in ("/conditions/check/", "/conditions/text/"):
        response = client.post(path, body.encode("utf-8", "replace"), content_type="application/json")
        assert response.status_code in {400, 422}


@pytest.mark.parametrize(
    "name", ["a dunder as a field", "a million tests", "fifty thousand levels", "a regular expression"]
)
def test_a_hostile_draft_comes_never_into_force(client, name):
    from zhike.accounts.models import User
    from zhike.classification.actions.drafts import save_draft, start_draft
    from zhike.classification.actions.publications import publish
    from zhike.classification.models import Publication

    ada = User.objects.get(name="Ada")
    draft = start_draft(dimension="value", by=ada)
    data = {
        **draft.data,
        "classes": [{**draft.data["classes"][0], "when": CONDITIONS[name]}, *draft.data["classes"][1:]],
    }
    with pytest.raises(ZhikeError):
        publish(drafts=[save_draft(draft=draft, data=data, revision=draft.revision, by=ada)], by=ada)
    assert not Publication.objects.exists()


def test_an_own_field_of_a_hostile_name_is_a_column_like_any_other(db):
    from tests.conformance import AS_OF, ZONE
    from tests.factories import make_customer
    from zhike.classification.condition_q import condition_q
    from zhike.core.facts import FieldType, custom_field
    from zhike.customers.actions.fields import define_field
    from zhike.customers.models import Customer

    for key in ("__class__", "a'; DROP TABLE x --", "%s", "owner__password"):
        define_field(key=key, type_=FieldType.INTEGER, by=None)
        six, _ = (make_customer(custom={key: number}) for number in (6, 4))
        node = parse(
            {"field": f"custom.{key}", "op": "gte", "value": 5},
            base_fields().plus([custom_field(key, FieldType.INTEGER)]),
        )
        assert list(Customer.objects.filter(condition_q(node, AS_OF, ZONE))) == [six]
