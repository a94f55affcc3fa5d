"""Consents in conditions of lists: the database says what `privacy.queries` says of each customer; rules say no."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_customer, make_people
from tests.scenes import once
from zhike.accounts.policy import visible
from zhike.classification.actions.views import create_view
from zhike.classification.candidates import draft_fields
from zhike.classification.condition_q import condition_q
from zhike.classification.consents import STATES, with_consents
from zhike.classification.handovers import plan, read_lines
from zhike.classification.saved_views import count_view
from zhike.core.conditions.describe import describe
from zhike.core.conditions.parse import parse
from zhike.core.errors import ConditionError
from zhike.customers.models import Customer
from zhike.privacy.actions.consents import publish_text, record_consent
from zhike.privacy.models import Consent
from zhike.privacy.purposes import PURPOSES
from zhike.privacy.queries import consents, may_use

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 11, 30)
MAILED = {"field": "consent.email", "op": "eq", "value": "given"}


@pytest.fixture
def people():
    return once("people", make_people)


def node(data):
    return parse(data, with_consents(draft_fields()), "where")


def found(data) -> set[str]:
    return set(Customer.objects.filter(condition_q(node(data), DAY, ZONE)).values_list("name", flat=True))


def say(customer, state, purpose="email"):
    record_consent(customer=customer, purpose=purpose, state=state, channel="form", by=None)


def reword(purpose, by):
    publish_text(purpose=purpose, zh=f"我同意 {uuid4()}", en="I agree", by=by)


@pytest.fixture
def five(people):
    """One customer a state, called by it."""
    made = {state: make_customer(state, owner=people.alice) for state in STATES}
    say(made["stale"], "given")
    reword("email", people.ada)
    say(made["given"], "refused")
    say(made["given"], "given")
    say(made["refused"], "refused")
    say(made["withdrawn"], "given")
    say(made["withdrawn"], "withdrawn")
    say(made["none"], "given", "phone")
    return made


@pytest.mark.parametrize("state", STATES)
def test_each_state_finds_its_own(five, state):
    assert found({"field": "consent.email", "op": "eq", "value": state}) == {state}
    assert found({"field": "consent.email", "op": "ne", "value": state}) == set(STATES) - {state}
    assert found({"not": {"field": "consent.email", "op": "in", "value": [state]}}) == set(STATES) - {state}


def test_nobody_is_without_a_state(five):
    assert found({"field": "consent.email", "op": "is_set"}) == set(STATES)
    assert found({"field": "consent.email", "op": "is_not_set"}) == set()
    assert found({"field": "consent.phone", "op": "eq", "value": "given"}) == {"none"}


def test_whoever_may_be_mailed_is_whom_the_sender_would_let_through(five):
    allowed = {name for name, customer in five.items() if may_use(customer.pk, "email")}
    assert found(MAILED) == allowed == {"given"}
    assert found({"all": [MAILED, {"field": "customer.name", "op": "ne", "value": "given"}]}) == set()


STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["given", "refused", "withdrawn", "reword"]),
        st.sampled_from(["email", "phone"]),
    ),
    max_size=12,
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, wanted=st.sets(st.sampled_from(sorted(STATES)), min_size=1))
def test_the_database_agrees_with_what_is_said_of_one_customer(people, steps, wanted):
    from zhike.base.inputs import Invalid

    made = [make_customer(f"{uuid4()}", owner=people.alice) for _ in range(3)]
    for who, step, purpose in steps:
        if step == "reword":
            reword(purpose, people.ada)
            continue
        try:
            say(made[who], step, purpose)
        except Invalid:
            continue  # nothing to withdraw
    for purpose in ("email", "phone"):
        standing = {
            customer.name: next(one.state for one in consents(people.ada, customer) if one.purpose.key == purpose)
            for customer in made
        }
        data = {"field": f"consent.{purpose}", "op": "in", "value": sorted(wanted)}
        of_these = {customer.name for customer in made}
        assert found(data) & of_these == {name for name, state in standing.items() if state in wanted}
        assert found({"not": data}) & of_these == {name for name, state in standing.items() if state not in wanted}


def test_a_view_and_a_hand_over_may_ask_for_it_and_see_only_what_is_theirs(people, five):
    view = create_view(name="可以发邮件", where=MAILED, by=people.alice)
    make_customer("别人的", owner=people.charlie)
    say(Customer.objects.get(name="别人的"), "given")
    fields = with_consents(draft_fields())
    assert [str(count_view(user, view, fields)) for user in (people.alice, people.charlie)] == ["1", "1"]
    assert visible(people.alice, Customer).filter(condition_q(node(MAILED), DAY, ZONE)).count() == 1
    lines = read_lines([{"when": MAILED, "to": [people.bob.pk]}], people.ada)
    assert plan(people.ada, people.alice, lines).lines == (1,)


def test_rules_refuse_it_in_words(people):
    from zhike.classification.actions.packs import install_pack
    from zhike.classification.candidates import check_draft
    from zhike.classification.models import Scheme

    install_pack(pack="general", by=None)
    data = dict(Scheme.objects.get(dimension="value").current.data)
    data["classes"] = [{**data["classes"][0], "when": MAILED}, *data["classes"][1:]]
    with pytest.raises(ConditionError) as refused:
        check_draft(data, "value")
    assert refused.value.zh == "授权只能用在列表、视图和交接的条件里，规则不按授权分类。"
    assert refused.value.path == "classes[0].when.field"


@pytest.mark.parametrize("name", ["consent.fax", "consent."])
def test_a_purpose_that_is_none_is_no_field(name):
    with pytest.raises(ConditionError) as refused:
        node({"field": name, "op": "eq", "value": "given"})
    assert "未找到字段" in refused.value.zh


def test_it_reads_as_a_sentence_in_both_languages():
    fields = with_consents(draft_fields())
    assert describe(node(MAILED), "zh", fields) == "授权：邮件营销是同意"
    assert describe(node(MAILED), "en", fields) == "consent: Marketing by e-mail is given"
    assert {field.key for field in fields if field.key.startswith("consent.")} == {f"consent.{key}" for key in PURPOSES}


def test_the_last_word_counts_and_not_the_latest_day(people):
    customer = make_customer("补录", owner=people.alice)
    say(customer, "refused")
    record_consent(
        customer=customer, purpose="email", state="given", channel="paper", by=None, at=datetime(2020, 1, 1, tzinfo=UTC)
    )
    assert found(MAILED) == {"补录"}
    assert Consent.objects.count() == 2
