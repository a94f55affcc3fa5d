"""What a page says of an import: where it is, what came of it, and what can be done with it now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext

from zhike.base.errors import current_language
from zhike.classification.rules import rulebook
from zhike.core.errors import ZhikeError
from zhike.customers.display import Display
from zhike.customers.models import CustomField
from zhike.engine.encodings import CHOICES as ENCODINGS
from zhike.engine.sheets import is_workbook, sheet_names
from zhike.imports.actions.undoing import may_undo
from zhike.imports.asking import outlook
from zhike.imports.likeness import ALIKE, likeness
from zhike.imports.models import Import, Row
from zhike.imports.queries import candidate_ids, candidates_of
from zhike.imports.spool import SAMPLE, path_of, read_rows, rows_path
from zhike.imports.verdicts import WORDS
from zhike.web.chips import class_chip, undetermined_chip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.customers.models import Customer

_State = Import.State
_ICONS = {
    "undone": "arrow-back-up",
    "created": "plus",
    "updated": "pencil",
    "unchanged": "check",
    "skipped": "arrow-forward-up",
    "review": "eye-check",
    "rejected": "ban",
    "conflict": "alert-triangle",
}
_TONES = {"created": "good", "review": "warn", "rejected": "bad", "conflict": "bad"}
_MOST_FIELDS, _MOST_CUSTOMERS, _MOST_DIMENSIONS, _MOST_TROUBLES = 6, 8, 6, 3


class Tile(NamedTuple):
    """How many rows have a verdict."""

    verdict: str
    label: str
    icon: str
    tone: str
    size: int


def tiles(imported: Import) -> list[Tile]:
    """Return how many rows have which verdict; of what was taken back, that it was."""
    sizes = {name: getattr(imported, name) for name in Import.COUNTED} | {"conflict": imported.conflicts}
    always = {"created", "updated", "rejected"}
    if imported.state == _State.UNDONE:
        sizes |= {"created": 0, "updated": 0, "undone": imported.undone}
        always = set()
    return [
        Tile(name, verdict_label(name), icon, _TONES.get(name, ""), sizes.get(name, 0))
        for name, icon in _ICONS.items()
        if sizes.get(name) or name in always
    ]


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows of a file, as they were read; `others` are the sheets beside the one that is shown."""

    columns: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str]]]
    encodings: Sequence[str]
    separators: Sequence[tuple[str, str]]
    sheets: Sequence[str]
    others: Sequence[str]


def sample_of(imported: Import) -> Sample | None:
    """Return what is shown before anything happens; nothing once the file is gone."""
    if not imported.has_file or not rows_path(imported.stored_as).exists():
        return None
    rows = [(raw.line, raw.cells) for raw in read_rows(imported.stored_as, most=SAMPLE)]
    found = imported.layout.get("found_encoding", "")
    is_text = found not in {"xlsx", "parquet", "vcard"}
    separators = ((",", gettext("逗号")), (";", gettext("分号")), ("\t", gettext("制表符")), ("|", gettext("竖线")))
    sheets = _sheets(imported) if found == "xlsx" else ()
    shown = imported.layout.get("sheet") or next(iter(sheets), "")
    return Sample(
        imported.columns,
        rows,
        ENCODINGS if is_text or found == "vcard" else (),
        separators if is_text else (),
        sheets,
        [name for name in sheets if name != shown],
    )


def _sheets(imported: Import) -> Sequence[str]:
    path = path_of(imported.stored_as)
    try:
        with path.open("rb") as file:
            head = file.read(8)
        return sheet_names(path) if is_workbook(head) else ()
    except (OSError, ZhikeError):
        return ()


@dataclass(frozen=True, slots=True)
class Doing:
    """How far an import is, and what can be done with it now."""

    is_open: bool
    done: int
    total: int
    is_broken_off: bool
    said: str
    may_pause: bool
    may_go_on: bool
    may_stop: bool
    may_undo: bool


def doing(imported: Import) -> Doing:
    job = imported.job
    is_open = imported.is_open and job is not None and job.is_open
    is_broken_off = imported.is_open and not is_open
    said = str(job.said.get(current_language(), "")) if job is not None and job.state == job.State.FAILED else ""
    is_running = imported.state == _State.RUNNING
    done, total = imported.done, imported.total
    if imported.state == _State.UNDOING:
        done, total = imported.undone + imported.conflicts, imported.created + imported.updated
    return Doing(
        is_open,
        done,
        total,
        is_broken_off,
        said,
        is_open and is_running,
        imported.state == _State.PAUSED or (is_running and is_broken_off),
        imported.state in {_State.RUNNING, _State.PAUSED, _State.CHECKING},
        may_undo(imported),
    )


class FollowedLine(NamedTuple):
    """What others have done with the new customers; `link` is where one sees it, if anywhere."""

    label: str
    size: int
    link: str
    icon: str


