"""Every address × every role. A new address without a row here fails.

A row says what each person gets for a GET (or, where that is not allowed, an empty POST): Alice owns
the customer, Bob leads her team, Ada is the admin, Charlie is a salesman elsewhere, Mia is in marketing,
Otto is the auditor, and a stranger is not signed in.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.factories import make_customer, make_event, make_people, make_user
from tests.pools.pooling import make_pool
from tests.scenes import one_scene

if TYPE_CHECKING:
    from django.http import HttpResponse

SIGN_IN = 302
EVERYBODY = {"alice": 200, "bob": 200, "ada": 200, "charlie": 200, "mia": 200, "otto": 200, "stranger": SIGN_IN}
THOSE_WHO_SEE_IT = {**EVERYBODY, "charlie": 404}
# An auditor reads all and writes nothing.
THOSE_WHO_WORK = {**EVERYBODY, "otto": 403}
THOSE_WHO_CHANGE_IT = {**THOSE_WHO_SEE_IT, "otto": 403}
WRITES = {"alice": 422, "bob": 422, "ada": 422, "charlie": 404, "mia": 422, "otto": 403, "stranger": SIGN_IN}
# Nothing was set by hand that could be given back or extended.
NOTHING_HELD = {"alice": 409, "bob": 409, "ada": 409, "charlie": 404, "mia": 409, "otto": 403, "stranger": SIGN_IN}
# What concerns one person alone: an administrator neither.
ONLY_ALICE = {**dict.fromkeys(EVERYBODY, 404), "alice": 302, "stranger": SIGN_IN}

# What Bob has brought in: those who may import something see their own.
ONLY_BOB = {**dict.fromkeys(EVERYBODY, 404), "bob": 200, "stranger": SIGN_IN}

# Alice claims from it, Ada set it up.
IN_ALICES_POOL = {**dict.fromkeys(EVERYBODY, 404), "alice": 200, "ada": 200, "stranger": SIGN_IN}

# Who sees a number masked.
ONLY_OTTO = {**dict.fromkeys(EVERYBODY, 404), "otto": 200, "stranger": SIGN_IN}

# What leaders do to rules in draft, and administrators to rules in force.
LEADERS = {**dict.fromkeys(EVERYBODY, 403), "bob": 200, "ada": 200, "stranger": SIGN_IN}
ADMINS = {**LEADERS, "bob": 403}


# Alice shared it with her team: others do not know of it, whatever they see of customers.
OF_ALICES_TEAM = {**THOSE_WHO_SEE_IT, "mia": 404, "otto": 404}


# Of two customers: who owns both, or leads those who do.
PARTS_IT = {**dict.fromkeys(EVERYBODY, 403), "alice": 302, "bob": 302, "ada": 302, "charlie": 404, "stranger": SIGN_IN}


# What only administrators do with a customer: who sees it is refused, others learn nothing.
OF_A_CUSTOMER_FOR_ADMINS = {**ADMINS, "charlie": 404}


def leads_to(status: int, who: dict[str, int]) -> dict[str, int]:
    """Return the same rights where the page answers those who may with another status."""
    return {name: status if got == 200 else got for name, got in who.items()}


# name: (method, what each person gets)
TABLE: dict[str, tuple[str, dict[str, int]]] = {
    "healthz": ("get", dict.fromkeys(EVERYBODY, 200)),
    "accounts:sign_in": ("get", {**dict.fromkeys(EVERYBODY, 302), "stranger": 200}),
    "accounts:sign_out": ("post", dict.fromkeys(EVERYBODY, 302)),
    "accounts:settings": ("get", EVERYBODY),
    "accounts:language": ("post", dict.fromkeys(EVERYBODY, 302)),
    # Ways in: nobody has given a password, opened a link or been asked for a passkey.
    "accounts:second": ("get", dict.fromkeys(EVERYBODY, 302)),
    "accounts:passkey_ask": ("post", dict.fromkeys(EVERYBODY, 200)),
    "accounts:passkey": ("post", dict.fromkeys(EVERYBODY, 422)),
    "accounts:forgotten": ("get", dict.fromkeys(EVERYBODY, 200)),
    "accounts:reset_link": ("get", dict.fromkeys(EVERYBODY, 422)),
    "accounts:new_password": ("get", dict.fromkeys(EVERYBODY, 422)),
    "accounts:join_link": ("get", dict.fromkeys(EVERYBODY, 422)),
    "accounts:join": ("get", dict.fromkeys(EVERYBODY, 422)),
    # A customer's link, of somebody's own making.
    "web:withdraw": ("get", dict.fromkeys(EVERYBODY, 404)),
    # One's own: the password was not given lately.
    "accounts:security": ("get", EVERYBODY),
    "accounts:prove": ("get", EVERYBODY),
    "accounts:own_password": ("post", {**dict.fromkeys(EVERYBODY, 422), "stranger": SIGN_IN}),
    "accounts:authenticator": ("get", dict.fromkeys(EVERYBODY, 302)),
    "accounts:authenticator_remove": ("post", dict.fromkeys(EVERYBODY, 302)),
    "accounts:recovery_codes": ("post", dict.fromkeys(EVERYBODY, 302)),
    "accounts:passkey_new_ask": ("post", dict.fromkeys(EVERYBODY, 302)),
    "accounts:passkey_new": ("post", dict.fromkeys(EVERYBODY, 302)),
    "accounts:passkey_remove": ("post", dict.fromkeys(EVERYBODY, 302)),
    "accounts:session_end": ("post", dict.fromkeys(EVERYBODY, 302)),
    "web:people": ("get", ADMINS),
    "web:invite": ("post", leads_to(422, ADMINS)),
    "web:invitation_renew": ("post", ADMINS),
    "web:invitation_withdraw": ("post", leads_to(302, ADMINS)),
    "web:person": ("get", ADMINS),
    "web:person_active": ("post", leads_to(302, ADMINS)),
    "web:person_sessions": ("post", leads_to(302, ADMINS)),
    "web:person_second": ("post", leads_to(302, ADMINS)),
    "web:person_password": ("post", ADMINS),
    "web:hand_over": ("get", {**LEADERS, "bob": 404}),  # Carol is in another team
    "web:give_rules": ("post", leads_to(302, ADMINS)),
    "web:home": ("get", EVERYBODY),
    "web:figures": ("get", EVERYBODY),
    "web:home_rising": ("get", EVERYBODY),
    "web:home_wake": ("get", EVERYBODY),
    "web:home_team": ("get", LEADERS),
    "web:home_company": ("get", ADMINS),
    "web:home_log": ("get", THOSE_WHO_CHANGE_IT),
    "web:home_task_log": ("get", THOSE_WHO_CHANGE_IT),
    **{f"web:home_{act}": ("post", WRITES) for act in ("snooze", "arrange", "task_done", "task_snooze")},
    "web:advice": ("get", THOSE_WHO_SEE_IT),
    "web:advice_decide": ("post", WRITES),
    "web:brief": ("get", THOSE_WHO_SEE_IT),
    "web:search": ("get", EVERYBODY),
    "web:commands": ("get", EVERYBODY),
    "web:acknowledge": ("post", ONLY_ALICE),
    "web:notifications": ("get", EVERYBODY),
    "web:notifications_read": ("post", dict.fromkeys(EVERYBODY, 302)),
    "web:notification": ("post", ONLY_ALICE),
    "web:notification_settings": ("get", EVERYBODY),
    "web:pulse": ("get", EVERYBODY),
    "web:channels": ("get", THOSE_WHO_WORK),
    "web:channel_new": ("get", THOSE_WHO_WORK),
    # Alice's own: those who lead her neither.
    "web:channel": ("get", {**ONLY_ALICE, "alice": 200, "otto": 403}),
    **{f"web:channel_{act}": ("post", {**ONLY_ALICE, "otto": 403}) for act in ("try", "switch", "remove")},
    "web:assignment": ("get", LEADERS),
    "web:assignment_order": ("post", leads_to(409, ADMINS)),
    "web:assignment_rule_new": ("get", ADMINS),
    "web:assignment_rule": ("get", ADMINS),
    "web:assignment_pause": ("post", leads_to(302, ADMINS)),
    "web:assignment_move": ("post", leads_to(302, ADMINS)),
    "web:assignment_remove": ("post", leads_to(302, ADMINS)),
    "web:assignment_me": ("get", THOSE_WHO_WORK),
    "web:assignment_try": ("get", LEADERS),
    "web:assignment_load": ("get", LEADERS),
    "web:assignment_person": ("get", {**THOSE_WHO_SEE_IT, "mia": 403, "otto": 403}),
    "web:absence_remove": ("post", ONLY_ALICE),  # it is gone once she has removed it
    "web:promises": ("get", EVERYBODY),
    "web:imports": ("get", LEADERS),
    "web:pools": ("get", EVERYBODY),
    "web:pool": ("get", IN_ALICES_POOL),
    # Of the two who may claim and see the pool, Ada is no member.
    "web:pool_claim": ("post", {**dict.fromkeys(EVERYBODY, 404), "alice": 422, "ada": 422, "stranger": SIGN_IN}),
    "web:pool_best": ("post", {**dict.fromkeys(EVERYBODY, 404), "alice": 409, "stranger": SIGN_IN}),
    "web:pool_customer": ("get", leads_to(302, IN_ALICES_POOL)),  # whom one sees anyway: the record itself
    **{f"web:pool_{name}": ("get", ADMINS) for name in ("new", "settings", "reasons", "rules", "rule_new", "rule")},
    **{f"web:pool_rule_{act}": ("post", leads_to(302, ADMINS)) for act in ("pause", "run", "up", "remove")},
    "web:bulk_pool": ("get", {**dict.fromkeys(EVERYBODY, 422), "mia": 403, "otto": 403, "stranger": SIGN_IN}),
    "web:customer_owners": ("get", THOSE_WHO_SEE_IT),
    # Alice's, for the customer.
    **{f"web:{name}": ("get", EVERYBODY) for name in ("tasks", "task_board", "task_calendar")},
    "web:task_days": ("get", leads_to(422, EVERYBODY)),  # of no days
    "web:task_new": ("get", THOSE_WHO_WORK),
    "web:task_quick": ("post", leads_to(422, THOSE_WHO_WORK)),
    "web:customer_task_new": ("get", THOSE_WHO_CHANGE_IT),
    "web:customer_next": ("get", THOSE_WHO_SEE_IT),
    "web:plan_templates": ("get", EVERYBODY),
    "web:plan_template": ("get", LEADERS),
    "web:plan_template_new": ("get", LEADERS),
    "web:plan_start": ("get", THOSE_WHO_CHANGE_IT),
    "web:plan_end": ("get", THOSE_WHO_CHANGE_IT),
    **{f"web:tasks_{act}": ("post", leads_to(422, THOSE_WHO_WORK)) for act in ("done", "snooze")},  # none is picked
    **{f"web:{name}": ("get", THOSE_WHO_SEE_IT) for name in ("task", "task_file", "task_invitation")},
    **{f"web:task_{act}": ("get", THOSE_WHO_CHANGE_IT) for act in ("done", "snooze", "delegate", "drop")},
    "web:task_follow": ("post", leads_to(302, THOSE_WHO_SEE_IT)),
    "web:task_check": ("post", WRITES),
    "web:task_move": ("post", WRITES),
    "web:log": ("get", THOSE_WHO_WORK),
    "web:log_panel": ("get", THOSE_WHO_CHANGE_IT),
    "web:calendar_settings": ("get", EVERYBODY),
    # A link of somebody's own making.
    "web:calendar_feed": ("get", dict.fromkeys(EVERYBODY, 404)),
    "web:import": ("get", ONLY_BOB),
    "web:import_after": ("get", ONLY_BOB),
    "web:import_sheet": ("post", leads_to(302, ONLY_BOB)),
    "web:import_layout": ("post", leads_to(302, ONLY_BOB)),
    "web:import_plan": ("post", leads_to(302, ONLY_BOB)),
    "web:import_discard": ("post", leads_to(302, ONLY_BOB)),
    "web:import_run": ("post", leads_to(302, ONLY_BOB)),
    # It has not begun.
    "web:import_pause": ("post", leads_to(409, ONLY_BOB)),
    "web:import_resume": ("post", leads_to(409, ONLY_BOB)),
    "web:import_stop": ("post", leads_to(409, ONLY_BOB)),
    "web:import_undo": ("post", leads_to(409, ONLY_BOB)),
    "web:import_rows": ("get", ONLY_BOB),
    "web:import_verdicts": ("get", ONLY_BOB),
    "web:import_rejected": ("get", ONLY_BOB),
    "web:jobs": ("get", EVERYBODY),
    "web:job": ("get", {**ONLY_ALICE, "alice": 200}),
    "web:job_cancel": ("post", ONLY_ALICE),
    "web:job_undo": ("post", {**ONLY_ALICE, "alice": 409}),  # it has changed nothing
    "web:job_file": ("get", {**ONLY_ALICE, "alice": 404}),  # it has no file
    "web:customer_privacy": ("get", THOSE_WHO_SEE_IT),
    "web:consent": ("post", WRITES),
    "web:profiling": ("post", WRITES),
    "web:sensitive_empty": ("post", leads_to(302, THOSE_WHO_CHANGE_IT)),
    "web:privacy_request_new": ("post", WRITES),
    "web:privacy_package": ("post", leads_to(302, OF_A_CUSTOMER_FOR_ADMINS)),
    "web:erase": ("get", OF_A_CUSTOMER_FOR_ADMINS),
    "web:reveal": ("get", ONLY_OTTO),
    "web:reveal_contact": ("get", ONLY_OTTO),
    "web:privacy_requests": ("get", EVERYBODY),
    "web:privacy_request": ("post", {**leads_to(302, LEADERS), "charlie": 404}),
    "web:impact_assessment": ("get", EVERYBODY),
    "web:consent_text": ("get", ADMINS),
    "web:audit": ("get", {**ADMINS, "otto": 200}),
    "web:audit_file": ("get", {**ADMINS, "otto": 200}),
    "web:customers": ("get", EVERYBODY),
    "web:customer_count": ("get", EVERYBODY),
    "web:customer_filter": ("get", EVERYBODY),
    "web:customer_new": ("get", THOSE_WHO_WORK),
    "web:conditions": ("get", EVERYBODY),
    "web:columns": ("get", EVERYBODY),
    "web:day_words": ("get", EVERYBODY),
    "web:customer_peek": ("get", THOSE_WHO_SEE_IT),
    "web:customer_cell": ("get", THOSE_WHO_CHANGE_IT),
    "web:views": ("get", EVERYBODY),
    "web:view_new": ("get", EVERYBODY),
    "web:view_order": ("post", leads_to(302, EVERYBODY)),
    "web:view_counts": ("get", EVERYBODY),
    # Alice shared the view with her team: Bob leads it, and Ada may change whatever is shared.
    "web:view_edit": ("get", OF_ALICES_TEAM),
    "web:view_save": ("post", leads_to(422, OF_ALICES_TEAM)),
    "web:view_restore": ("post", leads_to(302, OF_ALICES_TEAM)),
    "web:view_copy": ("post", leads_to(302, OF_ALICES_TEAM)),
    "web:view_pin": ("post", leads_to(302, OF_ALICES_TEAM)),
    "web:view_delete": ("get", OF_ALICES_TEAM),
    **dict.fromkeys(
        ["web:bulk_tag", "web:bulk_field", "web:bulk_plan", "web:bulk_override", "web:bulk_export"],
        ("get", leads_to(422, THOSE_WHO_WORK)),  # nobody is picked
    ),
    **dict.fromkeys(["web:bulk_assign", "web:bulk_rules", "web:bulk_delete"], ("get", leads_to(422, LEADERS))),
    "web:bin": ("get", LEADERS),
    "web:bin_restore": ("post", leads_to(422, LEADERS)),  # nobody is picked
    "web:classes": ("get", EVERYBODY),
    "web:clock": ("get", EVERYBODY),
    "web:inventory": ("get", EVERYBODY),
    "web:dimension": ("get", EVERYBODY),
    "web:compare": ("get", EVERYBODY),
    "web:packs": ("get", EVERYBODY),
    "web:pack": ("get", EVERYBODY),
    "web:pack_install": ("get", ADMINS),
    "web:pack_edition": ("get", leads_to(302, LEADERS)),  # there is no newer one
    "web:pack_export": ("get", EVERYBODY),
    "web:pack_file": ("post", leads_to(422, ADMINS)),  # without a file
    "web:publication": ("get", EVERYBODY),
    "web:publication_confirm": ("post", leads_to(302, EVERYBODY)),
    "web:publication_cancel": ("post", leads_to(302, ADMINS)),
    "web:dimension_new": ("get", LEADERS),
    "web:dimension_order": ("post", leads_to(302, LEADERS)),
    "web:dimension_owner": ("post", leads_to(302, ADMINS)),
    "web:dimension_pause": ("post", leads_to(302, ADMINS)),
    "web:dimension_retire": ("get", ADMINS),
    "web:dimension_inputs": ("get", EVERYBODY),
    "web:input_allow": ("post", {**leads_to(302, ADMINS)}),
    "web:roll_back": ("get", ADMINS),
    "web:draft": ("get", EVERYBODY),
    "web:draft_start": ("post", leads_to(302, LEADERS)),
    "web:draft_discard": ("post", {**leads_to(302, LEADERS), "ada": 404}),  # Bob was there first
    "web:draft_preview": ("post", leads_to(302, LEADERS)),
    "web:draft_moved": ("get", EVERYBODY),
    "web:draft_moved_file": ("get", LEADERS),
    "web:draft_trial": ("get", LEADERS),
    "web:draft_publish": ("get", ADMINS),
    "web:condition_check": ("post", leads_to(422, EVERYBODY)),
    "web:condition_text": ("post", leads_to(422, EVERYBODY)),
    "web:condition_values": ("get", EVERYBODY),
    "web:scorecard": ("get", EVERYBODY),
    "web:flow": ("get", EVERYBODY),
    "web:flow_file": ("get", EVERYBODY),
    "web:quarter_latest": ("get", EVERYBODY),
    "web:quarter": ("get", EVERYBODY),
    "web:quarter_count": (
        "post",
        {**leads_to(302, EVERYBODY), "charlie": 403, "mia": 403, "otto": 403},
    ),  # it is counted by then
    "web:quarter_stop": ("post", {**LEADERS, "bob": 302, "ada": 409}),  # Bob has stopped it already
    "web:quarter_close": ("post", leads_to(422, LEADERS)),
    "web:customer": ("get", THOSE_WHO_SEE_IT),
    "web:customer_access": ("get", THOSE_WHO_SEE_IT),
    "web:share_end": ("post", {**WRITES, "alice": 302, "bob": 404, "ada": 404, "mia": 404, "otto": 404}),  # it is ended
    "web:teams": ("get", EVERYBODY),
    "web:team_new": ("get", ADMINS),
    "web:team": ("get", ADMINS),
    "web:role": ("get", EVERYBODY),
    "web:role_copy": ("post", leads_to(302, ADMINS)),
    "web:team_remove": ("get", ADMINS),
    "web:role_remove": ("get", ADMINS),
    "web:territory_remove": ("get", ADMINS),
    "web:territory_new": ("get", ADMINS),
    "web:territory": ("get", ADMINS),
    "web:customer_edit": ("get", THOSE_WHO_CHANGE_IT),
    "web:customer_log": ("post", WRITES),
    "web:customer_answer": ("post", leads_to(404, THOSE_WHO_CHANGE_IT)),
    "web:completeness": ("get", EVERYBODY),
    "web:completeness_missing": ("get", EVERYBODY),
    "web:customer_history": ("get", THOSE_WHO_SEE_IT),
    "web:merge": ("get", {**leads_to(422, EVERYBODY), "mia": 403, "otto": 403}),  # nobody is picked
    "web:merge_with": ("get", {**THOSE_WHO_CHANGE_IT, "mia": 403}),
    "web:merged": ("get", THOSE_WHO_SEE_IT),
    "web:merge_undo": ("post", {**NOTHING_HELD, "mia": 403}),  # nothing of it is kept
    "web:fields": ("get", LEADERS),
    "web:field": ("get", LEADERS),
    "web:field_new": ("get", LEADERS),
    "web:field_order": ("post", leads_to(204, LEADERS)),
    "web:field_retire": ("post", leads_to(302, LEADERS)),
    "web:field_delete": ("get", ADMINS),
    "web:rates": ("get", ADMINS),
    "web:rate_restate": ("get", ADMINS),
    "web:field_section": ("get", LEADERS),
    "web:field_section_new": ("post", leads_to(422, LEADERS)),
    "web:pick_people": ("get", EVERYBODY),
    "web:pick_customers": ("get", EVERYBODY),
    "web:why": ("get", THOSE_WHO_SEE_IT),
    "web:override": ("get", THOSE_WHO_CHANGE_IT),
    "web:override_extend": ("post", NOTHING_HELD),
    "web:override_lift": ("post", NOTHING_HELD),
    "web:report_wrong": ("get", THOSE_WHO_CHANGE_IT),
    "web:duplicates": ("get", EVERYBODY),
    "web:duplicate": ("get", THOSE_WHO_SEE_IT),
    "web:duplicate_part": ("post", PARTS_IT),
    "web:duplicate_reopen": ("post", PARTS_IT),
    "web:duplicates_part": ("post", {**dict.fromkeys(EVERYBODY, 422), "stranger": SIGN_IN}),
    "web:duplicates_search": ("post", leads_to(302, LEADERS)),
    "web:duplicates_typed": ("post", THOSE_WHO_WORK),
    "web:reviews": ("get", EVERYBODY),
    "web:review": ("post", WRITES),
    "web:review_many": ("post", {**WRITES, "charlie": 422}),
    "web:customer_reaches": ("get", THOSE_WHO_CHANGE_IT),
    "web:divisions": ("get", EVERYBODY),
    "web:files": ("get", THOSE_WHO_SEE_IT),
    "web:file": ("get", THOSE_WHO_SEE_IT),
    "web:file_remove": ("post", leads_to(302, THOSE_WHO_CHANGE_IT)),
    "web:customer_star": ("post", leads_to(302, THOSE_WHO_SEE_IT)),
    "web:colleagues": ("get", THOSE_WHO_SEE_IT),
    "web:note_edit": ("get", {**THOSE_WHO_CHANGE_IT, "mia": 403}),  # the author's, and the leaders'
    "web:note_void": ("post", {**leads_to(302, THOSE_WHO_CHANGE_IT), "mia": 403}),
    "web:tags": ("get", EVERYBODY),
    "web:tag": ("get", LEADERS),
    "web:tag_merge": ("post", leads_to(422, ADMINS)),
    "web:tag_retire": ("post", leads_to(302, LEADERS)),
    "web:address_new": ("get", THOSE_WHO_CHANGE_IT),
    "web:address_edit": ("get", THOSE_WHO_CHANGE_IT),
    "web:address_remove": ("post", ONLY_ALICE),  # Alice was first
    "web:customer_parent": ("get", THOSE_WHO_CHANGE_IT),
    "web:relation_new": ("get", THOSE_WHO_CHANGE_IT),
    "web:relation_remove": ("post", ONLY_ALICE),  # Alice was first
    "web:contact_new": ("get", THOSE_WHO_CHANGE_IT),
    "web:contact_edit": ("get", THOSE_WHO_CHANGE_IT),
}


# What an address says besides, where it says nothing without it.
QUERIES = {"web:customer_cell": "?column=name"}
OF_A_VIEW = ("edit", "save", "restore", "copy", "pin", "delete")
OF_A_DIMENSION = ("web:dimension", "web:draft", "web:compare")


def status(response: HttpResponse) -> int:
    """Return it once the answer is read to its end: a file that is handed over must be closed."""
    if response.streaming:
        b"".join(response.streaming_content)
    return response.status_code


@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_row_names_everybody(name):
    assert set(TABLE[name][1]) == set(EVERYBODY)


def names(resolver: URLResolver, space: str = "") -> list[str]:
    found = []
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{entry.namespace}:" if entry.namespace else ""
            found += names(entry, space + inner)
        else:
            assert isinstance(entry, URLPattern)
            assert entry.name, f"{entry.pattern} has no name"
            found.append(space + entry.name)
    return found


def test_every_address_has_its_row():
    assert sorted(names(get_resolver())) == sorted(TABLE)


def _pair(customer, other) -> dict[str, int]:
    """Return the arguments of the pages of a pair."""
    from zhike.base.clock import now
    from zhike.duplicates.models import Pair

    given = {"score": 3, "found_at": now()}
    return {"pk": Pair.objects.get_or_create(customer=customer, other=other, defaults=given)[0].pk}


@pytest.fixture(scope="module")
def everything(django_db_setup, django_db_blocker):
    with one_scene(django_db_blocker):
        yield _everything()


@pytest.fixture
def scene(everything, db):
    return everything


def _barred_input():
    from zhike.base.clock import now
    from zhike.privacy.models import BarredInput

    return BarredInput.objects.create(dimension="need", input="customer.city", reason="地域", created_at=now())


def _rule():
    from zhike.assignment.models import Rule
    from zhike.base.clock import now

    return Rule.objects.create(name="规则", occasions=["hand"], target="people", changed_at=now())


def _absence(person):
    from zhike.assignment.models import Absence
    from zhike.base.clock import now

    day = date(2026, 6, 1)
    return Absence.objects.create(user=person, first_day=day, last_day=day, created_at=now())


def _merge(customer):
    from zhike.base.clock import now
    from zhike.duplicates.models import Merge

    return Merge.objects.create(customer=customer, merged=[], at=now())


def _pool(people):
    from zhike.pools.models import Rule

    pool = make_pool(people.ada, users=[people.alice])
    return pool, Rule.objects.create(pool=pool, name="全部", days=30)


def _bot(people):
    """Return a bot of Alice's, whose address is none that may be written to: nothing leaves this machine."""
    from zhike.base.clock import now
    from zhike.base.secrets import seal
    from zhike.notices.models import Channel

    given = {"kind": "wecom", "address": seal("http://127.0.0.1:1/"), "host": "-", "created_at": now()}
    return Channel.objects.get_or_create(user=people.alice, name="群", defaults=given)[0]


