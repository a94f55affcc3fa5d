"""Writes: a file is tried, carried out, paused, taken up again and stopped.

Every step is one transaction together with the import's own `cursor`: killed anywhere it goes on from the last step,
and a row is applied once. Of two workers the second waits for the first's step, and finds it done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from zhike.audit import actions as audit
from zhike.base.clock import now
from zhike.base.errors import Conflict
from zhike.base.garbage import uncollected
from zhike.core.text import fold
from zhike.customers.actions.imported import store_records
from zhike.customers.actions.tags import names_in_dictionary
from zhike.customers.tags import tags_by_name
from zhike.imports.actions.events import deal_with_events
from zhike.imports.actions.files import check_prepared, locked, reset_counts
from zhike.imports.actions.likely import mark_likely
from zhike.imports.actions.plans import check_plan, drop_empty_fields, make_fields, pretend_fields
from zhike.imports.ahead import Ahead
from zhike.imports.judging import Judge
from zhike.imports.matching import Book, Memory
from zhike.imports.models import Import
from zhike.imports.plans import Plan
from zhike.imports.reading import Reader
from zhike.imports.spool import read_rows, rows_path
from zhike.imports.verdicts import NewRow, write_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from zhike.accounts.models import User
    from zhike.customers.followed import Followed
    from zhike.imports.judging import Verdict
    from zhike.imports.reading import Given
    from zhike.imports.spool import Raw

# So many rows are one step, and one transaction.
CHUNK = 5_000
_MOST_TRIES = 3
_AHEAD = Ahead()
_State = Import.State


def chunks(imported: Import, *, at: int = 0) -> Iterator[list[Raw]]:
    """Yield the rows of a file, a step's worth at a time."""
    while rows := list(read_rows(imported.stored_as, at=at, most=CHUNK)):
        yield rows
        at = rows[-1].end


# --- A dry run ---


def try_out(imported: Import, progress: Callable[[int, int], None]) -> None:
    """Write down what would become of every row. Nothing else is written."""
    plan, by = Plan.of(imported.plan), imported.owner
    check_plan(plan, imported.columns, by=by)
    imported.rows.all().delete()
    reset_counts(imported)
    memory = Memory()
    trial, fields = pretend_fields(imported, plan)
    for rows in chunks(imported):
        if plan.what == "events":
            written = deal_with_events(imported, trial, rows, by=by, is_trial=True)
        else:
            written = _judged(Reader(trial, imported.columns, by=by, fields=fields), trial, rows, by, memory)
        write_rows(imported, written)
        _count(imported, written)
        imported.done += len(rows)
        imported.save(update_fields=[*Import.COUNTED, "done", "dropped"])
        progress(imported.done, imported.total)
    mark_likely(imported, memory)
    imported.state = _State.CHECKED
    imported.save(update_fields=["state", "followed"])


def _judged(reader: Reader, plan: Plan, rows: Sequence[Raw], by: User | None, memory: Memory) -> list[NewRow]:
    givens = reader.read(rows)
    book = Book(plan, by=by, memory=memory)
    book.open(givens)
    words = {folded: tag.name for folded, tag in tags_by_name(_tags(givens)).items()}
    judge = Judge(plan, book, by=by, tags=words)
    verdicts = [judge.judge(given) for given in givens]
    book.close()
    return [_row(one) for one in verdicts]


def _tags(givens: Iterable[Given]) -> list[str]:
    return list({fold(tag): tag for given in givens for tag in given.columns.get("tags", ())}.values())


# --- The run ---


@transaction.atomic
def begin(*, imported: Import, by: User | None) -> Import:
    """Let a file be carried out: its fields are made, what was tried is forgotten."""
    found = locked(imported)
    check_prepared(found)
    plan = Plan.of(found.plan)
    check_plan(plan, found.columns, by=by)
    if not found.has_file or not rows_path(found.stored_as).exists():
        raise Conflict("原来的文件已经删掉了，请再上传一次", "the file is gone: bring it in again")
    found.plan = make_fields(found, plan, by=by).as_data()
    found.rows.all().delete()
    reset_counts(found)
    found.state, found.started_at = _State.RUNNING, now()
    found.save()
    return found


def advance(imported: Import, *, job: int | None = None) -> bool:
    """Do the next step and say whether there is more. Who was stopped, or is not asked any more, does nothing."""
    for left in reversed(range(_MOST_TRIES)):
        try:
            with uncollected():
                return _advance(imported, job)
        except IntegrityError:
            if not left:
                raise
            # Somebody made a customer of the same number at this moment: looked up again, it is there.
    return False


