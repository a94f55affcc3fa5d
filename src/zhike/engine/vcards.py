"""Address cards (vCard 2.1, 3.0 and 4.0) as rows of a table: what phones and address books write.

Programs keep to the standards only roughly, so every card is read by itself: one that has neither a name nor an
organisation, nor a way to reach anybody, is refused with its line, and the others go on. Photographs are passed over.
"""

from __future__ import annotations

import codecs
import quopri
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from zhike.core.text import Text
from zhike.engine import encodings
from zhike.engine.errors import Rejection
from zhike.engine.records import MAX_CELL, TOO_LONG, Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

# What the columns are called: as a Chinese address book calls them.
COLUMNS = (
    *("姓名", "公司", "部门", "职务", "手机", "电话", "其他电话", "邮箱", "其他邮箱", "微信"),
    *("国家", "省份", "城市", "地址", "邮编", "网址", "生日", "分组", "备注"),
)
_NOBODY = Text("既没有姓名、公司，也没有联系方式", "names nobody, and no way to reach anybody")
_NO_END = Text("没有 END:VCARD", "has no END:VCARD")
_HEAD = re.compile(rb"^(?:\xef\xbb\xbf)?\s*BEGIN:VCARD", re.IGNORECASE)
_WIDE = re.compile(rb"^(?:\xff\xfe|\xfe\xff)?(?:B\0E\0G\0I\0N\0:\0V\0|\0B\0E\0G\0I\0N\0:\0V)", re.IGNORECASE)
_ESCAPES = {"n": "\n", "N": "\n"}
# What never stands in a row, and may be megabytes long.
_PICTURES = frozenset({"PHOTO", "LOGO", "SOUND", "KEY", "X-PHOTO", "X-MS-CARDPICTURE"})
# A day without a year, --0412 or --04-12; a year, or a year and a month, alone; a month or a day alone.
_YEARLESS, _YEARLY = re.compile(r"--(\d\d)-?(\d\d)"), re.compile(r"\d{4}(-\d\d)?|--\d\d|---\d\d")
_MOBILE, _FAX = {"CELL", "MOBILE", "IPHONE"}, {"FAX", "PAGER", "HOMEFAX", "WORKFAX"}
_CHARSETS = {"gb2312": "gb18030", "gbk": "gb18030", "big5": encodings.BIG5}


class Line(NamedTuple):
    """One property of a card: its name without the group, its parameters in capitals, its raw value."""

    name: str
    parameters: Mapping[str, frozenset[str]]
    value: str

    @property
    def types(self) -> frozenset[str]:
        return self.parameters.get("TYPE", frozenset())


@dataclass(slots=True)
class Cards:
    """The cards that can be used, as rows, and those refused."""

    good: list[Record] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)


def is_vcard(head: bytes) -> bool:
    return bool(_HEAD.match(head) or _WIDE.match(head))


def read(path: Path, encoding: str) -> Cards:
    """Read all cards of a file. Bytes that a card says are of another charset are decoded as it says."""
    text = b"".join(encodings.chunks(path, encoding)).decode("utf-8", "replace").removeprefix("\ufeff")
    found = Cards()
    begun, held = 0, list[str]()
    number = 0
    for number, raw in enumerate(_rows(text), start=1):
        word = raw.strip().upper()
        if word == "BEGIN:VCARD":
            if begun:
                found.rejected.append(Rejection(begun, _NO_END, ()))
            begun, held = number, []
        elif word == "END:VCARD" and begun:
            _take(found, begun, number, held)
            begun = 0
        elif begun:
            held.append(raw)
    if begun:
        found.rejected.append(Rejection(begun, _NO_END, ()))
    return found


