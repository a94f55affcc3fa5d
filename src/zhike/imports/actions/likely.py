"""Writes: whom the new customers of a trial may be, asked of those who can tell, kept beside their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string

from zhike.base.among import among
from zhike.imports.likeness import ALIKE, LABEL
from zhike.imports.models import Row

if TYPE_CHECKING:
    from zhike.customers.followed import Likely
    from zhike.imports.matching import Memory
    from zhike.imports.models import Import

_KEPT = 5


def mark_likely(imported: Import, memory: Memory) -> None:
    """Have it said whom the customers that a trial would make may be, and keep it beside their rows."""
    found: dict[int, Likely] = {}
    for hook in settings.ZHIKE_ON_TRIED:
        found |= {one.line: one for one in import_string(hook)(memory.new())}
    if not found:
        return
    rows = list(imported.rows.filter(line__in=among(list(found)), verdict=Row.Verdict.CREATED))
    for row in rows:
        likely = found[row.line]
        row.after[ALIKE] = {"customers": likely.customers[:_KEPT], "lines": likely.lines[:_KEPT]}
    imported.rows.bulk_update(rows, ["after"], batch_size=500)
    imported.followed[ALIKE] = {"zh": LABEL.zh, "en": LABEL.en, "page": "", "count": len(rows)}
