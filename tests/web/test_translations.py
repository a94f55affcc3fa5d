"""Every sentence has its English, and no sentence escapes the catalogue."""

from __future__ import annotations

import ast
import re
import string

import pytest

from scripts.messages import PLURAL, SINGULAR, SOURCE, catalogue, messages

CHINESE = re.compile(r"[\u3400-\u9fff\uff01-\uff5e\u3001-\u3011]")
TRANSLATED_TAGS = re.compile(
    r"\{%\s*blocktranslate.*?\{%\s*endblocktranslate\s*%\}|\{%\s*translate\s+\"[^\"]*\"[^%]*%\}|_\(\"[^\"]*\"\)|\{#.*?#\}",
    re.DOTALL,
)
# The name of the product on its seal needs no translation.
SEAL = ">知</span>"
TEMPLATES = sorted(SOURCE.rglob("templates/**/*.html"))
# Modules of pages. Below them, errors and tables carry both languages side by side.
PAGES = [
    path
    for folder in ("web", "accounts", "base")
    for path in sorted((SOURCE / folder).rglob("*.py"))
    if "migrations" not in path.parts
]
BOTH_LANGUAGES = {"ZhikeError", "Text", "suggestion", "say"}


@pytest.fixture(scope="module")
def said():
    return messages()


@pytest.fixture(scope="module")
def english():
    return {message.id: message for message in catalogue() if message.id}


def test_the_catalogue_holds_exactly_what_is_said(said, english):
    assert sorted(map(str, english)) == sorted(map(str, said))


def test_every_sentence_has_its_english(said, english):
    missing = [
        message
        for message, entry in english.items()
        if entry.fuzzy or not (all(entry.string) if isinstance(message, tuple) else entry.string)
    ]
    assert missing == []


def test_no_english_is_left_in_chinese(english):
    assert [entry.string for entry in english.values() if CHINESE.search(str(entry.string))] == []


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)", text)) | {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_placeholders_are_the_same_in_both_languages(english):
    for message, entry in english.items():
        forms = entry.string if isinstance(message, tuple) else (entry.string,)
        wanted = placeholders(message[0] if isinstance(message, tuple) else message)
        # The singular may say "a day" without its number.
        assert placeholders(forms[-1]) == wanted, message
        assert placeholders(forms[0]) <= wanted, message


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_translate_all_their_words(path):
    text = TRANSLATED_TAGS.sub("", path.read_text(encoding="utf-8")).replace(SEAL, ">")
    assert [line.strip() for line in text.splitlines() if CHINESE.search(line)] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_pages_translate_all_their_words(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    covered = {id(inner) for node in ast.walk(tree) if _is_covered(node) for inner in ast.walk(node)}
    loose = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CHINESE.search(node.value)
        and id(node) not in covered
        and node.value not in LANGUAGE_FREE
    ]
    assert loose == []


# Separators that people type, and a language's name for itself.
LANGUAGE_FREE = {"，", "、", "；", "简体中文"}


def _is_covered(node: ast.AST) -> bool:
    """Say whether the words in this node are translated, or stand beside their English, or are no words."""
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
        return False
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True  # a docstring
    if isinstance(node, ast.arguments):
        return {"zh", "en"} <= {argument.arg for argument in node.args}
    if not isinstance(node, ast.Call):
        return False
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name in SINGULAR | PLURAL | BOTH_LANGUAGES:
        return True
    pair = node.args[:2]
    return len(pair) == 2 and _is_chinese(pair[0]) and not _is_chinese(pair[1])


def _is_chinese(node: ast.AST) -> bool:
    return any(
        isinstance(inner, ast.Constant) and isinstance(inner.value, str) and CHINESE.search(inner.value)
        for inner in ast.walk(node)
    )
