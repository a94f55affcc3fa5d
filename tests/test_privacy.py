"""Every column of every model is declared personal, in privacy/inventory_table.py, or not, here. A new column without a row fails."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps

from zhike.accounts.grants import OWNER_PATHS, SHARED
from zhike.privacy.inventory import INVENTORY, markdown
from zhike.privacy.inventory_words import PURPOSES, SEEN_BY
from zhike.privacy.personal import ERASED, EVENTS, Erased
from zhike.timeline.kinds import KINDS, Column, DataType, Erase

PAGE = (Path(__file__).parent.parent / "docs" / "privacy.md").read_text(encoding="utf-8")
PERSONAL = {tuple(row.column.rsplit(".", 1)) for section in INVENTORY for row in section.rows}

# What says nothing of anybody without the row that it belongs to. Keys to other rows follow those rows.
NOT_PERSONAL: dict[str, str] = {
    "accounts.Authenticator": "secret last_step created_at confirmed_at",
    "accounts.Company": "name timezone currency pack",
    "accounts.FieldRight": "object field access",
    "accounts.Invitation": "language digest created_at expires_at",
    "accounts.Passkey": "name credential_id credential sign_count created_at",
    "accounts.RecoveryCode": "digest",
    "accounts.Role": "label_zh label_en is_builtin position",
    "accounts.RoleRight": "object verb scope",
    "accounts.Session": "expire_date",
    "accounts.Share": "object row may_write until ends_at created_at ended_at",
    "accounts.Team": "name",
    "accounts.Territory": "name regions cities industries",
    "accounts.User": "language theme single_keys is_active created_at session_version reset_mailed_at",
    "accounts.SignInFailure": "at",
    "audit.Entry": "number at door action subject_type subject_id data previous hash",
    "classification.Acknowledgement": "customers confirmed_at",
    "classification.BackTest": "revision days outcome_days state done total result problem created_at",
    "classification.CustomerFacts": "as_of placed_at next_flip_at contact_every contact_due_on",
    "classification.InstalledPack": "key version data installed_at",
    "classification.KeptMetric": "ref complete done total",
    "classification.Notification": "kind dimension from_key to_key day created_at read_at is_routed",
    "classification.NotificationChoice": "dimension class_key wanted",
    "classification.Override": "dimension was_key created_at expires_on ended_at end",
    "classification.Placement": "dimension since source undetermined next_flip_at next_key falls",
    "classification.Publication": (
        "kind state note created_at starts_at started_at switched_at finished_at done total moves problem edition"
    ),
    "classification.QuarterCount": "quarter state asked_at attempts done total problem findings as_of version",
    "classification.QuarterReview": "quarter notes decisions snapshot version updated_at closed_at",
    "classification.Review": "dimension kind from_key to_key due_on created_at escalated_at state decided_at answer",
    "classification.ListColumns": "columns",
    "classification.SavedView": "reach columns sort group layout version form_key created_at updated_at",
    "classification.Scheme": "dimension position mode is_paused pending_since",
    "classification.SchemeVersion": "number state data moved note created_at published_at retired_at revision updated_at",
    "classification.Staged": "dimension old_key source undetermined next_flip_at next_key falls staged_at",
    "classification.Sweep": "started_at finished_at customers changed lag day day_customers zone",
    "classification.ViewPin": "position",
    "notices.Channel": (
        "kind name address secret host kinds language shows_names quiet_from quiet_until is_on gone_at failures "
        "next_try_at claimed_until last_error failed_at sent_at created_at version"
    ),
    "notices.Delivery": "key state created_at done_at",
    "notices.Digest": "day state lines attempts created_at next_at sent_at",
    "notices.Preference": "kind page digest channel",
    "notices.Rhythm": "digest left_out",
    "pools.Limit": "dimension class_key most",
    "pools.Notice": "since goes_on created_at",
    "pools.Pool": "name condition quota protection_days rank_by shown is_closed version",
    "pools.Reason": "label position is_retired",
    "pools.Rule": "name position condition exception clock days warn_days is_paused version",
    "pools.Stay": "way entered_at left_at end",
    "followups.Advice": "kind accepted rests_until dimension class_key at",
    "followups.CalendarFeed": "digest created_at",
    "followups.Escalation": "due_on step at is_settled",
    "followups.Follower": "added_at",
    "followups.LadderTerms": "is_on owner_after leader_after above_after version",
    "followups.Plan": "purpose steps state cause started_at ended_at adapted days version",
    "followups.PlanTemplate": (
        "key name_zh name_en purpose short_goal_zh short_goal_en long_goal_zh long_goal_en trigger dimension class_key product "
        "steps is_active position pack version"
    ),
    "followups.Tally": "day overdue today contacts owned counted_at",
    "followups.ProductPairs": "dimension class_key everyone buyers amounts pairs counted_at",
    "followups.Task": (
        "step kind due_on due_at snoozed_until shown_on priority delegated recurrence state done_at event told form_key version "
        "created_at"
    ),
    "privacy.Assessment": "number purpose necessity impact measures filed_at",
    "privacy.BarredInput": "dimension input reason created_at lifted_at",
    "privacy.Consent": "purpose state channel recorded_at do_not_ask_until",
    "privacy.ConsentText": "purpose number zh en digest created_at",
    "privacy.Deletion": "record digest identifiers erased_at",
    "privacy.Request": "kind state asker received_on due_on created_at closed_at",
    "customers.Address": "is_primary version form_key",
    "customers.Attachment": "stored_as type size form_key added_at removed_at",
    "customers.Contact": "phone_state is_primary version form_key created_at",
    "customers.CustomField": (
        "is_sensitive key type format label_zh label_en choices kind is_required default help_zh help_en position retired_at"
    ),
    "customers.FieldSection": "label_zh label_en position",
    "customers.Customer": (
        "key kind industry industry_folded source source_folded size created_on phone_state next_contact_on planned_contact_on completeness version "
        "deleted_at form_key created_at updated_at no_profiling erased_at campaign"
    ),
    "customers.SearchText": "key",
    "customers.Favourite": "created_at",
    "customers.Reach": "kind state position",
    "customers.Relation": "kind",
    "duplicates.Pair": "score evidence group state decided_at found_at",
    "customers.Tag": "name name_folded name_en definition tone created_at retired_at version",
    "assignment.Absence": "created_at",
    "assignment.Capacity": "most weekdays keeps_holidays",
    "assignment.Promise": "dimension hours started_at due_at kept_by ended_at steps next_at",
    "assignment.PromiseTerms": "working_hours opens closes leader_after above_after version",
    "assignment.Rule": (
        "name where position is_last is_paused occasions target method least_level skills from_pools turns version changed_at"
    ),
    "assignment.Waiting": "occasion dimensions since after",
    "duplicates.Merge": "merged form_key at undone_at conflicts",
    "imports.Import": (
        "what state stored_as size digest layout columns signature plan total cursor done created updated unchanged skipped "
        "review rejected undone conflicts dropped followed form_key created_at started_at finished_at"
    ),
    "imports.Row": "line at verdict",
    "jobs.Item": "state said",
    "jobs.Job": (
        "kind state cursor done total changed same refused said attempts file file_name expires_at form_key "
        "created_at started_at finished_at"
    ),
    "timeline.ExchangeRate": "currency base day rate note created_at",
    "timeline.Event": "kind recorded_at source currency subject_type subject_id key",
}


def columns() -> set[tuple[str, str]]:
    models = [model for model in apps.get_models() if model.__module__.startswith("zhike.")]
    return {
        (model._meta.label, field.name)
        for model in models
        for field in model._meta.concrete_fields
        if not field.primary_key and not field.is_relation
    }


@pytest.mark.parametrize("section", INVENTORY, ids=lambda section: section.title.en)
def test_the_page_of_the_docs_has_the_tables_of_the_inventory(section):
    after = PAGE.partition(f"\n## {section.title.zh}\n")[2].partition("\n## ")[0]
    assert [line for line in after.splitlines() if line.startswith("|")] == list(markdown(section))


def test_the_docs_have_no_other_such_table_and_no_word_is_idle():
    assert len(re.findall(r"^\| `[A-Za-z.]+\.[a-z_]+` \|", PAGE, re.MULTILINE)) == len(PERSONAL)
    rows = [row for section in INVENTORY for row in section.rows]
    assert {row.purpose for row in rows} == set(PURPOSES.values())
    assert {row.seen_by for row in rows} == set(SEEN_BY.values())


def test_every_column_is_declared_personal_or_not():
    others = {(label, name) for label, names in NOT_PERSONAL.items() for name in names.split()}
    assert PERSONAL & others == set()
    assert columns() - PERSONAL - others == set()
    assert (PERSONAL | others) - columns() == set()


def test_every_personal_column_of_a_customer_is_erased_or_kept_for_a_reason():
    of_customers = {(label, name) for label, name in PERSONAL if "customer" in label.casefold() or _hangs(label)}
    undecided = {
        (label, name) for label, name in of_customers if label != EVENTS and not _is_erased(ERASED.get(label), name)
    }
    assert undecided == set()
    assert {label for label in ERASED if apps.get_model(label) is None} == set()


def _hangs(label: str) -> bool:
    """Say whether rows of this model belong to a customer."""
    return any(
        field.related_model is apps.get_model("customers.Customer") for field in apps.get_model(label)._meta.fields
    )


def _is_erased(rule: Erased | None, name: str) -> bool:
    return rule is not None and (rule.goes or name in (rule.blank or {}) or name in rule.kept)


def test_what_is_personal_belongs_to_somebody_or_is_seen_by_nobody():
    nobody = {"accounts.Invitation", "accounts.SignInFailure", "classification.Shelved", "classification.Staged"}
    assert {label for label, _ in PERSONAL} - set(OWNER_PATHS) == nobody
    assert {label for label, _ in PERSONAL} & SHARED == set()


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.key)
def test_what_a_person_said_or_where_they_were_is_erased_with_them(kind):
    free_text = {key for key, column in kind.data.items() if column.type is DataType.TEXT}
    assert free_text <= set(kind.personal)
    assert {"url", "answers", "changes"} & set(kind.data) <= set(kind.personal)
    assert all(column == Column(column.type, Erase.DROP) for key, column in kind.data.items() if key in kind.personal)