def followed(imported: Import) -> list[FollowedLine]:
    language = current_language()
    rows = f"{reverse('web:import_rows', args=[imported.pk, 'created'])}?{ALIKE}=1"
    return [
        FollowedLine(one[language], one["count"], rows, "copy")
        if key == ALIKE
        else FollowedLine(one[language], one["count"], reverse(one["page"]) if one["page"] else "", "check")
        for key, one in imported.followed.items()
    ]


class ClassLine(NamedTuple):
    """A class of the new customers."""

    chip: Chip
    size: int
    confidence: int | None


class Dimension(NamedTuple):
    """The classes of one dimension."""

    label: str
    lines: Sequence[ClassLine]


class AskOf(NamedTuple):
    """A customer and what to ask of it, the field that decides most first."""

    customer: Customer
    fields: Sequence[str]


class AskLine(NamedTuple):
    """What somebody has to ask: the fields by how many customers they decide, and whom to begin with."""

    owner: User | None
    size: int
    fields: Sequence[tuple[str, int]]
    customers: Sequence[AskOf]

    @property
    def name(self) -> str:
        return self.owner.name if self.owner else "—"


class After(NamedTuple):
    """What an import leads to."""

    dimensions: Sequence[Dimension]
    asks: Sequence[AskLine]
    looked_at: int


def after(user: User, imported: Import, currency: str) -> After:
    """Return the provisional classes of the new customers and, owner by owner, what to ask next."""
    language = current_language()
    found = outlook(user, imported)
    schemes = {scheme.dimension: scheme for scheme in rulebook().schemes}
    by_dimension: dict[str, list[ClassLine]] = {}
    for one in found.classes:
        scheme = schemes[one.dimension]
        is_known = bool(one.class_key)
        chip = (
            class_chip(scheme, one.class_key, language) if is_known else undetermined_chip(scheme.label.get(language))
        )
        by_dimension.setdefault(one.dimension, []).append(ClassLine(chip, one.size, one.confidence))
    dimensions = [Dimension(schemes[name].label.get(language), lines) for name, lines in by_dimension.items()]
    display = Display(user, CustomField.objects.all(), language=language, currency=currency)
    asks = [
        AskLine(
            one.owner,
            len(one.customers),
            [(display.label(name), size) for name, size in one.fields.most_common(_MOST_FIELDS)],
            [
                AskOf(customer, [display.label(name) for name in names[:_MOST_FIELDS]])
                for customer, names in one.customers[:_MOST_CUSTOMERS]
            ],
        )
        for one in found.asked
    ]
    return After(dimensions[:_MOST_DIMENSIONS], asks, found.looked_at)


class RowLine(NamedTuple):
    """One row with its cells, why it is so, and whom it may be about."""

    row: Row
    said: str
    cells: Sequence[tuple[str, str]]
    customer: Customer | None
    candidates: Sequence[Customer]


class Troubles(NamedTuple):
    """The first rows of a verdict that somebody has to look at, and how many more there are."""

    verdict: str
    label: str
    lines: Sequence[RowLine]
    more: int


def troubles(user: User, imported: Import) -> list[Troubles]:
    """Return why the first refused and doubtful rows are so; nothing while they are still being looked at."""
    if imported.state in {*Import.OPEN, _State.UNDONE}:
        return []
    found = []
    for verdict in (Row.Verdict.REJECTED, Row.Verdict.REVIEW):
        size = getattr(imported, verdict)
        if size:
            rows = list(imported.rows.filter(verdict=verdict).order_by("line")[:_MOST_TROUBLES])
            found.append(
                Troubles(verdict, verdict_label(verdict), row_lines(user, imported, rows), max(0, size - len(rows)))
            )
    return found


def row_lines(user: User, imported: Import, rows: Sequence[Row]) -> list[RowLine]:
    """Return rows as a person reads them."""
    language = current_language()
    known = candidates_of(user, rows)
    alike = likeness(rows, user)
    is_there = imported.has_file and rows_path(imported.stored_as).exists()
    found = []
    for row in rows:
        cells: Sequence[str] = ()
        if is_there:
            cells = next((raw.cells for raw in read_rows(imported.stored_as, at=row.at, most=1)), ())
        pairs = [(name, cell) for name, cell in zip(imported.columns, cells, strict=False) if cell]
        others = [known[pk] for pk in candidate_ids(row) if pk in known]
        told = (str(row.said.get(language, "")), alike[row.pk].get(language) if row.pk in alike else "")
        said = ("；" if language == "zh" else "; ").join(filter(None, told))
        found.append(RowLine(row, capfirst(said), pairs, known.get(row.customer_id or 0), others))
    return found


def verdict_label(verdict: str) -> str:
    """Return what a verdict is called where it stands by itself."""
    return capfirst(WORDS[verdict].get(current_language()))
