"""Files on disk: under names that are drawn, in a folder that no address leads to.

No path ever comes from outside: what a browser calls a file is only shown, cleaned of everything that a file system
or a reader could trip over. What a file is, is told from its first bytes and never from its name.
"""

from __future__ import annotations

import os
import secrets
import unicodedata
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings

from zhike.base.inputs import Invalid
from zhike.base.uploads import FILE_MAX

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

NAME_MAX = 120
_EXTENSION_MAX = 12
_HEAD = 512
OTHER = "application/octet-stream"

# The beginnings by which files are known. Zip archives are office documents too; those are told by what is inside.
_SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "application/ogg"),
)
# Names that Windows keeps for itself, whatever stands behind the dot.
_RESERVED = {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))}
_FORBIDDEN = frozenset('\\/:*?"<>|')


class Stored(NamedTuple):
    """A file that was put away."""

    stored_as: str
    type: str
    size: int


def put_away(file: UploadedFile[bytes]) -> Stored:
    """Write an upload to disk under a drawn name, or say why it cannot be kept."""
    size = file.size or 0
    if not size:
        raise Invalid("文件是空的", "the file is empty", path="file")
    check_size(size)
    name = secrets.token_hex(16)
    path = path_of(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    written, head = 0, b""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        for chunk in file.chunks():
            head = head or chunk[:_HEAD]
            written += len(chunk)
            target.write(chunk)
    return Stored(name, type_of(head), written)


def check_size(size: int) -> None:
    if size > FILE_MAX:
        raise Invalid(
            f"文件太大：最多 {FILE_MAX // 1024 // 1024} MB",
            f"the file is too large: at most {FILE_MAX // 1024 // 1024} MB",
            path="file",
        )


def path_of(stored_as: str) -> Path:
    """Return where a file lies. The name was drawn here: anything else is a fault of ours."""
    assert stored_as.isalnum()
    return Path(settings.MEDIA_ROOT) / stored_as[:2] / stored_as


def forget(stored_as: str) -> None:
    """Take a file off the disk; it may be gone already."""
    path_of(stored_as).unlink(missing_ok=True)


def type_of(head: bytes) -> str:
    """Return what a file is by its first bytes. What browsers would run or draw is never called so."""
    for sign, type_ in _SIGNS:
        if head.startswith(sign):
            return type_
    return "text/plain" if _is_text(head) else OTHER


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        if error.end < len(head) or error.reason != "unexpected end of data":
            return False
        text = head[: error.start].decode()
    return not any(unicodedata.category(char) == "Cc" and char not in "\t\r\n\f" for char in text)


def shown_name(given: str) -> str:
    """Return a name that can be shown and saved anywhere, whatever a browser called the file."""
    last = PurePosixPath(given.replace("\\", "/")).name
    visible = "".join(
        " " if char in _FORBIDDEN or char.isspace() else char for char in last if char.isprintable() or char == "\u3000"
    )
    name = " ".join(unicodedata.normalize("NFC", visible).split()).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > _EXTENSION_MAX:
        stem, dot, ending = name, "", ""
    if "".join(takewhile(lambda char: char != ".", stem)).strip().casefold() in _RESERVED:
        stem = f"_{stem}"
    if not stem:
        stem = "file"
    return f"{stem[: NAME_MAX - len(dot + ending)]}{dot}{ending}"
