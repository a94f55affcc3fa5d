"""What is kept that tells of people: column, what it tells, what for, and who sees it.

The page 「个人信息收集清单」 is drawn from it, and a test holds the tables of docs/privacy.md to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zhike.core.text import Text
from zhike.privacy.inventory_table import TABLE
from zhike.privacy.inventory_words import PURPOSES, SEEN_BY

if TYPE_CHECKING:
    from collections.abc import Iterator


class Kept(NamedTuple):
    """One column that tells of people."""

    column: str
    what: Text
    purpose: Text
    seen_by: Text


class Section(NamedTuple):
    """The columns about one kind of people or matter."""

    title: Text
    rows: tuple[Kept, ...]


INVENTORY = tuple(
    Section(
        title,
        tuple(Kept(column, Text(zh, en), PURPOSES[purpose], SEEN_BY[seen]) for column, zh, en, purpose, seen in rows),
    )
    for title, rows in TABLE
)


def markdown(section: Section) -> Iterator[str]:
    """Yield the lines of a section's table as docs/privacy.md has them."""
    yield "| 列 | 讲什么 | 用途 | 谁看得到 |"
    yield "|---|---|---|---|"
    for row in section.rows:
        yield f"| `{row.column}` | {row.what.zh} | {row.purpose.zh} | {row.seen_by.zh} |"
