"""In which encoding a text file is written, and its bytes as UTF-8.

A byte-order mark decides; then strict UTF-8, UTF-16 by its NULs, strict GB18030, and only then a guess.
A UTF-8 file with a few broken bytes stays UTF-8: the rows that hold them are refused, not the file.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from zhike.engine.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

CHUNK = 1 << 20
_SAMPLE = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# UTF-8 with some bytes that are none.
BROKEN = "utf-8-broken"
# Of the characters beyond ASCII, how many may be broken before "UTF-8" is no longer believable.
_BROKEN_SHARE = 0.2
BIG5 = "cp950"
# In Big5 every third character ends in a byte of ASCII, in the simplified characters of GB2312 none does.
_PAIR, _LOW_SHARE, _USUAL_SHARE = 0x80, 0.15, 0.85
_BIG5_USUAL, _BIG5_MARKS = range(0xA4, 0xC7), range(0xA1, 0xA4)
# What a person may say instead of what was recognised.
CHOICES = ("utf-8", "gb18030", BIG5, "utf-16", "utf-16-le", "utf-16-be", "cp1252")


def told(path: Path, name: str) -> str:
    """Return the name under which a file is read of which a person says how it is written."""
    if name not in CHOICES:
        raise FileError(f"不认得编码 {name[:40]}。", f"there is no encoding {name[:40]}.", path=path.name)
    if name == "utf-8":
        found = detect(path)
        return found if found in {"utf-8", "utf-8-sig", BROKEN} else BROKEN
    return name


def detect(path: Path) -> str:
    """Return the name of the file's encoding; `utf-8` means that every byte of it is valid."""
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name if _decodes(path, name) else _with_faults(name)
    if _decodes(path, "utf-8"):
        return "utf-8"
    if (wide := _utf16(head)) and _decodes(path, wide):
        return wide
    if _mostly_utf8(path):
        return BROKEN
    if re.search(rb"[\x80-\xff]{2}", head) is None and _decodes(path, "cp1252"):
        return "cp1252"  # accents that stand alone: a Western list; Chinese bytes come in pairs
    if _is_big5(head) and _decodes(path, BIG5):
        return BIG5  # most of it would also pass for GB18030, with characters that nobody writes
    return "gb18030" if _decodes(path, "gb18030") else _guess(path, head)


def _is_big5(head: bytes) -> bool:
    """Say whether pairs of bytes lie as they do in traditional characters: seldom so in simplified ones."""
    pairs = low = usual = at = 0
    while at + 1 < len(head):
        lead, trail = head[at], head[at + 1]
        if lead < _PAIR:
            at += 1
            continue
        pairs += 1
        low += trail < _PAIR
        usual += lead in _BIG5_USUAL or lead in _BIG5_MARKS
        at += 2
    return pairs > 0 and low > pairs * _LOW_SHARE and usual > pairs * _USUAL_SHARE


def chunks(path: Path, encoding: str, size: int = CHUNK) -> Iterator[bytes]:
    """Yield the file's text as UTF-8 without a mark. Broken bytes become U+FFFD."""
    with path.open("rb") as file:
        if encoding == "utf-8":
            yield from _raw(file, size)
            return
        name = "utf-8-sig" if encoding == BROKEN else encoding
        decoder = codecs.getincrementaldecoder(name)(errors="replace")
        for chunk in _raw(file, size):
            yield decoder.decode(chunk).encode("utf-8", "replace")
        yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def _raw(file: BinaryIO, size: int = CHUNK) -> Iterator[bytes]:
    while chunk := file.read(size):
        yield chunk


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    pending = False
    try:
        with path.open("rb") as file:
            for chunk in _raw(file):
                # Plain ASCII needs no decoding, and most of a long log is just that.
                if pending or not chunk.isascii() or encoding.startswith("utf-16"):
                    decoder.decode(chunk)
                    pending = bool(decoder.getstate()[0])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _utf16(head: bytes) -> str:
    """Recognise UTF-16 without a mark: every second byte of its ASCII is NUL."""
    for name, start in (("utf-16-le", 1), ("utf-16-be", 0)):
        half = head[start::2]
        if half and half.count(0) > len(half) * 0.4:
            return name
    return ""


def _mostly_utf8(path: Path) -> bool:
    beyond = broken = 0
    for chunk in chunks(path, BROKEN):
        text = chunk.decode()
        beyond += sum(character > "\x7f" for character in text)
        broken += text.count("\ufffd")
    return broken <= beyond * _BROKEN_SHARE


def _with_faults(name: str) -> str:
    """Return the name under which a marked file is read that does not keep to its mark throughout."""
    return BROKEN if name == "utf-8-sig" else name


def _guess(path: Path, head: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415  slow to import, rarely needed

    best = from_bytes(head[:65536]).best()
    if best is None:
        raise FileError(
            "认不出文件的编码，请另存为 UTF-8 后再试。",
            "The encoding of the file is not recognised; save it as UTF-8 and try again.",
            path=path.name,
        )
    return str(best.encoding)
