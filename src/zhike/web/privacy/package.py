"""A copy of everything that is held of a person: one JSON document, and the same as tables for a spreadsheet.

Fields, contacts, timeline, consents with the words agreed to, requests, classes with what decided them, everything
that was decided automatically, and who received the data.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import Q

from zhike.accounts.policy import get_visible, require, visible
from zhike.audit.kinds import ACTIONS
from zhike.audit.models import Entry
from zhike.base.clock import now
from zhike.classification.models import CustomerFacts, Override, Placement
from zhike.classification.rules import rulebook
from zhike.core.text import Text
from zhike.customers.merged import absorbed
from zhike.customers.models import Address, Attachment, Contact, Customer, Reach
from zhike.engine.safe import as_cell
from zhike.jobs.actions.jobs import ask_job
from zhike.jobs.files import folder, new_name
from zhike.jobs.kinds import Whole
from zhike.privacy.models import Consent, Request
from zhike.privacy.personal import CUSTOMER
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.classification.rules import Rulebook
    from zhike.jobs.kinds import Progress
    from zhike.jobs.models import Job

# What only helps the program to find and compare.
_INNER = {"name_key", "form_key"}
_TALKS_OF_IT = ("field.revealed", "subject.exported", "share.given")
FORMAT = "zhike.person/1"
CHUNK = 2_000
# So long the file can be fetched.
EXPIRES = timedelta(hours=72)


class Copy(Whole):
    """Writes the package. Its parameters are the id of the customer, `customer`, and later what it holds."""

    icon: ClassVar = "download"
    # Of more events than this nobody waits for it.
    at_once: ClassVar = 2_000

    def label(self, job: Job) -> Text:
        del job  # whose it is stands in the audit log: a name would outlive the person's erasure here
        return Text("给本人的副本", "Copy for the person")

    def allow(self, job: Job) -> None:
        customer_of(job)

    def work(self, job: Job, progress: Progress) -> None:
        customer = customer_of(job)
        total = visible(job.owner, Event).filter(customer=customer.pk).count()
        job.file = new_name()
        tables = _tables(customer, job.owner, rulebook(), lambda done: progress(done, max(done, total)))
        with zipfile.ZipFile(folder() / job.file, "w", zipfile.ZIP_DEFLATED) as archive:
            document = {"format": FORMAT, "made_at": now().isoformat(), **tables}
            archive.writestr("person.json", json.dumps(document, ensure_ascii=False, indent=1, default=str))
            for name, found in tables.items():
                archive.writestr(f"{name}.csv", _csv(found))
        rows = sum(len(rows) for rows in tables.values())
        job.parameters = {**job.parameters, "rows": rows, "files": len(tables) + 1}
        job.file_name = f"customer-{customer.pk}.zip"
        job.done = job.total = total
        job.expires_at = now() + EXPIRES

    def discard(self, job: Job) -> None:
        if job.file:
            (folder() / job.file).unlink(missing_ok=True)

    def audited(self, job: Job) -> tuple[str, Mapping[str, object]] | None:
        given = job.parameters
        if "rows" not in given:
            return None
        return "subject.exported", {"files": given["files"], "rows": given["rows"]}

    def subject(self, job: Job) -> tuple[str, object]:
        return Customer._meta.label, job.parameters["customer"]

    def said(self, job: Job) -> Text:
        rows = job.parameters["rows"]
        return Text(
            f"副本做好了，共 {rows:,} 条，72 小时内可以下载",
            f"The copy is made, {rows:,} rows; to be fetched within 72 hours",
        )


def ask_copy(customer: Customer, *, by: User) -> Job:
    """Ask for a copy of everything that is held of a person."""
    require(by, "disclose", customer)
    size = visible(by, Event).filter(customer=customer.pk).count()
    return ask_job(kind="copy", by=by, parameters={"customer": customer.pk}, expected=size)


def customer_of(job: Job) -> Customer:
    """Return of whom it is, as long as its owner may hand that out."""
    customer = get_visible(job.owner, Customer, pk=job.parameters["customer"])
    require(job.owner, "disclose", customer)
    return customer


def _tables(
    customer: Customer, by: User, rules: Rulebook, told: Callable[[int], None]
) -> dict[str, list[dict[str, Any]]]:
    # What records that were merged into this one tell of themselves is about the same person.
    merged = absorbed([customer.pk]).get(customer.pk, [])
    told_of = Q(pk__in=visible(by, Event).filter(customer=customer.pk).values("pk")) | Q(customer__in=merged)
    events = Event.objects.filter(told_of).select_related("actor").order_by("day", "pk")
    found = []
    for event in events.iterator(chunk_size=CHUNK):
        found.append(event)
        if len(found) % CHUNK == 0:
            told(len(found))
    return {
        "fields": [
            {"field": name, "value": getattr(customer, name)}
            for name in [*CUSTOMER, "kind", "industry", "source", "size", "created_on", "no_profiling"]
            if name not in _INNER and not name.endswith(("_folded", "_state"))
        ],
        "contacts": _plain(by, Contact, customer, "name", "title", "phone", "email", "role", "birthday", "left_on"),
        "reached_by": _plain(by, Reach, customer, "kind", "value", "label", "contact__name"),
        "addresses": _plain(by, Address, customer, "label", "province", "city", "district", "street", "postcode"),
        "files": _plain(by, Attachment, customer, "name", "type", "size", "added_at", "removed_at"),
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