def _task(customer, owner):
    from zhike.base.clock import now
    from zhike.followups.models import Task

    given = {"checklist": [{"text": "带上报告", "done": False}], "created_at": now()}
    return Task.objects.create(customer=customer, owner=owner, title="年度维保续签", due_on=date(2026, 6, 1), **given)


def _plan(customer):
    from zhike.base.clock import now
    from zhike.followups.models import Plan, PlanTemplate

    steps = [{"key": "call", "name": {"zh": "电话", "en": "Call"}, "method": "call"}]
    template = PlanTemplate.objects.create(key="by_hand", purpose="win", name_zh="促成", name_en="Win", steps=steps)
    return Plan.objects.create(customer=customer, template=template, purpose="win", steps=steps, started_at=now())


def _everything():
    """Return the people, and what stands in each address."""
    from zhike.accounts.actions.invitations import invite
    from zhike.accounts.actions.shares import share_record
    from zhike.accounts.models import Role, Territory
    from zhike.base.clock import now
    from zhike.classification.actions.drafts import start_draft
    from zhike.classification.actions.packs import install_pack
    from zhike.classification.actions.publications import publish
    from zhike.classification.actions.quarter_counts import ask_quarter_count
    from zhike.classification.actions.views import create_view
    from zhike.classification.models import Acknowledgement, Notification, Review
    from zhike.core.facts import FieldType
    from zhike.core.quarters import Quarter
    from zhike.core.text import Text
    from zhike.customers.actions.fields import add_section, define_field
    from zhike.customers.actions.files import attach
    from zhike.customers.models import Address, Contact, Relation, Tag
    from zhike.imports.actions.files import bring_in
    from zhike.jobs.models import Job
    from zhike.privacy.actions.requests import open_request
    from zhike.timeline.amounts import set_rate

    people = make_people()
    others = {"mia": make_user("Mia", role=Role.MARKETING), "otto": make_user("Otto", role=Role.AUDITOR)}
    install_pack(pack="general", by=None)
    start_draft(dimension="value", by=people.ada)
    publication = publish(drafts=[start_draft(dimension="need", by=people.ada)], by=people.ada)
    customer = make_customer("上海梧桐里酒店管理", owner=people.alice)
    contact = Contact.objects.create(customer=customer, name="沈一帆")
    file = attach(customer=customer, file=SimpleUploadedFile("合同.pdf", b"%PDF-1.7"), by=people.alice)
    note = make_event(customer, "note.added", by=people.alice, data={"text": "一"})
    tag = Tag.objects.create(name="连锁", name_folded="连锁")
    other = make_customer("苏州锦观物业", owner=people.alice)
    relation = Relation.objects.create(customer=customer, other=other, kind="partner")
    address = Address.objects.create(customer=customer, street="愚园路 168 号")
    review = Review.objects.create(
        customer=customer,
        dimension="activity",
        kind="demotion",
        from_key="active",
        to_key="dormant",
        created_at=now(),
    )
    asked = Acknowledgement.objects.create(publication=publication, user=people.alice, customers=1)
    ask_quarter_count(quarter=Quarter.parse("2026-Q3"), by=people.alice)
    invitation, _ = invite(email="new@example.com", name="New", role="sales", team=None, by=people.ada)
    territory = Territory.objects.create(name="华东", regions=["华东"])
    share = share_record(row=customer, by=people.alice, team=people.alice.team, reason="一起跟")
    job = Job.objects.create(kind="undo", owner=people.alice, created_at=now())
    brought = bring_in(name="客户.csv", chunks=["客户名称,手机\n甲,13812345678\n".encode()], by=people.bob)
    owed = open_request(customer=customer, kind="access", by=None)
    told = Notification.objects.create(user=people.alice, kind="rules", text="1", created_at=now())
    field = define_field(key="seats", type_=FieldType.INTEGER, by=None)
    rate = set_rate(currency="USD", from_day=date(2026, 1, 1), rate="7", by=None)
    why = {"pk": customer.pk, "dimension": "status"}
    view = create_view(name="京沪", where={"everyone": True}, by=people.alice, reach="team")
    (pool, rule), task = _pool(people), _task(customer, people.alice)
    arguments = {name: {"dimension": "value"} for name in TABLE if name.startswith(OF_A_DIMENSION)} | {
        "web:dimension_new": {},
        "web:dimension_order": {},
        "web:roll_back": {"dimension": "status", "number": 1},
        "web:pack": {"pack": "retail"},
        "web:pack_install": {"pack": "retail"},
        "web:pack_edition": {"pack": "retail"},
        "web:publication": {"pk": publication.pk},
        "web:publication_cancel": {"pk": publication.pk},
        "web:publication_confirm": {"pk": publication.pk},
        "web:scorecard": {"dimension": "value"},
        "web:flow": {"dimension": "value"},
        "web:flow_file": {"dimension": "value"},
        "web:quarter": {"quarter": "2026-Q3"},
        "web:quarter_close": {"quarter": "2026-Q3"},
        "web:quarter_count": {"quarter": "2026-Q3"},
        "web:quarter_stop": {"quarter": "2026-Q3"},
        **{f"web:view_{name}": {"pk": view.pk} for name in OF_A_VIEW},
        **{name: {"pk": pool.pk} for name in ("web:pool", "web:pool_claim", "web:pool_best", "web:pool_settings")},
        "web:pool_customer": {"pk": pool.pk, "customer": customer.pk},
        **{name: {"pk": rule.pk} for name in TABLE if re.fullmatch("web:pool_rule(_(?!new).*)?", name)},
        **{f"web:{name}": {"pk": task.pk} for name in ("task", "task_file", "task_invitation")},
        **{f"web:task_{act}": {"pk": task.pk} for act in ("done", "snooze", "delegate", "drop", "follow", "move")},
        "web:plan_end": {"pk": (plan := _plan(customer)).pk},
        "web:plan_template": {"pk": plan.template_id},
        "web:task_check": {"pk": task.pk, "number": 0},
        "web:calendar_feed": {"token": "x"},
        **{
            f"web:{name}": {"pk": customer.pk}
            for name in ("customer_task_new", "customer_next", "log_panel", "plan_start")
        },
        "web:customer_owners": {"pk": customer.pk},
        **{f"web:home_{act}": {"pk": customer.pk} for act in ("log", "snooze", "arrange")},
        **{f"web:home_task_{act}": {"pk": _task(customer, customer.owner).pk} for act in ("log", "done", "snooze")},
        **{f"web:{name}": {"pk": customer.pk} for name in ("advice", "advice_decide", "brief")},
        "web:customer_peek": {"pk": customer.pk},
        "web:customer_cell": {"pk": customer.pk},
        "web:customer": {"pk": customer.pk},
        "web:customer_edit": {"pk": customer.pk},
        "web:customer_log": {"pk": customer.pk},
        "web:customer_answer": {"pk": customer.pk},
        "web:customer_history": {"pk": customer.pk},
        "web:merge_with": {"pk": customer.pk},
        "web:merged": {"merge_pk": _merge(customer).pk},
        "web:merge_undo": {"merge_pk": _merge(customer).pk},
        "web:rate_restate": {"pk": rate.pk},
        "web:field": {"pk": field.pk},
        "web:field_retire": {"pk": field.pk},
        "web:field_delete": {"pk": field.pk},
        "web:field_new": {"kind": "text"},
        "web:field_section": {"pk": add_section(label=Text("规模", "Size"), by=None).pk},
        "web:why": why,
        "web:override": why,
        "web:override_extend": why,
        "web:override_lift": why,
        "web:report_wrong": why,
        **{name: _pair(customer, other) for name in ("web:duplicate", "web:duplicate_part", "web:duplicate_reopen")},
        "web:review": {"pk": review.pk},
        "web:customer_access": {"pk": customer.pk},
        "web:share_end": {"pk": customer.pk, "share": share.pk},
        "web:team": {"pk": people.alice.team.pk},
        "web:role": {"key": "sales"},
        "web:role_copy": {"key": "sales"},
        "web:team_remove": {"pk": people.alice.team.pk},
        "web:role_remove": {"key": "sales"},
        "web:territory_remove": {"pk": territory.pk},
        "web:territory": {"pk": territory.pk},
        "web:acknowledge": {"pk": asked.pk},
        "web:notification": {"pk": told.pk},
        **{name: {"pk": _bot(people).pk} for name in TABLE if re.fullmatch("web:channel(_(?!new).*)?", name)},
        "web:customer_reaches": {"pk": customer.pk},
        "web:address_new": {"pk": customer.pk},
        "web:address_edit": {"pk": customer.pk, "address_pk": address.pk},
        "web:address_remove": {"pk": customer.pk, "address_pk": address.pk},
        "web:customer_parent": {"pk": customer.pk},
        "web:relation_new": {"pk": customer.pk},
        "web:relation_remove": {"pk": customer.pk, "relation_pk": relation.pk},
        "web:tag": {"pk": tag.pk},
        "web:tag_merge": {"pk": tag.pk},
        "web:tag_retire": {"pk": tag.pk},
        "web:colleagues": {"pk": customer.pk},
        "web:note_edit": {"pk": customer.pk, "event_pk": note.pk},
        "web:note_void": {"pk": customer.pk, "event_pk": note.pk},
        "web:files": {"pk": customer.pk},
        "web:file": {"pk": customer.pk, "file_pk": file.pk},
        "web:file_remove": {"pk": customer.pk, "file_pk": file.pk},
        "web:customer_star": {"pk": customer.pk},
        **{name: {"pk": people.carol.pk} for name in TABLE if name.startswith("web:person")},
        **{f"web:assignment_{name}": {"pk": pk} for pk in [_rule().pk] for name in ("rule", "pause", "move", "remove")},
        "web:assignment_person": {"pk": people.alice.pk},
        "web:absence_remove": {"pk": _absence(people.alice).pk},
        "web:hand_over": {"pk": people.carol.pk},
        "web:give_rules": {"pk": people.carol.pk},
        "web:invitation_renew": {"pk": invitation.pk},
        "web:invitation_withdraw": {"pk": invitation.pk},
        "accounts:reset_link": {"token": "1.a-b"},
        "accounts:join_link": {"token": "nobodys"},
        "web:withdraw": {"token": "nobodys"},
        "accounts:passkey_remove": {"pk": 1},
        **{name: {"pk": brought.pk} for name in TABLE if name.startswith("web:import_") or name == "web:import"},
        "web:import_rows": {"pk": brought.pk, "verdict": "review"},
        **{name: {"pk": job.pk} for name in TABLE if name.startswith("web:job_") or name == "web:job"},
        "web:contact_new": {"pk": customer.pk},
        "web:contact_edit": {"pk": customer.pk, "contact_pk": contact.pk},
        "web:customer_privacy": {"pk": customer.pk},
        "web:consent": {"pk": customer.pk},
        "web:profiling": {"pk": customer.pk},
        "web:sensitive_empty": {"pk": customer.pk},
        "web:privacy_request_new": {"pk": customer.pk},
        "web:privacy_package": {"pk": customer.pk},
        "web:erase": {"pk": customer.pk},
        "web:reveal": {"pk": customer.pk, "field": "phone"},
        "web:reveal_contact": {"pk": customer.pk, "contact_pk": contact.pk, "field": "phone"},
        "web:privacy_request": {"pk": owed.pk},
        "web:consent_text": {"purpose": "phone"},
        "web:input_allow": {"dimension": "need", "pk": _barred_input().pk},
    }
    return {**vars(people), **others}, arguments


@pytest.mark.parametrize("name", sorted(TABLE))
def test_each_person_gets_what_the_table_says(scene, name):
    people, arguments = scene
    method, expected = TABLE[name]
    path = reverse(name, kwargs=arguments.get(name)) + QUERIES.get(name, "")
    got = {}
    for who in expected:
        client = Client()
        if who != "stranger":
            client.force_login(people[who])
        got[who] = status(getattr(client, method)(path))
    assert got == expected


@pytest.mark.parametrize("name", sorted(TABLE))
def test_nobody_gets_a_server_error_from_any_method(scene, name):
    people, arguments = scene
    path = reverse(name, kwargs=arguments.get(name))
    client = Client()
    for method in ("get", "head", "post", "put", "patch", "delete", "options"):
        client.force_login(people["alice"])
        assert status(getattr(client, method)(path)) < 500, method
