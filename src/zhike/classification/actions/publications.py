"""Writes: new rules come into force, or old ones again.

A publication prepares aside: it finds whom the new rules move, places them in a table of its own,
and then switches in one transaction: placements, history and version, so that nobody reads half of
it. Whoever was placed meanwhile for another reason is left out of the switch and placed after it,
and then everybody's next change is brought in step. It may be cancelled until the switch, and
begun again after a crash. A new edition of the pack comes in the same way: dimensions that it takes
away go out of force with the switch.
"""

from __future__ import annotations

import json
from itertools import batched
from typing import TYPE_CHECKING, Any, cast

from django.db import connection, transaction
from django.db.models import F, Q

from zhike.accounts.policy import require
from zhike.accounts.queries import company_zone
from zhike.audit import actions as audit
from zhike.base.clock import now, today
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid, line
from zhike.classification import batch
from zhike.classification.actions.drafts import forget_what_nobody_reads, keep_what_is_read
from zhike.classification.actions.packs import install_parts, keep_edition
from zhike.classification.candidates import Candidate, candidate, draft_version
from zhike.classification.condition_q import class_case
from zhike.classification.models import KeptMetric, Publication, Scheme, SchemeVersion, Staged
from zhike.classification.packs import original_pack
from zhike.classification.rules import rulebook
from zhike.classification.store import Why, changes_of, read_standings
from zhike.classification.switch import copy_staged, switch_placements
from zhike.core.errors import ZhikeError
from zhike.core.text import Text
from zhike.customers.actions.fields import rename_field
from zhike.customers.models import Customer
from zhike.privacy.profiling import unprofiled
from zhike.timeline.locks import lock_customers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from django.db.models import Expression

    from zhike.accounts.models import User
    from zhike.classification.store import Occasion

CHUNK = 5_000

_MOVED = ~Q(old=F("new"))
_OPEN = (Publication.State.SCHEDULED, Publication.State.PREPARING)


class Cancelled(Exception):
    """Somebody cancelled the publication while it prepared."""


@transaction.atomic
def publish(
    *,
    drafts: Iterable[SchemeVersion],
    by: User | None,
    note: str = "",
    starts_at: datetime | None = None,
    kind: str = Publication.Kind.PUBLISH,
    edition: Mapping[str, object] | None = None,
) -> Publication:
    """Have drafts put in force, now or at a time. They must be right, and break no other dimension.

    `edition` is what a new edition of the pack brings besides, as `Publication.edition` has it.
    """
    if by is not None:
        require(by, "publish", Scheme)
    versions = list(drafts)
    gone = _gone(edition or {})
    candidate([draft_version(version) for version in versions], without=gone)
    moment = now()
    if starts_at is not None and starts_at < moment:
        raise Invalid("生效的时间已经过去", "the time to take effect lies in the past", path="starts_at")
    touched = Q(versions__scheme__in=[version.scheme_id for version in versions])
    touched |= Q(versions__scheme__dimension__in=gone)
    if Publication.objects.filter(touched, state__in=[*_OPEN, Publication.State.SETTLING]).exists():
        raise Conflict("这个维度已经有规则正在发布", "rules of this dimension are being put in force already")
    publication = Publication.objects.create(
        kind=kind,
        note=line(note, "note", Publication.NOTE_MAX),
        by=by,
        created_at=moment,
        starts_at=starts_at or moment,
        edition=edition or {},
    )
    publication.versions.set(versions)
    _write_down(publication, sorted({*(version.scheme.dimension for version in versions), *gone}))
    return publication


def _write_down(publication: Publication, dimensions: Sequence[str]) -> None:
    data = {"kind": publication.kind, "dimensions": dimensions, "starts": publication.starts_at.isoformat()}
    audit.record("rules.published", by=publication.by, subject=publication, data=data)


def _gone(edition: Mapping[str, object]) -> dict[str, int]:
    """Return the dimensions that an edition takes away, with the versions of them that were looked at."""
    return cast("dict[str, int]", edition.get("gone", {}))


