"""Reads: whom a new customer of a file may be, after a trial, told as far as one may see.

A row keeps ``{"customers": [ids], "lines": [lines]}`` under `ALIKE`, the likeliest first; names are looked up when it is
read, so that what was changed, hidden or forgotten meanwhile is not told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.accounts.policy import visible
from zhike.core.text import Text
from zhike.customers.models import Customer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.accounts.models import User
    from zhike.imports.models import Row

ALIKE = "alike"
LABEL = Text("可能重复", "Possible duplicates")
_HIDDEN = Text("有一条重复，请问经理", "there is a duplicate: ask a manager")
_SHOWN = 3


def likeness(rows: Sequence[Row], user: User | None) -> Mapping[int, Text]:
    """Return row → what `user`, or the operator, is told of whom it may be. There is nothing of most rows."""
    told = {row.pk: row.after[ALIKE] for row in rows if ALIKE in row.after}
    ids = {pk for one in told.values() for pk in one["customers"]}
    there = Customer.present.filter(pk__in=ids)
    if user is not None:
        seen = visible(user, Customer).filter(pk__in=ids)
        names = dict(seen.values_list("pk", "name"))
        hidden = set(there.values_list("pk", flat=True)) - set(names)
    else:
        names, hidden = dict(there.values_list("pk", "name")), set[int]()
    return {pk: text for pk, one in told.items() if (text := _said(one, names, hidden)).zh}


def _said(one: Mapping[str, Sequence[int]], names: Mapping[int, str], hidden: set[int]) -> Text:
    """Say whom a row looks like: those whom one sees, rows of the file, and in one sentence that there is another."""
    known = dict.fromkeys(names[pk] for pk in one["customers"] if pk in names)
    others = [Text(name, name) for name in known]
    others += [Text(f"第 {line} 行", f"line {line}") for line in one["lines"]]
    zh, en = "、".join(who.zh for who in others[:_SHOWN]), ", ".join(who.en for who in others[:_SHOWN])
    said = [Text(f"看起来像{zh}", f"looks like {en}")] if others else []
    said += [_HIDDEN] if hidden & set(one["customers"]) else []
    return Text("；".join(text.zh for text in said), "; ".join(text.en for text in said))
