"""Who sees what and may do what: one table, held against every model it names."""

from __future__ import annotations

from itertools import product

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser

from tests.factories import make_customer, make_people, make_user
from tests.scenes import once
from zhike.accounts.models import Company, FieldRight, Role, RoleRight, User
from zhike.accounts.policy import (
    HIDDEN,
    OWNER_PATHS,
    SHARED,
    VERBS,
    access_to,
    can,
    field_access,
    get_visible,
    readable_fields,
    require,
    scope_of,
    sees_owner,
    shown,
    visible,
)
from zhike.accounts.reach import reach_of
from zhike.accounts.rights import Access
from zhike.base.errors import Forbidden, NotFound
from zhike.classification.models import Placement, Scheme
from zhike.customers.actions.contacts import add_contact
from zhike.customers.models import Contact, Customer, CustomField
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db

MODELS = [apps.get_model(label) for label in sorted({*OWNER_PATHS, *SHARED})]


@pytest.fixture
def people():
    return once("people", make_people)


@pytest.mark.parametrize(
    ("person", "sees"),
    [("alice", True), ("bob", True), ("charlie", False), ("carol", False), ("ada", True)],
)
def test_customer_and_what_hangs_on_it(people, person, sees):
    user = getattr(people, person)
    customer = make_customer(owner=people.alice)
    contact = add_contact(customer=customer, by=None, name="沈一帆")
    event = Event.objects.get(customer=customer, kind="customer.created")

    for row in (customer, contact, event):
        assert visible(user, type(row)).filter(pk=row.pk).exists() is sees
        assert can(user, "view", row) is sees
    if not sees:
        with pytest.raises(NotFound):
            require(user, "change", customer)
        with pytest.raises(NotFound):
            get_visible(user, Contact, pk=contact.pk)


def test_the_team_of_a_manager_is_looked_up_once(people, django_assert_num_queries):
    customer = make_customer(owner=people.alice)
    bob = User.objects.get(pk=people.bob.pk)

    with django_assert_num_queries(3):
        assert list(visible(bob, Customer)) == [customer]
        assert set(visible(bob, User)) == {people.alice, people.bob}


def test_a_manager_without_a_team_sees_their_own_alone():
    bob = make_user(role=Role.MANAGER)
    own = make_customer(owner=bob)
    make_customer(owner=make_user())  # of no team either

    assert list(visible(bob, Customer)) == [own]
    assert list(visible(bob, User)) == [bob]
    assert reach_of(bob).tree == (bob.pk,)


def test_customers_of_nobody_are_the_admins_business(people):
    customer = make_customer(owner=None)

    seen = [
        name for name in ("alice", "bob", "charlie", "carol", "ada") if can(getattr(people, name), "view", customer)
    ]

    assert seen == ["ada"]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_nothing_is_visible_to_those_who_are_not_in(people, model):
    gone = make_user(role=Role.ADMIN)
    gone.is_active = False

    for stranger in (AnonymousUser(), gone):
        assert not visible(stranger, model).exists()
        assert readable_fields(stranger, model) == frozenset()
        assert not can(stranger, "view", model)


def test_password_is_read_by_nobody(people):
    assert HIDDEN["accounts.User"] == {"password"}
    assert "password" not in readable_fields(people.ada, User)
    assert "email" in readable_fields(people.ada, User)


def test_models_outside_the_table_are_closed(people):
    from django.contrib.contenttypes.models import ContentType

    assert not visible(people.alice, ContentType).exists()
    assert readable_fields(people.alice, ContentType) == frozenset()


@pytest.mark.parametrize(("verb", "label"), sorted(VERBS))
def test_verbs_are_for_their_roles(verb, label):
    model = apps.get_model(label)
    by_role = {role.key: make_user(role=role.key) for role in Role.objects.all()}

    allowed = {role: scope_of(user, verb, model) for role, user in by_role.items() if can(user, verb, model)}

    assert len(by_role) == 7
    assert allowed == VERBS[verb, label]


def test_unknown_verb_is_refused_to_everyone(people):
    assert not can(people.ada, "burn", Customer)


