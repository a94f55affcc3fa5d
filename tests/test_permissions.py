"""Every address × every role. A new address without a row here fails.

A row says what each person gets for a GET (or, where that is not allowed, an empty POST): Alice owns
the customer, Bob leads her team, Ada is the admin, Charlie is a salesman elsewhere, Mia is in marketing,
Otto is the auditor, and a stranger is not signed in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from tests.addresses import everything_there_is, names, path_of
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
    # What a device keeps for when there is no connection says nothing of anybody.
    **dict.fromkeys(["web:offline", "web:service_worker"], ("get", dict.fromkeys(EVERYBODY, 200))),
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
    "web:home_reviews": ("get", EVERYBODY),
    "web:home_team": ("get", LEADERS),
    "web:home_company": ("get", ADMINS),
    "web:home_changed": ("get", ADMINS),
    "web:home_arrange": ("post", WRITES),
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
    "web:escalations": ("get", EVERYBODY),  # each their own
    "web:ladder": ("get", ADMINS),
    "web:next_contact": ("get", THOSE_WHO_CHANGE_IT),
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


def status(response: HttpResponse) -> int:
    """Return it once the answer is read to its end: a file that is handed over must be closed."""
    if response.streaming:
        b"".join(response.streaming_content)
    return response.status_code


@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_row_names_everybody(name):
    assert set(TABLE[name][1]) == set(EVERYBODY)


def test_every_address_has_its_row():
    assert sorted(names()) == sorted(TABLE)


@pytest.fixture(scope="module")
def everything(django_db_setup, django_db_blocker):
    with one_scene(django_db_blocker):
        yield everything_there_is()


@pytest.fixture
def scene(everything, db):
    return everything


@pytest.mark.parametrize("name", sorted(TABLE))
def test_each_person_gets_what_the_table_says(scene, name):
    people, arguments = scene
    method, expected = TABLE[name]
    path = path_of(name, arguments)
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
    path = path_of(name, arguments)
    client = Client()
    for method in ("get", "head", "post", "put", "patch", "delete", "options"):
        client.force_login(people["alice"])
        assert status(getattr(client, method)(path)) < 500, method
