"""Files that cannot be used, and rows of them that cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from zhike.core.errors import ZhikeError

if TYPE_CHECKING:
    from zhike.core.text import Text


class FileError(ZhikeError):
    """A file that cannot be read at all, or lacks what is needed. `path` is the file's name."""

    code: ClassVar[str] = "bad_file"


class OptionError(ZhikeError):
    """An option whose value makes no sense."""

    code: ClassVar[str] = "bad_option"


class Rejection(NamedTuple):
    """One row that was not used: the line it begins on, why, and its cells as they stand."""

    line: int
    reason: Text
    cells: tuple[str, ...]
