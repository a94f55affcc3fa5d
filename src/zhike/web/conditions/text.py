"""A condition as text that can be copied, sent and pasted: YAML, of which JSON is a part."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from zhike.base.inputs import Invalid, plain
from zhike.core.errors import PackError
from zhike.packs import find_line, read_yaml

if TYPE_CHECKING:
    from zhike.core.errors import ZhikeError
    from zhike.core.text import Language

MOST_CHARACTERS = 60_000
DEEPEST = 80
_MARK = re.compile(r"^:(\d+):(\d+)$")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, in one language, with the line and the place where it is."""

    message: str
    path: str
    line: int | None = None


def write_text(data: object) -> str:
    """Return data as YAML, each test on a line of its own."""
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, default_flow_style=None, width=200)


def read_text(text: str) -> object:
    """Return the data of a text. Raises `PackError` with line and column, or `Invalid`."""
    if len(text) > MOST_CHARACTERS:
        raise Invalid(
            f"太长：最多 {MOST_CHARACTERS:,} 个字符",
            f"too long: at most {MOST_CHARACTERS:,} characters",
            path="text",
        )
    try:
        return plain(read_yaml(text.encode("utf-8", "surrogatepass")), deepest=DEEPEST)
    except RecursionError:
        raise PackError("嵌套太深。", "nested too deeply.") from None


def place(error: ZhikeError, text: str, language: Language, prefix: str = "") -> Problem:
    """Return an error with the line that it is about; `prefix` is what its place has and the text has not."""
    message = error.zh if language == "zh" else error.en
    mark = _MARK.match(error.path)
    if mark:
        return Problem(message, "", int(mark[1]))
    path = error.path.removeprefix(prefix).removeprefix(".")
    if len(text) > MOST_CHARACTERS:
        return Problem(message, path)
    try:
        return Problem(message, path, find_line(text, path))
    except (yaml.YAMLError, RecursionError):
        return Problem(message, path)
