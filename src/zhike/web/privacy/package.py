"""A copy of everything that is held of a person: one JSON document, and the same as tables for a spreadsheet.

Fields, contacts, timeline, consents with the words agreed to, requests, classes with what decided them, everything
that was decided automatically, and who received the data.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

from django.db import transaction

from zhike.accounts.policy import require, visible
from zhike.audit.actions import record
from zhike.audit.kinds import ACTIONS
from zhike.audit.models import Entry
from zhike.base.clock import now
from zhike.classification.models import CustomerFacts, Override, Placement
from zhike.classification.rules import rulebook
from zhike.customers.models import Contact, Customer
from zhike.engine.safe import as_cell
from zhike.privacy.models import Consent, Request
from zhike.privacy.personal import CUSTOMER
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.classification.rules import Rulebook

# What only helps the program to find and compare.
_INNER = {"name_key", "form_key"}
_TALKS_OF_IT = ("field.revealed", "subject.exported", "share.given")
FORMAT = "zhike.person/1"


@transaction.atomic
def disclose(customer: Customer, *, by: User) -> bytes:
    """Return the package, and write down that it was handed out."""
    require(by, "disclose", customer)
    tables = _tables(customer, by, rulebook())
    rows = sum(len(rows) for rows in tables.values())
    record("subject.exported", by=by, subject=customer, data={"files": len(tables) + 1, "rows": rows})
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        document = {"format": FORMAT, "made_at": now().isoformat(), **tables}
        archive.writestr("person.json", json.dumps(document, ensure_ascii=False, indent=1, default=str))
        for name, found in tables.items():
            archive.writestr(f"{name}.csv", _csv(found))
    return made.getvalue()


def _tables(customer: Customer, by: User, rules: Rulebook) -> dict[str, list[dict[str, Any]]]:
    events = visible(by, Event).filter(customer=customer.pk).select_related("actor").order_by("day", "pk")
    found = list(events)
    return {
        "fields": [
            {"field": name, "value": getattr(customer, name)}
            for name in [*CUSTOMER, "kind", "industry", "source", "size", "created_on", "no_profiling"]
            if name not in _INNER and not name.endswith(("_folded", "_state"))
        ],
        "contacts": _plain(by, Contact, customer, "name", "title", "phone", "email", "role"),
        "timeline": [_event(one) for one in found if one.kind != "class.changed"],
        "consents": [_consent(one) for one in _rows(by, Consent, customer, "text", "by")],
        "requests": _plain(by, Request, customer, "kind", "state", "received_on", "due_on", "said", "answer"),
        "classes": [_placement(one, rules) for one in _rows(by, Placement, customer, "version")],
        "metrics": [
            {"metric": name, "value": value}
            for facts in visible(by, CustomerFacts).filter(customer=customer.pk)
            for name, value in facts.values.items()
        ],
        "decisions": [
            {
                "at": one.occurred_at,
                **{key: one.data.get(key) for key in ("dimension", "from", "to", "source", "version", "reason")},
            }
            for one in found
            if one.kind == "class.changed"
        ],
        "set_by_hand": [
            {
                "at": one.created_at,
                "dimension": one.dimension,
                "class": one.class_key,
                "reason": one.reason,
                "until": one.expires_on,
            }
            for one in _rows(by, Override, customer)
        ],
        "recipients": _recipients(customer),
    }


def _plain(by: User, model: type[Any], customer: Customer, *names: str) -> list[dict[str, Any]]:
    return list(_visible(by, model, customer).values(*names))


def _visible(by: User, model: type[Any], customer: Customer) -> QuerySet[Any]:
    return visible(by, model).filter(customer=customer.pk).order_by("pk")


def _rows(by: User, model: type[Any], customer: Customer, *related: str) -> Iterable[Any]:
    rows = _visible(by, model, customer)
    return rows.select_related(*related) if related else rows


def _event(one: Event) -> dict[str, Any]:
    return {
        "day": one.day,
        "at": one.occurred_at,
        "kind": one.kind,
        "channel": one.channel,
        "amount": one.amount,
        "currency": one.currency,
        "by": one.actor.name if one.actor else "",
        "data": one.data,
    }


def _consent(one: Consent) -> dict[str, Any]:
    return {
        "purpose": one.purpose,
        "state": one.state,
        "at": one.at,
        "channel": one.channel,
        "evidence": one.evidence,
        "by": one.by.name if one.by else "",
        "version": one.text.number,
        "digest": one.text.digest,
        "text": one.text.zh,
        "do_not_ask_until": one.do_not_ask_until,
    }


def _placement(one: Placement, rules: Rulebook) -> dict[str, Any]:
    scheme = next((scheme for scheme in rules.schemes if scheme.dimension == one.dimension), None)
    known = scheme is not None and one.class_key in {class_.key for class_ in scheme.classes}
    label = scheme.get(one.class_key).label.zh if scheme is not None and known else one.class_key
    return {
        "dimension": one.dimension,
        "class": one.class_key,
        "label": label,
        "since": one.since,
        "decided_by": one.source,
        "version": one.version.number,
        "inputs": one.reason.get("values", {}),
        "as_of": one.reason.get("as_of"),
    }


def _recipients(customer: Customer) -> list[dict[str, Any]]:
    """Return who was told or handed something of the person beyond those who work with them; nothing leaves the house unasked."""
    entries = Entry.objects.filter(
        subject_type=customer._meta.label, subject_id=str(customer.pk), action__in=_TALKS_OF_IT
    )
    return [
        {"at": one.at, "who": one.actor.name if one.actor else "", "what": ACTIONS[one.action].label.zh}
        for one in entries.select_related("actor").order_by("pk")
    ]


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    out.write("\ufeff")  # so that spreadsheets read it as UTF-8
    if rows:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        for row in rows:
            writer.writerow({name: as_cell(_text(value)) for name, value in row.items()})
    return out.getvalue()


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, default=str) if value else ""
        case _:
            return str(value)
