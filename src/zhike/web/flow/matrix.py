"""The flow as a table: a row for each class before the period, a column for each at its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.utils.translation import gettext

from zhike.web.as_of import AS_OF
from zhike.web.chips import class_chip
from zhike.web.customers.filters import CLASS, NO_CLASS, WAS, WAS_ON

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from zhike.base.chips import Chip
    from zhike.classification.flow import Flow, Flows
    from zhike.core.quarters import Period
    from zhike.core.schemes import Scheme
    from zhike.core.text import Language


@dataclass(frozen=True, slots=True)
class Cell:
    """How many went this way, their share of those who began there, and the way to them."""

    customers: int
    share: int
    heat: int
    stayed: bool
    query: str


@dataclass(frozen=True, slots=True)
class Line:
    """A class before the period, and where its customers stand now. `chip` None: no class yet."""

    chip: Chip | None
    customers: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The table with its heads and sums."""

    heads: Sequence[Chip]
    lines: Sequence[Line]
    totals: Sequence[int]
    customers: int


class Teller:
    """Puts the flows of one dimension into tables and words."""

    def __init__(self, scheme: Scheme, found: Flows, period: Period, language: Language) -> None:
        self.classes = _classes(scheme, found)
        self._scheme, self._found, self._period, self._language = scheme, found, period, language
        self._before = found.before

    def name(self, key: str | None) -> str:
        """Return what people call a class, or that there was none yet."""
        return gettext("还没有类别") if key is None else class_chip(self._scheme, key, self._language).label

    def matrix(self, today: date) -> Matrix:
        """Return the table; each number leads to the customers behind it."""
        sizes = {one[:2]: one.customers for one in self._found.flows}
        most = max((one.customers for one in self._found.moved), default=1)
        rows: list[str | None] = [*self.classes, *([None] if self._before.get(None) else [])]
        lines = []
        for old in rows:
            cells = [self._cell(old, new, sizes.get((old, new), 0), most, today) for new in self.classes]
            chip = None if old is None else class_chip(self._scheme, old, self._language)
            lines.append(Line(chip, self._before.get(old, 0), cells))
        return Matrix(
            heads=[class_chip(self._scheme, key, self._language) for key in self.classes],
            lines=lines,
            totals=[self._found.after.get(key, 0) for key in self.classes],
            customers=sum(sizes.values()),
        )

    def _cell(self, old: str | None, new: str, customers: int, most: int, today: date) -> Cell:
        return Cell(
            customers=customers,
            share=self.share(old, customers),
            heat=0 if old in {None, new} else min(100, round(100 * customers / most)),
            stayed=old == new,
            query=self._query(old, new, today),
        )

    def share(self, old: str | None, customers: int) -> int:
        """Return what share of those who stood in a class before, in per cent."""
        return round(100 * customers / self._before[old]) if customers else 0

    def _query(self, old: str | None, new: str, today: date) -> str:
        dimension, last = self._scheme.dimension, self._period.last
        query = [
            (WAS_ON, self._period.before.isoformat()),
            (WAS + dimension, old or NO_CLASS),
            (CLASS + dimension, new),
        ]
        return urlencode(query if last >= today else [(AS_OF, last.isoformat()), *query])

    def sentence(self, one: Flow) -> str:
        """普通 → 高价值 12 位，占普通的 3%"""
        return gettext("%(old)s → %(new)s %(n)s 位，占%(old)s的 %(share)s%%") % {
            "old": self.name(one.old),
            "new": self.name(one.new),
            "n": f"{one.customers:,}",
            "share": self.share(one.old, one.customers),
        }


def _classes(scheme: Scheme, found: Flows) -> list[str]:
    """Return the classes of the scheme in their order, and those that it has no longer."""
    known = [class_.key for class_ in scheme.classes]
    told = {key for one in found.flows for key in one[:2] if key is not None}
    return known + sorted(told - set(known))
