"""Every address of the program, and an object that stands in each."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.factories import make_customer, make_event, make_people, make_user
from tests.pools.pooling import make_pool

if TYPE_CHECKING:
    from collections.abc import Mapping

# What an address says besides, where it says nothing without it.
QUERIES = {"web:customer_cell": "?column=name"}
OF_A_VIEW = ("edit", "save", "restore", "copy", "pin", "delete")
OF_A_DIMENSION = ("web:dimension", "web:draft", "web:compare")


def names(resolver: URLResolver | None = None, space: str = "") -> list[str]:
    found = []
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{entry.namespace}:" if entry.namespace else ""
            found += names(entry, space + inner)
        else:
            assert isinstance(entry, URLPattern)
            assert entry.name, f"{entry.pattern} has no name"
            found.append(space + entry.name)
    return found


def path_of(name: str, arguments: Mapping[str, Mapping[str, object]]) -> str:
    return reverse(name, kwargs=arguments.get(name)) + QUERIES.get(name, "")


def _pair(customer, other) -> dict[str, int]:
    """Return the arguments of the pages of a pair."""
    from zhike.base.clock import now
    from zhike.duplicates.models import Pair

    given = {"score": 3, "found_at": now()}
    return {"pk": Pair.objects.get_or_create(customer=customer, other=other, defaults=given)[0].pk}


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


def everything_there_is():
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
    arguments = {name: {"dimension": "value"} for name in names() if name.startswith(OF_A_DIMENSION)} | {
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
        **{name: {"pk": rule.pk} for name in names() if re.fullmatch("web:pool_rule(_(?!new).*)?", name)},
        **{f"web:{name}": {"pk": task.pk} for name in ("task", "task_file", "task_invitation")},
        **{f"web:task_{act}": {"pk": task.pk} for act in ("done", "snooze", "delegate", "drop", "follow", "move")},
        "web:plan_end": {"pk": (plan := _plan(customer)).pk},
        "web:plan_template": {"pk": plan.template_id},
        "web:task_check": {"pk": task.pk, "number": 0},
        "web:calendar_feed": {"token": "x"},
        **{
            f"web:{name}": {"pk": customer.pk}
            for name in ("customer_task_new", "customer_next", "log_panel", "next_contact", "plan_start")
        },
        "web:customer_owners": {"pk": customer.pk},
        "web:home_arrange": {"pk": customer.pk},
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
        **{name: {"pk": _bot(people).pk} for name in names() if re.fullmatch("web:channel(_(?!new).*)?", name)},
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
        **{name: {"pk": people.carol.pk} for name in names() if name.startswith("web:person")},
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
        **{name: {"pk": brought.pk} for name in names() if name.startswith("web:import_") or name == "web:import"},
        "web:import_rows": {"pk": brought.pk, "verdict": "review"},
        **{name: {"pk": job.pk} for name in names() if name.startswith("web:job_") or name == "web:job"},
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