@transaction.atomic
def roll_back(*, version: SchemeVersion, by: User, note: str = "") -> Publication:
    """Put an earlier version in force again, as a new version with the same rules."""
    require(by, "publish", Scheme)
    scheme = version.scheme
    if version.state == SchemeVersion.State.DRAFT or scheme.current_id == version.pk:
        raise Invalid("只能退回以前的版本", "only an earlier version can be put in force again")
    if scheme.versions.filter(state=SchemeVersion.State.DRAFT).exists():
        raise Conflict("请先发布或放弃这个维度的草稿", "publish or give up the draft of this dimension first")
    last = scheme.versions.order_by("-number").values_list("number", flat=True)[0]
    again = SchemeVersion.objects.create(
        scheme=scheme, number=last + 1, state=SchemeVersion.State.DRAFT, data=version.data, base=version, by=by
    )
    words = note or f"v{version.number}"
    return publish(drafts=[again], by=by, note=words, kind=Publication.Kind.ROLLBACK)


@transaction.atomic
def cancel_publication(*, publication: Publication, by: User) -> None:
    """Stop a publication that has not switched yet; the drafts stay, but those of a new edition."""
    require(by, "publish", Scheme)
    rows = Publication.objects.filter(pk=publication.pk, state__in=_OPEN)
    is_prepared = rows.filter(state=Publication.State.PREPARING).exists()
    if not rows.update(state=Publication.State.CANCELLED, finished_at=now()):
        raise Conflict(
            "已经生效，不能取消；可以退回上一版", "it is in force already: put the earlier version in force again"
        )
    Staged.objects.filter(publication=publication.pk).delete()
    audit.record("rules.cancelled", by=by, subject=publication)
    if not is_prepared:  # else whoever prepares it still needs them
        _drop_drafts(publication)


def _drop_drafts(publication: Publication) -> None:
    """Take back the drafts that a merge with a new edition has made: nobody wrote them."""
    if not publication.edition:
        return
    drafts = publication.versions.filter(state=SchemeVersion.State.DRAFT)
    schemes = list(drafts.values_list("scheme", flat=True))
    SchemeVersion.objects.filter(pk__in=list(drafts.values_list("pk", flat=True))).delete()
    Scheme.objects.filter(pk__in=schemes, versions=None).delete()
    forget_what_nobody_reads()


@transaction.atomic
def retire_dimension(*, dimension: str, by: User, note: str = "") -> Publication:
    """Put a dimension out of force. What was told of it stays; other dimensions must not read it."""
    require(by, "publish", Scheme)
    scheme = Scheme.objects.select_for_update(of=("self",)).get(dimension=dimension)
    if scheme.current is None:
        raise Conflict("这个维度已经停用", "this dimension is out of force already")
    candidate([], without=[dimension])
    moment, version = now(), scheme.current
    publication = Publication.objects.create(
        kind=Publication.Kind.RETIRE,
        state=Publication.State.DONE,
        note=line(note, "note", Publication.NOTE_MAX),
        by=by,
        created_at=moment,
        starts_at=moment,
        started_at=moment,
        switched_at=moment,
        finished_at=moment,
    )
    publication.versions.set([version])
    _write_down(publication, [dimension])
    _put_out_of_force(dimension, version.pk)
    return publication


def _put_out_of_force(dimension: str, version: int) -> None:
    SchemeVersion.objects.filter(pk=version).update(state=SchemeVersion.State.RETIRED, retired_at=now())
    Scheme.objects.filter(dimension=dimension).update(current=None)
    batch.leave_dimension(dimension)


def due_publications() -> list[int]:
    """Return the publications whose time has come, and those that a crash has left undone."""
    rows = Publication.objects.filter(starts_at__lte=now()).order_by("starts_at", "pk")
    state = Publication.State
    return list(rows.filter(state__in=[state.SCHEDULED, state.PREPARING, state.SETTLING]).values_list("pk", flat=True))


def run_publication(pk: int) -> Publication:
    """Carry a publication through; what is wrong is written down with it. Begun again, it goes on."""
    publication = Publication.objects.get(pk=pk)
    if not publication.is_open:
        return publication
    try:
        if publication.state != Publication.State.SETTLING:
            _Run(publication).switch()
        _settle(publication)
    except Cancelled:
        Staged.objects.filter(publication=publication).delete()
        _drop_drafts(publication)
    except ZhikeError as error:
        _fail(publication, error)
    publication.refresh_from_db()
    return publication


