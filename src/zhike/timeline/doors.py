"""Through which door a change came: kept as the `source` of the event that tells of it.

A page says nothing and is a form; whoever writes otherwise says so around what it does:

    with through(Door.BULK):
        update_customer(…)
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import TYPE_CHECKING

from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from zhike.accounts.models import User


class Door(StrEnum):
    """The ways on which a change reaches a record."""

    FORM = "form"
    INLINE = "inline"
    BULK = "bulk"
    IMPORT = "import"
    LOG = "log"
    ANSWER = "answer"
    API = "api"
    RULE = "rule"
    CLI = "cli"
    FIELD = "field"


DOORS: Mapping[Door, Text] = {
    Door.FORM: Text("表单", "form"),
    Door.INLINE: Text("列表里直接改", "edited in the list"),
    Door.BULK: Text("批量操作", "bulk action"),
    Door.IMPORT: Text("导入", "import"),
    Door.LOG: Text("快速记录", "quick log"),
    Door.ANSWER: Text("补充资料", "answered on the record"),
    Door.API: Text("接口", "API"),
    Door.RULE: Text("规则", "rule"),
    Door.CLI: Text("命令行", "command line"),
    Door.FIELD: Text("删除字段", "field deleted"),
}

_DOOR: ContextVar[Door | None] = ContextVar("door", default=None)


@contextmanager
def through(door: Door) -> Iterator[None]:
    """Let every change inside have come through this door."""
    token = _DOOR.set(door)
    try:
        yield
    finally:
        _DOOR.reset(token)


def door_of(by: User | None) -> Door:
    """Return the door that stands open; without one a person came by a form, and nobody by the command line."""
    return _DOOR.get() or (Door.CLI if by is None else Door.FORM)
