"""Records side by side as a page shows them: what differs first, whose value is proposed and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from zhike.accounts.policy import field_access, redacted
from zhike.base.errors import current_language
from zhike.classification.queries import standings_of
from zhike.classification.rules import rulebook
from zhike.customers.display import Display
from zhike.customers.models import Customer, CustomField
from zhike.duplicates.outlook import classes_after, moving
from zhike.duplicates.proposals import Line, Why, propose
from zhike.timeline.models import Event
from zhike.web.chips import Chips

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.utils.functional import Promise

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.web.request import Request

WHY: Mapping[Why, Promise] = {
    Why.ONLY: _("有值的优先"),
    Why.VERIFIED: _("号码已核实"),
    Why.EARLIER: _("更早"),
    Why.NEWER: _("写得更晚"),
    Why.MAIN: _("主记录的"),
    Why.TOGETHER: _("同一次接触"),
}
CHOICE = "field."


@dataclass(frozen=True, slots=True)
class Head:
    """One of the records above its column."""

    customer: Customer
    is_main: bool
    classes: Sequence[Chip]
    events: int


@dataclass(frozen=True, slots=True)
class Cell:
    """The value of one record in a field, and whether it is the one that will remain."""

    customer: int
    name: str
    value: str
    is_empty: bool
    is_chosen: bool
    why: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A field, with a cell for each record in the order of the heads."""

    name: str
    label: str
    cells: Sequence[Cell]
    is_open: bool

    @property
    def input_name(self) -> str:
        return CHOICE + self.name


def side_by_side(
    request: Request, customers: Sequence[Customer], survivor: int, chosen: Mapping[str, int]
) -> dict[str, object]:
    """Return what the page shows. `chosen` is what the person has picked already."""
    user, language = request.user, current_language()
    lines = propose(user, customers, survivor)
    display = Display(
        user, CustomField.objects.all(), language=language, currency=request.company.currency, is_masked=False
    )
    shown = [line for line in lines if line.is_shown]
    display.load((line.field, value) for line in shown for value in line.values.values())
    rows = [_row(line, customers, display, chosen) for line in shown]
    differing = {line.field for line in shown if line.differs}
    others = [customer.pk for customer in customers if customer.pk != survivor]
    after = classes_after(customers, survivor, lines)
    chips = Chips(rulebook(), language)
    access = field_access(user, Customer)
    tags = [tag for customer in customers for tag in customer.tags] if access.reads("tags") else []
    return {
        "heads": _heads(user, customers, survivor, chips),
        "differing": [row for row in rows if row.name in differing],
        "same": [row for row in rows if row.name not in differing],
        "hides": any(not line.is_shown for line in lines) or access.is_limited,
        "moving": [(one.label.get(language), one.size) for one in moving(user, others)],
        "after": None if after is None else [chip for chip in chips.of(after) if chip],
        "size": len(customers),
        "tags": list(dict.fromkeys(tags)),
    }


def _heads(user: User, customers: Sequence[Customer], survivor: int, chips: Chips) -> list[Head]:
    standings = standings_of(user, [customer.pk for customer in customers])
    return [
        Head(
            redacted(user, customer),
            customer.pk == survivor,
            [chip for chip in chips.of(standings.get(customer.pk, {})) if chip],
            Event.objects.filter(customer=customer.pk).exclude(kind="event.voided").count(),
        )
        for customer in customers
    ]


def _row(line: Line, customers: Sequence[Customer], display: Display, chosen: Mapping[str, int]) -> Row:
    winner = chosen.get(line.field, line.winner) if line.is_open else line.winner
    cells = [
        Cell(
            customer.pk,
            line.field,
            display.value(line.field, line.values[customer.pk]),
            line.values[customer.pk] in (None, "", []),
            customer.pk == winner,
            WHY.get(line.why, "") if customer.pk == line.winner else "",
        )
        for customer in customers
    ]
    return Row(line.field, display.label(line.field), cells, line.is_open)
