"""What a draft would do, as the right column shows it."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from zhike.accounts.policy import sees_all
from zhike.base.errors import current_language
from zhike.classification.candidates import draft_fields
from zhike.classification.preview import SAMPLE, missing_metrics, moved_customers, preview
from zhike.classification.rules import rulebook
from zhike.core.conditions.describe import Writer
from zhike.core.errors import ZhikeError
from zhike.core.schemes import in_effect
from zhike.customers.models import Customer
from zhike.customers.readable import unreadable
from zhike.web.chips import class_chip
from zhike.web.classes.moved import Movers
from zhike.web.classes.sankey import draw

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from zhike.base.chips import Chip
    from zhike.classification.models import SchemeVersion
    from zhike.classification.preview import Flow, Preview
    from zhike.core.schemes import Scheme
    from zhike.core.text import Language
    from zhike.web.classes.moved import Mover
    from zhike.web.classes.sankey import Sankey
    from zhike.web.request import Request

LARGEST, RANDOM = "largest", "random"
FEW = 5
OWNERS = 3


@dataclass(frozen=True, slots=True)
class FlowRow:
    """One row of the table behind the picture."""

    old: str
    new: str
    old_chip: Chip | None
    new_chip: Chip
    customers: int


@dataclass(frozen=True, slots=True)
class Impact:
    """What the draft would change among the customers that this person may see."""

    changed: int
    total: int
    sees_all: bool  # else the counts are of those whom this person may see
    share: float
    demoted: int
    waiting: int
    overridden: int
    owners: Sequence[tuple[str, int]]
    more_owners: int
    flows: Sequence[FlowRow]
    newcomers: bool  # the dimension is new: everybody gets a class, nobody changes one
    held: str  # the classes that must hold for days, which are counted as if they had
    waits_now: bool  # the rules in force have such classes, and the draft has none
    sankey: Sankey
    sizes: Mapping[str, tuple[int, int]]
    movers: Sequence[Mover]
    sample: str
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Filling:
    """Metrics that only the draft reads, on their way through everybody."""

    metrics: int
    done: int
    total: int
    is_saved: bool  # what is not saved yet is not kept for anybody


def read_impact(draft: SchemeVersion, request: Request, *, sample: str = LARGEST) -> dict[str, object]:
    """Return `impact`, or why there is none: `filling` while numbers are missing, `unready` while rules are wrong."""
    language = current_language()
    try:
        missing = missing_metrics(draft)
        if missing:
            done, total = min((row.done, row.total) for row in missing)
            return {"filling": Filling(len(missing), done, total, not any(row._state.adding for row in missing))}
        return {"impact": _impact(draft, request, sample)}
    except ZhikeError as error:
        return {"unready": error.zh if language == "zh" else error.en}


def _impact(draft: SchemeVersion, request: Request, sample: str) -> Impact:
    started = perf_counter()
    language = current_language()
    found = preview(draft, request.user)
    old = next((s for s in rulebook().schemes if s.dimension == found.scheme.dimension), None)
    old_chips = {c.key: class_chip(old, c.key, language) for c in old.classes} if old else {}
    new_chips = {c.key: class_chip(found.scheme, c.key, language) for c in found.scheme.classes}
    moves = [flow for flow in found.flows if flow.is_move]
    is_random = sample == RANDOM
    rows = moved_customers(draft, request.user, random=is_random)[: SAMPLE if is_random else FEW] if old else []
    fields = draft_fields()
    writer = Writer(language, fields, request.company.currency, unreadable(request.user, fields))
    movers = Movers(draft, writer).rows(rows) if old and moves else []
    return Impact(
        changed=found.changed,
        total=found.total,
        sees_all=sees_all(request.user, Customer),
        share=round(100 * found.changed / found.total, 1) if found.total else 0,
        demoted=_count(found, lambda flow: found.scheme.is_demotion(flow.old, flow.new)),
        waiting=_count(found, lambda flow: in_effect(found.scheme, flow.new, standing=flow.old) == flow.old),
        overridden=found.overridden,
        owners=[(name or gettext("无人负责"), customers) for _, name, customers in found.owners[:OWNERS]],
        more_owners=max(0, len(found.owners) - OWNERS),
        flows=[
            FlowRow(flow.old, flow.new, old_chips.get(flow.old), new_chips[flow.new], flow.customers)
            for flow in sorted(moves, key=lambda flow: -flow.customers)
        ],
        newcomers=old is None,
        held=_held(found.scheme, language),
        waits_now=old is not None and old.is_damped and not found.scheme.is_damped,
        sankey=draw(found.flows, old_chips, new_chips),
        sizes=found.sizes(),
        movers=movers,
        sample=sample,
        milliseconds=round(1000 * (perf_counter() - started)),
    )


def _held(scheme: Scheme, language: Language) -> str:
    """Name the classes that are entered only after some days, with the days."""
    classes = [(c.label.get(language), c.hold_days) for c in scheme.classes if c.hold_days > 1]
    return gettext("、").join(gettext("%(label)s %(days)d 天") % {"label": label, "days": n} for label, n in classes)


def _count(found: Preview, belongs: Callable[[Flow], bool]) -> int:
    return sum(flow.customers for flow in found.flows if flow.is_move and flow.old and belongs(flow))
