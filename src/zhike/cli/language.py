"""The language in which the command line speaks to this person.

`--lang zh|en` anywhere on the line decides, else the environment; Chinese when neither says anything.
It is read before any command is imported, so that a command's help can be written with `say`.
"""

from __future__ import annotations

import os
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.core.text import Language

_language: Language = "zh"


def language() -> Language:
    return _language


def say(zh: str, en: str) -> str:
    """Return the phrase in the language of this run."""
    return zh if _language == "zh" else en


def choose(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> Language:
    """Settle the language of this run from the command line, else from the environment."""
    global _language  # noqa: PLW0603  one process has one person in front of it
    _language = _from_arguments(arguments) or _from_environment(environ)
    return _language


def without_language(arguments: Sequence[str]) -> list[str]:
    """Return the line without its `--lang`, so that every command takes it."""
    kept = list(arguments)
    for place, (argument, following) in enumerate(pairwise([*arguments, ""])):
        if argument == "--":
            break
        if argument in {"--lang=zh", "--lang=en"}:
            return kept[:place] + kept[place + 1 :]
        if argument == "--lang" and following in {"zh", "en"}:
            return kept[:place] + kept[place + 2 :]
    return kept


def _from_arguments(arguments: Sequence[str]) -> Language | None:
    for argument, following in pairwise([*arguments, ""]):
        match argument.split("=", 1):
            case ["--lang"] if following in {"zh", "en"}:
                return "zh" if following == "zh" else "en"
            case ["--lang", "zh" | "en" as value]:
                return "zh" if value == "zh" else "en"
            case ["--"]:
                return None
    return None


def _from_environment(environ: Mapping[str, str]) -> Language:
    """Read the locale as gettext does: the first variable that is set wins. "C" says nothing."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = environ.get(name, "").partition(".")[0]
        if value and value not in {"C", "POSIX"}:
            return "zh" if value.startswith("zh") else "en"
    return "zh"