@transaction.atomic
def _advance(imported: Import, job: int | None) -> bool:
    found = locked(imported)
    if found.state != _State.RUNNING or (job is not None and found.job_id != job):
        return False
    rows = _apply(found)
    if rows:
        found.cursor = rows[-1].end
        found.done += len(rows)
    is_more = found.done < found.total and bool(rows)
    if not is_more:
        found.state, found.finished_at = _State.DONE, now()
        if not found.created + found.updated + found.unchanged + found.review:
            drop_empty_fields(found)
        if found.owner_id is None:
            audit.record("file.imported", by=None, data=audited(found))
    found.save()
    for name in (*Import.COUNTED, "cursor", "done", "dropped", "followed", "state", "finished_at"):
        setattr(imported, name, getattr(found, name))
    return is_more


def _apply(imported: Import) -> list[Raw]:
    """Carry out the step at which the import stands and return its rows."""
    plan, by = Plan.of(imported.plan), imported.owner
    if plan.what == "events":
        rows = _step(imported, imported.cursor)
        written = deal_with_events(imported, plan, rows, by=by)
    else:
        givens = _read(imported, Reader(plan, imported.columns, by=by))
        rows = [given.raw for given in givens]
        written = carry_out(imported, plan, givens, by)
    write_rows(imported, written)
    _count(imported, written)
    return rows


def _step(imported: Import, at: int) -> list[Raw]:
    return list(read_rows(imported.stored_as, at=at, most=CHUNK))


def _read(imported: Import, reader: Reader) -> list[Given]:
    """Return what the rows of this step say, and have those of the next one read meanwhile."""
    givens = _AHEAD.take(imported.stored_as, imported.cursor, reader)
    if givens is None:
        givens = reader.read(_step(imported, imported.cursor))
    if givens and imported.done + len(givens) < imported.total:
        end = givens[-1].raw.end
        _AHEAD.read(imported.stored_as, end, reader, lambda: _step(imported, end))
    return givens


def carry_out(imported: Import, plan: Plan, givens: Sequence[Given], by: User | None) -> list[NewRow]:
    """Match, judge and store some rows, and tell those who listen whom they made."""
    book = Book(plan, by=by, imported=imported)
    book.open(givens)
    judge = Judge(plan, book, by=by, tags=names_in_dictionary(_tags(givens), by))
    verdicts = [judge.judge(given) for given in givens]
    store_records(book.records, by=by)
    tell_created(imported, verdicts)
    return [_row(one) for one in verdicts]


def tell_created(imported: Import, verdicts: Iterable[Verdict]) -> None:
    """Call the functions of `ZHIKE_ON_IMPORTED` with the ids of the customers that were made, and keep what they say."""
    made = [one.record.customer.pk for one in verdicts if one.record and "customer" in one.made]
    for hook in settings.ZHIKE_ON_IMPORTED if made else ():
        said: Followed | None = import_string(hook)(made, by=imported.owner)
        if said is not None and said.count:
            before = imported.followed.get(hook, {}).get("count", 0)
            label = {"zh": said.label.zh, "en": said.label.en}
            imported.followed[hook] = {**label, "page": said.page, "count": before + said.count}


def _row(one: Verdict) -> NewRow:
    record, person = one.record, one.person
    return NewRow(
        line=one.given.raw.line,
        at=one.given.raw.at,
        verdict=one.verdict,
        said=one.said,
        customer=record.customer.pk if record else None,
        contact=person.contact.pk if person else None,
        before=one.before,
        after=one.after,
        dropped=len(one.given.left_out) if one.verdict in {"created", "updated", "unchanged"} else 0,
    )


def _count(imported: Import, rows: Iterable[NewRow]) -> None:
    for row in rows:
        setattr(imported, row.verdict, getattr(imported, row.verdict) + 1)
        imported.dropped += row.dropped


def audited(imported: Import) -> dict[str, object]:
    """Return what the audit log tells of an import."""
    return {"what": imported.what, "rows": imported.done, "refused": imported.rejected}


# --- Stopped on the way ---


@transaction.atomic
def pause(*, imported: Import) -> None:
    """Let it rest after the step that is being done."""
    if not Import.objects.filter(pk=imported.pk, state=_State.RUNNING).update(state=_State.PAUSED):
        raise Conflict("现在没有什么可暂停的", "there is nothing to pause now")


@transaction.atomic
def take_up(*, imported: Import) -> Import:
    """Let it go on from where it rests, was broken off or was stopped."""
    found = locked(imported)
    if found.state not in {_State.PAUSED, _State.RUNNING}:
        raise Conflict("现在没有什么可继续的", "there is nothing to go on with now")
    found.state = _State.RUNNING
    found.save(update_fields=["state"])
    return found


@transaction.atomic
def stop(*, imported: Import) -> None:
    """Stop it for good; what is done stays, and can be taken back."""
    found = locked(imported)
    if found.state not in {_State.RUNNING, _State.PAUSED}:
        raise Conflict("这件事已经结束，没有什么可停的", "this has ended already: there is nothing to stop")
    found.state, found.finished_at = _State.CANCELLED, now()
    found.save(update_fields=["state", "finished_at"])