def test_seeing_is_not_changing_the_rules(people):
    with pytest.raises(Forbidden):
        require(people.bob, "publish", Scheme)
    with pytest.raises(Forbidden):
        require(people.alice, "change", Company)


def test_one_row_at_hand_is_answered_as_the_query_answers(people):
    everyone = [people.alice, people.bob, people.charlie, people.carol, people.ada, make_user(role=Role.MANAGER)]
    owners = [*everyone, None]

    for user, owner in product(everyone, owners):
        customer = make_customer(owner=owner)
        assert sees_owner(user, owner) is can(user, "view", customer), (user, owner)


def test_placements_follow_the_customer(people):
    from zhike.classification.actions.packs import install_pack

    install_pack(pack="general", by=None)
    make_customer(owner=people.alice)

    assert visible(people.bob, Placement).count() == 6
    assert visible(people.carol, Placement).count() == 0


def own_role(key: str, rights: dict[tuple[str, str], str], fields: dict[tuple[str, str], str] | None = None) -> Role:
    role = Role.objects.create(key=key, label_zh=key, label_en=key)
    for (verb, label), scope in rights.items():
        RoleRight.objects.create(role=role, object=label, verb=verb, scope=scope)
    for (label, name), access in (fields or {}).items():
        FieldRight.objects.create(role=role, object=label, field=name, access=access)
    return role


def test_an_own_role_is_read_from_its_rows_once(people, django_assert_num_queries):
    own_role(
        "helper",
        {("view", "customers.Customer"): "all", ("change", "customers.Customer"): "own"},
        {("customers.Customer", "phone"): "masked", ("customers.Customer", "custom.cost"): "hidden"},
    )
    helper = make_user(role="helper")
    customer = make_customer(owner=people.alice)

    with django_assert_num_queries(2):
        access = field_access(helper, Customer)
        assert (access["phone"], access["custom.cost"], access["name"]) == (
            Access.MASKED,
            Access.HIDDEN,
            Access.WRITE,
        )
        assert access_to(helper, Customer, "custom.other") is Access.WRITE
        assert can(helper, "change", Customer)
    assert can(helper, "view", customer)
    assert not can(helper, "change", customer)
    assert not can(helper, "create", Customer)


def test_an_auditor_reads_all_with_telephones_masked_and_writes_nothing(people):
    customer = make_customer(owner=people.alice)
    auditor = make_user(role=Role.AUDITOR)

    assert can(auditor, "view", customer)
    written = [label for verb, label in VERBS if verb not in {"view", "read"}]
    assert {label for label in written if can(auditor, "change", apps.get_model(label))} == {"classification.SavedView"}
    assert max(field_access(auditor, Customer).values()) is Access.READ
    assert shown(auditor, Customer, "phone", "+8613812341234") == "138****1234"
    assert shown(auditor, Customer, "email", "zhou@x.cn") == "z***@x.cn"
    assert shown(auditor, Contact, "phone", "") == ""
    assert shown(auditor, Customer, "city", "上海") == "上海"
    assert "phone" not in readable_fields(auditor, Customer)


def test_fields_of_the_company_are_listed_with_the_others(people):
    CustomField.objects.create(key="cost", type="integer", label_zh="成本", label_en="Cost")

    assert field_access(people.alice, Customer)["custom.cost"] is Access.WRITE
    assert "custom.cost" in field_access(people.alice, Customer)
    assert set(field_access(people.alice, Customer)) >= {"name", "phone", "custom.cost"}


def test_of_a_history_only_what_one_may_read_is_told(people):
    own_role(
        "helper",
        {("view", "customers.Customer"): "all"},
        {("customers.Customer", "phone"): "masked", ("customers.Customer", "custom.cost"): "hidden"},
    )
    rows = [
        {"field": "phone", "from": "+8613812341234", "to": ""},
        {"field": "custom.cost", "from": 1, "to": 2},
        {"field": "city", "from": "", "to": "上海"},
    ]

    assert field_access(make_user(role="helper"), Customer).changes(rows) == [
        {"field": "phone", "from": "138****1234", "to": ""},
        {"field": "city", "from": "", "to": "上海"},
    ]
    assert field_access(people.ada, Customer).changes(rows) == rows