def _fail(publication: Publication, error: ZhikeError) -> None:
    problem = {"zh": error.message("zh"), "en": error.message("en")}
    Publication.objects.filter(pk=publication.pk).update(
        state=Publication.State.FAILED, problem=problem, finished_at=now()
    )
    Staged.objects.filter(publication=publication.pk).delete()
    _drop_drafts(publication)


class _Run:
    """One publication up to its switch."""

    def __init__(self, publication: Publication) -> None:
        self._publication = publication
        self._versions = list(publication.versions.select_related("scheme__current"))
        self._started = now()

    def switch(self) -> None:
        self._claim()
        for version in self._versions:
            keep_what_is_read(version)
        fill_kept_metrics(self._progress)
        ready = [draft_version(version) for version in self._versions]
        found = candidate(ready, without=_gone(self._publication.edition))
        occasion = batch.occasion_of(why=Why.RULES, recomputed="rules")
        movers = self._movers(found)
        self._progress(0, len(movers))
        for number, chunk in enumerate(batched(movers, CHUNK)):
            self._stage(found, chunk, occasion)
            self._progress(min((number + 1) * CHUNK, len(movers)), len(movers))
        self._put_in_force(ready, occasion)

    def _claim(self) -> None:
        Staged.objects.filter(publication=self._publication).delete()
        rows = Publication.objects.filter(pk=self._publication.pk, state__in=_OPEN)
        if not rows.update(state=Publication.State.PREPARING, started_at=self._started, done=0, total=0):
            raise Cancelled

    def _progress(self, done: int, total: int) -> None:
        rows = Publication.objects.filter(pk=self._publication.pk, state=Publication.State.PREPARING)
        if not rows.update(done=done, total=total):
            raise Cancelled

    def _movers(self, found: Candidate) -> list[int]:
        """Return whom the new rules place otherwise than the old: in a changed dimension, or in one that reads it."""
        if not found.affected:
            return []
        zone = company_zone()
        day, before = today(zone), rulebook()
        old: dict[str, Expression] = {}
        new: dict[str, Expression] = {}
        customers = Customer.objects.filter(facts__isnull=False).exclude(unprofiled())
        differ = Q()
        for dimension in found.affected:
            now_ruled = next((s for s in before.schemes if s.dimension == dimension), None)
            if now_ruled is None:
                return list(Customer.present.order_by("pk").values_list("pk", flat=True))
            old[dimension] = class_case(now_ruled, day, zone, old)
            new[dimension] = class_case(found.rules.scheme(dimension), day, zone, new)
            names = f"old_{dimension}", f"new_{dimension}"
            customers = customers.annotate(**dict(zip(names, (old[dimension], new[dimension]), strict=True)))
            differ |= ~Q(**{names[0]: F(names[1])})
        return list(customers.filter(differ).order_by("pk").values_list("pk", flat=True))

    def _stage(self, found: Candidate, ids: Sequence[int], occasion: Occasion) -> None:
        standings = read_standings(ids)
        placed = batch.place_chunk(found.rules, ids, occasion, standings)
        changes = [
            change
            for one in placed
            for change in changes_of(one, standings, found.rules, occasion)
            if change.dimension in found.affected
        ]
        copy_staged(self._publication.pk, changes, occasion)

    @transaction.atomic
    def _put_in_force(self, ready: Sequence[SchemeVersion], occasion: Occasion) -> None:
        """Switch: from here on everybody reads the new rules and where they put people."""
        schemes = {s.pk: s for s in Scheme.objects.select_for_update().order_by("pk")}
        is_other = any(schemes[pk].current_id != current for pk, current in self._seen().items())
        if is_other or self._base_is_another():
            raise Conflict(
                "规则刚被别人换过，请再看一遍再发布",
                "the rules were changed meanwhile: look again before you publish",
            )
        rows = Publication.objects.filter(pk=self._publication.pk, state=Publication.State.PREPARING)
        if not rows.update(state=Publication.State.SETTLING, switched_at=now(), done=0, total=0):
            raise Cancelled
        ids = Staged.objects.filter(publication=self._publication).values_list("customer", flat=True).distinct()
        lock_customers(list(ids))
        moves = switch_placements(self._publication, occasion)
        for version, data in zip(self._versions, ready, strict=True):
            _make_current(version, data.data, self._publication, self._started)
        if self._publication.edition:
            bring_in(self._publication.edition, self._publication.by)
        Publication.objects.filter(pk=self._publication.pk).update(moves=moves)

    def _base_is_another(self) -> bool:
        """Say whether another pack was put in force since the merge was made."""
        original, edition = original_pack(), self._publication.edition
        return bool(edition) and (original is None or original.pk != edition["base"])

    def _seen(self) -> dict[int, int | None]:
        """Return by scheme which version was in force when this was prepared; with a merge, when it was made."""
        if not self._publication.edition:
            return {version.scheme_id: version.scheme.current_id for version in self._versions}
        gone = _gone(self._publication.edition)
        schemes = dict(Scheme.objects.filter(dimension__in=gone).values_list("dimension", "pk"))
        seen = {version.scheme_id: version.base_id for version in self._versions}
        return seen | {schemes[dimension]: version for dimension, version in gone.items()}


