"""Reading what people wrote as data: each function returns what it was asked for, or says what is wrong and where.

All raise `PackError` with the path of the place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from zhike.core.errors import PackError, suggestion
from zhike.core.text import Text

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
MAX_ITEMS = 1_000


def said_twice(key: str, path: str) -> PackError:
    zh = f"{key} 出现了两次。每个键在同一处只能用一次。"
    return PackError(zh, f"{key} stands here twice; a key may be used once in a place.", path=path)


def read_mapping(data: object, path: str) -> Mapping[str, object]:
    if isinstance(data, Mapping):
        return data
    zh = "应为一个对象（键和值）。"
    raise PackError(zh, f"expected an object with keys, found {type(data).__name__}.", path=path)


def read_items(data: object, path: str) -> Sequence[object]:
    if isinstance(data, Sequence) and not isinstance(data, str):
        if len(data) > MAX_ITEMS:
            raise PackError(f"最多 {MAX_ITEMS} 项。", f"at most {MAX_ITEMS} items.", path=path)
        return data
    raise PackError("应为列表。", "expected a list.", path=path)


def read_words(data: object, path: str) -> tuple[str, ...]:
    return tuple(read_word(item, f"{path}[{index}]") for index, item in enumerate(read_items(data, path)))


def read_word(data: object, path: str) -> str:
    if isinstance(data, str):
        return data
    raise PackError("应为文字。", "expected text.", path=path)


def read_number(data: object, path: str, most: int) -> int | None:
    if data is None:
        return None
    if isinstance(data, int) and not isinstance(data, bool) and 0 < data <= most:
        return data
    raise PackError(f"应为 1 到 {most} 的整数。", f"expected a whole number from 1 to {most}.", path=path)


def read_one_of(data: object, known: Sequence[str], path: str) -> str:
    if isinstance(data, str) and data in known:
        return data
    zh, en = suggestion(str(data), known)
    raise PackError(
        f"没有 {data} 这个选项，可用：{'、'.join(known)}。{zh}",
        f"there is no choice {data}; use {', '.join(known)}.{en}",
        path=path,
    )


def read_key(data: object, path: str) -> str:
    if isinstance(data, str) and _KEY.fullmatch(data):
        return data
    raise PackError(
        f"键应由小写字母开头，只含小写字母、数字和下划线，这里是 {data!r}。",
        f"a key starts with a small letter and holds small letters, digits and _; found {data!r}.",
        path=path,
    )


def read_text(data: object, path: str) -> Text:
    if isinstance(data, Mapping) and set(data) == {"zh", "en"}:
        zh, en = data["zh"], data["en"]
        if isinstance(zh, str) and zh.strip() and isinstance(en, str) and en.strip():
            return Text(zh, en)
    raise PackError(
        "应写成 {zh: 中文, en: English}，两种语言都要有。",
        "expected {zh: …, en: …} with text in both languages.",
        path=path,
    )


def only(data: Mapping[str, object], known: Sequence[str], path: str) -> None:
    for key in data:
        if key not in known:
            zh, en = suggestion(str(key), known)
            raise PackError(
                f"不认识的键 {key}，这里可以有：{'、'.join(known)}。{zh}",
                f"unknown key {key}; these may stand here: {', '.join(known)}.{en}",
                path=path,
            )
