"""Bring the English catalogue up to date with the sentences of the program: `scripts/messages.py`.

The msgids are Chinese. New ones come in empty, and a test fails until they are translated; those
that nobody says any more go. `hatch_build.py` compiles the catalogue when the package is built.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "zhike"
ENGLISH = SOURCE / "locale" / "en" / "LC_MESSAGES" / "django.po"

HEADER = "# What Zhike says in English. The msgids are Chinese; scripts/messages.py keeps the list."

type Message = str | tuple[str, str]  # a sentence, or its singular and plural

SINGULAR = {"gettext", "gettext_lazy", "gettext_noop", "_"}
PLURAL = {"ngettext", "ngettext_lazy"}
# What Django's own `templatize` makes of {% translate %} and {% blocktranslate %}.
_TEMPLATE_CALL = re.compile(
    r"\b(gettext|ngettext|_)\((u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")(?:\s*,\s*u?'(?:[^'\\]|\\.)*')?)"
)

# Dates and names that would differ from one run and one person to the next.
_IDLE_HEADERS = re.compile(
    r'^"(?:Project-Id-Version|Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date'
    r"|Last-Translator|Language-Team|Generated-By): .*\n",
    re.MULTILINE,
)


def messages() -> dict[Message, set[str]]:
    """Return every sentence that is marked for translation, with the files that say it."""
    found: dict[Message, set[str]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for message in python_messages(path.read_text(encoding="utf-8")):
            found.setdefault(message, set()).add(str(path.relative_to(ROOT)))
    for path in sorted(SOURCE.rglob("*.html")):
        for message in template_messages(path.read_text(encoding="utf-8")):
            found.setdefault(message, set()).add(str(path.relative_to(ROOT)))
    return found


def python_messages(text: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        words = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if node.func.id in SINGULAR and words:
            yield words[0]
        elif node.func.id in PLURAL:
            yield words[0], words[1]


def template_messages(text: str) -> Iterator[Message]:
    from django.utils.translation.template import templatize  # noqa: PLC0415  needs settings

    for name, arguments in _TEMPLATE_CALL.findall(templatize(text)):
        words = ast.literal_eval(f"({arguments},)")
        yield (words[0], words[1]) if name == "ngettext" else words[0]


def catalogue() -> Catalog:
    """Return the catalogue as it stands in the repository."""
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def main() -> None:
    from django.conf import settings  # noqa: PLC0415

    settings.configure()
    old = catalogue() if ENGLISH.exists() else Catalog(locale="en")
    new = Catalog(locale="en", fuzzy=False, header_comment=HEADER)
    for message, files in messages().items():
        known = old.get(message if isinstance(message, str) else message[0])
        new.add(message, known.string if known else None, locations=[(file, None) for file in sorted(files)])
    with ENGLISH.open("wb") as file:
        write_po(file, new, sort_output=True, include_lineno=False, omit_header=False, width=120)
    text = ENGLISH.read_text(encoding="utf-8")
    kept = _IDLE_HEADERS.sub("", text)
    ENGLISH.write_text(kept, encoding="utf-8")
    with ENGLISH.open("rb") as file, ENGLISH.with_suffix(".mo").open("wb") as compiled:
        write_mo(compiled, read_po(file))
    missing = sum(1 for message in new if message.id and not _is_translated(message.string))
    print(f"{len(new)} sentences, {missing} without English")
    sys.exit(1 if missing else 0)


def _is_translated(string: object) -> bool:
    return all(string) if isinstance(string, (list, tuple)) else bool(string)


if __name__ == "__main__":
    main()
