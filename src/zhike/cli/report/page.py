"""Writes the report: figures and words into the one template."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from zhike.cli.report import figures
from zhike.cli.report.figures import AHEAD, FREQUENCY_EDGES, RECENCY, RECENCY_EDGES, REVENUE
from zhike.cli.report.words import WORDS
from zhike.core.money import format_money

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zhike.cli.report.figures import ClassRow, Crossing, Dot
    from zhike.core.schemes import Class, Scheme
    from zhike.core.text import Language
    from zhike.engine.rejects import Rejects
    from zhike.engine.run import Outcome

type Cells = dict[str, object]

# The picture's size in its own units, and its margins.
WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 340, 58, 30, 12, 14
_SHOWN_ROWS = 40
_WAN, _THOUSAND, _MILLION = 10_000, 1_000, 1_000_000


def write_report(outcome: Outcome, rejects: Rejects, path: Path) -> None:
    """Write one self-contained page."""
    from pathlib import Path as FilePath  # noqa: PLC0415

    from django.template import Context, Engine  # noqa: PLC0415  a template engine needs no settings

    template = Engine(autoescape=True).from_string(
        (FilePath(__file__).parent / "page.html").read_text(encoding="utf-8")
    )
    context = Context(_Page(outcome, rejects).context(), use_l10n=False, use_tz=False)
    path.write_text(template.render(context), encoding="utf-8")


class _Page:
    """Turns figures into what the template prints: strings and widths."""

    def __init__(self, outcome: Outcome, rejects: Rejects) -> None:
        self._outcome = outcome
        self._rejects = rejects
        self._language: Language = outcome.order.language
        self._schemes = outcome.pack.schemes
        self._rows = {s.dimension: figures.class_rows(outcome, s) for s in self._schemes}
        self._total = len(outcome.frame)

    def context(self) -> Cells:
        lead = next((s for s in self._schemes if s.dimension == "value"), self._schemes[0] if self._schemes else None)
        return {
            "words": {key: text.get(self._language) for key, text in WORDS.items()},
            "lang": "zh-CN" if self._language == "zh" else "en",
            "as_of": self._say("as_of", day=self._outcome.order.as_of),
            "pack": self._say("pack", pack=self._outcome.pack.label.get(self._language)),
            "kpis": self._kpis(),
            "dimensions": [self._dimension(scheme) for scheme in self._schemes],
            "scatter": self._scatter(lead) if lead else None,
            "rfm": self._rfm(),
            "ahead": [self._say("within", n=days) for days in AHEAD],
            "crossings": [self._crossing(crossing) for crossing in figures.crossings(self._outcome)],
            "notes": [note.get(self._language) for note in self._outcome.notes],
            "reasons": self._reasons(),
            "refused": self._refused(),
        }

    def _say(self, key: str, **values: object) -> str:
        return WORDS[key].get(self._language).format(**values)

    def _money(self, minor: float) -> str:
        """Write an amount in short: ¥48.6 万, ¥486.2K."""
        currency = self._outcome.order.currency
        whole = format_money(round(minor / 100) * 100, currency)
        major = abs(minor) / 100
        unit, word = (_WAN, " 万") if self._language == "zh" else (_THOUSAND, "K")
        if major < 10 * unit:
            return whole
        if self._language == "en" and major >= _MILLION:
            unit, word = _MILLION, "M"
        sign = "−" if minor < 0 else ""
        symbol = format_money(0, currency).removesuffix("0")
        return f"{sign}{symbol}{major / unit:,.1f}{word}"

    def _kpis(self) -> list[Cells]:
        first = self._rows[self._schemes[0].dimension] if self._schemes else []
        revenue = sum(row.revenue for row in first)
        month = AHEAD.index(30)
        soon = {
            s.label.get(self._language): sum(r.moves[month] for r in self._rows[s.dimension]) for s in self._schemes
        }
        busiest = max(soon, key=lambda label: soon[label], default="")
        read = self._outcome.event_rows + self._outcome.customer_rows
        return [
            {"name": self._say("customers"), "value": f"{self._total:,}", "note": ""},
            {"name": self._say("revenue"), "value": self._money(revenue), "note": ""},
            {
                "name": self._say("soon"),
                "value": f"{soon.get(busiest, 0):,}",
                "note": f"{busiest} · {self._say('soon_note')}",
            },
            {
                "name": self._say("rejected"),
                "value": f"{len(self._rejects):,}",
                "note": self._say("rows_read", n=f"{read:,}"),
            },
        ]

    def _dimension(self, scheme: Scheme) -> Cells:
        rows = self._rows[scheme.dimension]
        most = max((row.customers for row in rows), default=0) or 1
        revenue = max(1, sum(max(0, row.revenue) for row in rows))
        return {
            "label": scheme.label.get(self._language),
            "rows": [self._class_row(row, most, revenue) for row in rows],
        }

    def _class_row(self, row: ClassRow, most: int, revenue: int) -> Cells:
        share = row.customers / max(1, self._total)
        worth = max(0, row.revenue) / revenue
        each = row.customers or 1
        return {
            "chip": self._chip(row.class_),
            "definition": row.class_.definition.get(self._language),
            "customers": f"{row.customers:,}",
            "width": f"{100 * row.customers / most:.1f}",
            "share": f"{share:.1%}",
            "revenue": self._money(row.revenue),
            "worth": f"{worth:.1%}",
            "worth_width": f"{100 * worth:.1f}",
            "average": self._money(row.revenue / each),
            "orders": f"{row.orders / each:.1f}",
            "recency": "—" if row.recency is None else self._say("days", n=f"{row.recency:,}"),
            "moves": [f"{n:,}" if n else "—" for n in row.moves],
        }

    def _chip(self, class_: Class) -> Cells:
        return {"label": class_.label.get(self._language), "tone": class_.tone, "is_plain": class_.look == "plain"}

    def _scatter(self, scheme: Scheme) -> Cells:
        recency = figures.quantile(self._outcome, RECENCY, 0.995)
        spend = figures.quantile(self._outcome, REVENUE, 0.99)
        dots = figures.dots(self._outcome, scheme, recency_max=recency, spend_max=spend)
        is_grid = sum(dot.customers for dot in dots) > figures.MAX_DOTS
        drawn = sum(dot.customers for dot in dots)
        tones = {c.key: c for c in scheme.classes}
        # Of two classes of one tone the second is drawn hollow: hue alone would not tell them apart.
        hollow = {c.key for i, c in enumerate(scheme.classes) if c.tone in {b.tone for b in scheme.classes[:i]}}
        note = self._say(
            "scatter_note_grid" if is_grid else "scatter_note_dots", dimension=scheme.label.get(self._language)
        )
        most = max((dot.customers for dot in dots), default=1)
        return {
            "note": note,
            "undated": self._say("undated", n=f"{self._total - drawn:,}") if drawn < self._total else "",
            "dots": [
                self._dot(dot, tones[dot.class_key], most, is_grid=is_grid) | {"is_hollow": dot.class_key in hollow}
                for dot in dots
            ],
            "keys": [self._chip(c) | {"is_hollow": c.key in hollow} for c in scheme.classes],
            "x_ticks": [{"at": f"{_x(figures.scaled(n, recency)):.1f}", "label": f"{n:,}"} for n in _ticks(recency)],
            "y_ticks": [
                {"at": f"{_y(figures.scaled(n * 100, spend)):.1f}", "label": self._money(n * 100)}
                for n in _ticks(spend // 100)
            ],
            "width": WIDTH,
            "height": HEIGHT,
            "left": LEFT,
            "right": WIDTH - RIGHT,
            "top": TOP,
            "floor": HEIGHT - BOTTOM,
            "foot": HEIGHT - 10,
        }

    def _dot(self, dot: Dot, class_: Class, most: int, *, is_grid: bool) -> Cells:
        radius = 1.2 + 6.8 * (dot.customers / most) ** 0.5 if is_grid else 3.0
        return {
            "x": f"{_x(dot.recency):.1f}",
            "y": f"{_y(dot.frequency):.1f}",
            "r": f"{radius:.1f}",
            "tone": class_.tone,
            "title": f"{class_.label.get(self._language)} {dot.customers:,}" if is_grid else "",
        }

    def _rfm(self) -> Cells:
        table = figures.rfm_table(self._outcome)
        most = max((n for row in table for n in row), default=0) or 1
        heads = [self._say("times", n=text) for text in _edges(FREQUENCY_EDGES)]
        rows = [
            {"name": self._say("days", n=name), "cells": [_heat(n, most) for n in row]}
            for name, row in zip(_edges(RECENCY_EDGES), table, strict=True)
        ]
        return {"heads": heads, "rows": rows}

    def _crossing(self, crossing: Crossing) -> Cells:
        most = max(crossing.counts.values(), default=0) or 1
        rows = [
            {
                "chip": self._chip(row),
                "cells": [
                    _heat(crossing.counts.get((row.key, column.key), 0), most) for column in crossing.columns.classes
                ],
                "total": f"{sum(n for (key, _), n in crossing.counts.items() if key == row.key):,}",
            }
            for row in crossing.rows.classes
        ]
        language = self._language
        return {
            "label": f"{crossing.rows.label.get(language)} × {crossing.columns.label.get(language)}",
            "heads": [self._chip(column) for column in crossing.columns.classes],
            "rows": rows,
        }

    def _reasons(self) -> list[Cells]:
        return [
            {"file": file, "reason": reason.get(self._language), "rows": f"{n:,}"}
            for (file, reason), n in self._rejects.counts.most_common()
        ]

    def _refused(self) -> list[Cells]:
        return [
            {
                "file": refused.file,
                "line": f"{refused.row.line:,}",
                "reason": refused.row.reason.get(self._language),
                "row": " | ".join(refused.row.cells)[:200],
            }
            for refused in self._rejects.samples[:_SHOWN_ROWS]
        ]


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)


def _ticks(most: int) -> list[int]:
    """Return about five round numbers that look evenly spread on a scale of square roots."""
    found: list[int] = [0]
    for share in (0.05, 0.2, 0.5, 0.9):
        rounded = _round_down(int(most * share))
        if rounded > found[-1]:
            found.append(rounded)
    return found


def _round_down(number: int) -> int:
    """Return the nearest number below that begins with one or two plain digits."""
    power = 10 ** max(0, len(str(number)) - 1)
    for step in (power * 5 // 10, power // 4, 1):
        if step and number // step:
            return number // step * step
    return number


def _edges(edges: Sequence[int]) -> list[str]:
    """Return names of the slots: ≤ 30, 31–60, …, > 365."""
    names = [f"≤ {edges[0]}"]
    for low, high in pairwise(edges):
        names.append(f"{low + 1}–{high}" if high > low + 1 else f"{high}")
    return [*names, f"> {edges[-1]}"]


def _heat(count: int, most: int) -> Cells:
    """Return a cell with its depth: how far from empty to fullest, on a scale of square roots."""
    return {"count": f"{count:,}" if count else "", "depth": f"{(count / most) ** 0.5:.2f}"}