def bring_in(edition: Mapping[str, object], by: User | None) -> None:
    """Do what a new edition brings besides new versions; the next one is compared with it."""
    for dimension, version in _gone(edition).items():
        _put_out_of_force(dimension, version)
    for position, dimension in enumerate(cast("Sequence[str]", edition["order"])):
        Scheme.objects.filter(dimension=dimension).exclude(position=position).update(position=position)
    for name, field in cast("Mapping[str, Mapping[str, Any]]", edition["fields"]).items():
        choices = {key: Text(**text) for key, text in field.get("choices", {}).items()}
        rename_field(key=name, label=Text(**field["label"]), choices=choices, by=None)
    install_parts({"pack": edition["key"], "plans": edition["plans"]}, by)
    keep_edition(cast("Mapping[str, object]", edition["data"]), by)


def _make_current(version: SchemeVersion, data: object, publication: Publication, started: datetime) -> None:
    """Make a draft the version in force; the one before is retired and never changes again."""
    moment = now()
    scheme = version.scheme
    scheme.versions.filter(state=SchemeVersion.State.PUBLISHED).update(
        state=SchemeVersion.State.RETIRED, retired_at=moment
    )
    SchemeVersion.objects.filter(pk=version.pk).update(
        state=SchemeVersion.State.PUBLISHED,
        data=data,
        note=publication.note,
        by=publication.by,
        published_at=moment,
    )
    mode = cast("Mapping[str, object]", data).get("mode", Scheme.Mode.AUTO)
    Scheme.objects.filter(pk=scheme.pk).update(current=version.pk, mode=mode, pending_since=started)
    _move_overrides(version)


_MOVE_OVERRIDES = """
WITH m AS (SELECT * FROM jsonb_each_text(%(moved)s::jsonb) AS t (old_key, new_key))
UPDATE classification_override o SET class_key = m.new_key
  FROM m WHERE o.dimension = %(dimension)s AND o.class_key = m.old_key AND o.ended_at IS NULL
"""


def _move_overrides(version: SchemeVersion) -> None:
    """Put those whom a person put into a class that is no more where the version says."""
    if version.moved:
        with connection.cursor() as cursor:
            values = {"moved": json.dumps(version.moved), "dimension": version.scheme.dimension}
            cursor.execute(_MOVE_OVERRIDES, values)


def _settle(publication: Publication) -> None:
    """Bring everybody's next change in step, and those who were placed meanwhile."""

    def progress(done: int, total: int) -> None:
        Publication.objects.filter(pk=publication.pk).update(done=done, total=total)

    batch.place_customers(
        Customer.present.order_by("pk").values_list("pk", flat=True),
        why=Why.RULES,
        recomputed="rules",
        progress=progress,
    )
    forget_what_nobody_reads()
    Publication.objects.filter(pk=publication.pk).update(state=Publication.State.DONE, finished_at=now())


def fill_kept_metrics(progress: Callable[[int, int], None] | None = None) -> None:
    """Go through everyone for the metrics that are newly kept. Does nothing when there are none."""
    waiting = list(KeptMetric.objects.filter(complete=False).values_list("pk", flat=True))
    if not waiting:
        return
    rows = KeptMetric.objects.filter(pk__in=waiting)

    def tell(done: int, total: int) -> None:
        rows.update(done=done, total=total)
        if progress is not None:
            progress(done, total)

    batch.place_everyone(progress=tell)
    rows.update(complete=True)