def _rows(text: str) -> Iterator[str]:
    return iter(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def _take(found: Cards, begun: int, end: int, held: Sequence[str]) -> None:
    cells = _cells([line for line in map(_line, _unfolded(held)) if line is not None])
    if any(len(cell) > MAX_CELL for cell in cells):
        found.rejected.append(Rejection(begun, TOO_LONG, tuple(cell[:100] for cell in cells)))
    elif not any(cells[COLUMNS.index(name)] for name in ("姓名", "公司", "手机", "电话", "邮箱", "微信")):
        found.rejected.append(Rejection(begun, _NOBODY, tuple(cells)))
    else:
        found.good.append(Record(cells, begun, end - begun + 1))


def _unfolded(rows: Sequence[str]) -> Iterator[str]:
    """Join what was broken over several lines: by a space in front, or by a `=` at the end of quoted-printable."""
    current = ""
    for row in rows:
        if _is_quoted(current) and current.endswith("="):
            current = f"{current}\n{row.lstrip() if row.startswith(' ') else row}"
        elif row[:1] in {" ", "\t"} and current:
            current += row[1:]
        else:
            if current:
                yield current
            current = row
    if current:
        yield current


def _is_quoted(row: str) -> bool:
    return "QUOTED-PRINTABLE" in row.partition(":")[0].upper()


def _line(row: str) -> Line | None:
    head, colon, value = _parted(row)
    name, *parts = head.split(";")
    name = name.rpartition(".")[2].strip().upper()
    if not colon or not name or name in _PICTURES:
        return None
    parameters: dict[str, frozenset[str]] = {}
    for part in parts:
        key, equals, given = part.partition("=")
        # In 2.1 a type stands by itself: TEL;CELL:…
        key, given = (key.strip().upper(), given) if equals else ("TYPE", key)
        words = frozenset(word.strip().strip('"').upper() for word in given.strip('"').split(","))
        parameters[key] = parameters.get(key, frozenset()) | words
    return Line(name, parameters, _decoded(value, parameters))


def _parted(row: str) -> tuple[str, str, str]:
    """Part a row at the first colon that stands in no quotes."""
    quoted = False
    for at, character in enumerate(row):
        if character == '"':
            quoted = not quoted
        elif character == ":" and not quoted:
            return row[:at], ":", row[at + 1 :]
    return row, "", ""


def _decoded(value: str, parameters: Mapping[str, frozenset[str]]) -> str:
    ways = {*parameters.get("ENCODING", ()), *parameters.get("TYPE", ())}
    if not ways & {"QUOTED-PRINTABLE", "Q"}:
        return value
    charset = next(iter(parameters.get("CHARSET", ("UTF-8",)))).lower()
    data = quopri.decodestring(value.encode("utf-8", "replace"))
    for name in (_CHARSETS.get(charset, charset), "utf-8", "gb18030"):
        try:
            codecs.lookup(name)
            return data.decode(name)
        except (LookupError, UnicodeDecodeError):
            continue
    return data.decode("utf-8", "replace")


def _split(value: str, mark: str) -> list[str]:
    """Split at a mark that is not escaped, and take the escapes away."""
    parts, current, at = list[str](), "", 0
    while at < len(value):
        character = value[at]
        if character == "\\" and at + 1 < len(value):
            following = value[at + 1]
            current += _ESCAPES.get(following, following)
            at += 2
            continue
        if character == mark:
            parts.append(current)
            current = ""
        else:
            current += character
        at += 1
    return [*parts, current]


def _text(value: str) -> str:
    return _split(value, "\0")[0].strip()


def _cells(lines: Sequence[Line]) -> list[str]:  # noqa: C901, PLR0912  one arm a property
    found: dict[str, str] = {}
    phones: list[tuple[bool, str]] = []
    emails: list[str] = []
    for line in lines:
        match line.name:
            case "FN":
                found.setdefault("姓名", _text(line.value))
            case "N":
                found["_n"] = _name(_split(line.value, ";"))
            case "ORG":
                parts = [part.strip() for part in _split(line.value, ";")]
                found.setdefault("公司", parts[0])
                found.setdefault("部门", " ".join(part for part in parts[1:] if part))
            case "TEL" if not line.types & _FAX and (number := _number(line.value)):
                phones.append((bool(line.types & _MOBILE), number))
            case "EMAIL" if address := _text(line.value).removeprefix("mailto:"):
                emails.insert(0 if "PREF" in line.types and emails else len(emails), address)
            case "ADR":
                _address(found, [part.strip() for part in _split(line.value, ";")])
            case "BDAY":
                _birthday(found, line)
            case "CATEGORIES":
                found.setdefault("分组", "|".join(part.strip() for part in _split(line.value, ",") if part.strip()))
            case "X-WECHAT" | "X-QQ-WECHAT" | "X-WEIXIN":
                found.setdefault("微信", _text(line.value))
            case "TITLE" | "NOTE" | "URL":
                name = {"TITLE": "职务", "NOTE": "备注", "URL": "网址"}[line.name]
                if text := _text(line.value):
                    found[name] = (
                        f"{found[name]}\n{text}" if name == "备注" and name in found else found.get(name, text)
                    )
            case _:
                pass
    mobile = next((number for is_mobile, number in phones if is_mobile), "")
    others = list(dict.fromkeys(number for _, number in phones if number != mobile))
    found |= {"手机": mobile, "电话": others[0] if others else "", "其他电话": "|".join(others[1:])}
    found |= {"邮箱": emails[0] if emails else "", "其他邮箱": "|".join(dict.fromkeys(emails[1:]))}
    found["姓名"] = found.get("姓名") or found.get("_n", "")
    return [" ".join(text.split("\0")) if (text := found.get(name, "")) else "" for name in COLUMNS]


def _name(parts: Sequence[str]) -> str:
    """Put a name together as it is said: 张 and 三 without a space, John and Doe with one."""
    family, given, middle, prefix, suffix = [*(part.strip() for part in parts), *[""] * 5][:5]
    if not (family + given).isascii() and any("\u4e00" <= letter <= "\u9fff" for letter in family + given):
        return f"{family}{middle}{given}"
    return " ".join(part for part in (prefix, given, middle, family, suffix) if part)


def _birthday(found: dict[str, str], line: Line) -> None:
    """Keep a whole date; one without a year, or a year alone, is no date and goes into the note."""
    text = _text(line.value).partition("T")[0]
    unknown = next(iter(line.parameters.get("X-APPLE-OMIT-YEAR", ())), "")
    if unknown and text.startswith(unknown):
        text = f"--{text.removeprefix(unknown).lstrip('-')}"
    day = _YEARLESS.fullmatch(text)
    if day is None and _YEARLY.fullmatch(text) is None:
        found.setdefault("生日", text)
        return
    said = f"生日：{int(day[1])} 月 {int(day[2])} 日" if day else f"生日：{text}"
    found["备注"] = f"{found['备注']}\n{said}" if "备注" in found else said


def _number(value: str) -> str:
    return _text(value).removeprefix("tel:").partition(";")[0]


def _address(found: dict[str, str], parts: Sequence[str]) -> None:
    if "地址" in found or not any(parts):
        return
    _box, more, street, city, region, code, country = [*parts, *[""] * 7][:7]
    found |= {
        "国家": country,
        "省份": region,
        "城市": city,
        "邮编": code,
        "地址": " ".join(filter(None, (street, more))),
    }
