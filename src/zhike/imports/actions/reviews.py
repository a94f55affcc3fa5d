"""Writes: what a person decides about a row that was held for review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.policy import get_visible, require
from zhike.base.errors import Conflict, NotFound
from zhike.base.inputs import Invalid
from zhike.core.text import Text
from zhike.customers.actions.imported import store_records
from zhike.customers.actions.tags import names_in_dictionary
from zhike.customers.models import Customer
from zhike.imports.actions.files import locked
from zhike.imports.actions.running import tell_created
from zhike.imports.judging import Judge
from zhike.imports.matching import Book
from zhike.imports.models import Import, Row
from zhike.imports.plans import Plan
from zhike.imports.reading import Reader
from zhike.imports.spool import read_rows, rows_path

if TYPE_CHECKING:
    from zhike.accounts.models import User

NEW, SAME, SKIP = "new", "same", "skip"
_V = Row.Verdict
_SKIPPED = Text("看过，不导入", "looked at and left out")


@transaction.atomic
def decide(*, imported: Import, line: int, choice: str, by: User, customer: int | None = None) -> Row:
    """Make a customer of a row, let it be about one that is there, or leave it out."""
    require(by, "import", Customer)
    found = locked(imported)
    row = found.rows.select_for_update(of=("self",)).filter(line=line).first()
    if row is None:
        raise NotFound
    if row.verdict != _V.REVIEW or found.state in {*Import.PREPARED, Import.State.CHECKING}:
        raise Conflict("这一行已经处理过了", "this row has been dealt with")
    if choice == SKIP:
        row.verdict, row.said = _V.SKIPPED, {"zh": _SKIPPED.zh, "en": _SKIPPED.en}
    elif choice in {NEW, SAME}:
        _carry_out(found, row, by, get_visible(by, Customer, pk=customer) if choice == SAME else None)
    else:
        raise Invalid("请选择新建、更新或跳过", "choose to make, to update or to leave out", path="choice")
    row.save()
    setattr(found, row.verdict, getattr(found, row.verdict) + 1)
    found.review -= 1
    found.save(update_fields=[*Import.COUNTED, "followed"])
    return row


def _carry_out(imported: Import, row: Row, by: User, customer: Customer | None) -> None:
    if imported.what == Import.What.EVENTS:
        raise Conflict("事件只能在改好后重新上传", "events are corrected and brought in again")
    if not imported.has_file or not rows_path(imported.stored_as).exists():
        raise Conflict("原来的文件已经删掉了，请再上传一次", "the file is gone: bring it in again")
    if customer is not None:
        require(by, "change", customer)
    plan = Plan.of(imported.plan)
    givens = Reader(plan, imported.columns, by=by).read(list(read_rows(imported.stored_as, at=row.at, most=1)))
    book = Book(plan, by=by)
    book.open(givens)
    judge = Judge(plan, book, by=by, tags=names_in_dictionary(givens[0].columns.get("tags", ()), by))
    verdict = judge.resolve(givens[0], book.record_of(customer) if customer else None)
    if verdict.verdict == _V.REJECTED:
        raise Conflict(verdict.said.zh, verdict.said.en)
    store_records(book.records, by=by)
    tell_created(imported, [verdict])
    row.verdict = verdict.verdict
    row.said = {"zh": verdict.said.zh, "en": verdict.said.en} if verdict.said.zh else {}
    row.customer_id = verdict.record.customer.pk if verdict.record else None
    row.contact_id = verdict.person.contact.pk if verdict.person else None
    row.before, row.after = verdict.before, verdict.after
