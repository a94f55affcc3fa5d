"""What others say of the customers of a file: of new ones after an import (`ZHIKE_ON_IMPORTED`), of a trial (`ZHIKE_ON_TRIED`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from zhike.core.text import Text


@dataclass(frozen=True, slots=True)
class Followed:
    """How many of the customers of one step something has been done to, or found of.

    The page of the import adds up the steps under the `label`; `page` is the name of a URL without arguments where
    one sees which they are, empty where there is none.
    """

    label: Text
    count: int
    page: str = ""


class Likely(NamedTuple):
    """Whom the new customer of a row may be: customers who are there, by id, and those of rows before it, by line.

    The likeliest come first. Everybody is named: what a person may not see is left out where it is told.
    """

    line: int
    customers: tuple[int, ...]
    lines: tuple[int, ...]
