"""Through which door somebody came, and by what way behind it they changed something.

An entry of the audit log keeps the entrance; the event that tells of a change keeps the way, as its `source`.
Who comes to a page enters it, a command and the worker say so themselves. A page is a form unless the way is named
around what it does:

    with through(Door.ANSWER):
        update_customer(…)
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import TYPE_CHECKING

from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from django.http import HttpRequest, HttpResponse


class Door(StrEnum):
    """The words that are stored; entries and events are sealed, so that no word is ever replaced by another."""

    # Entrances
    PAGE = "page"
    COMMAND = "command"
    TASK = "task"
    API = "api"
    LINK = "link"
    # Ways
    FORM = "form"
    INLINE = "inline"
    BULK = "bulk"
    IMPORT = "import"
    LOG = "log"
    ANSWER = "answer"
    RULE = "rule"
    CLI = "cli"
    FIELD = "field"
    MERGE = "merge"
    FOLLOWUP = "followup"


DOORS: Mapping[Door, Text] = {
    Door.PAGE: Text("页面", "Page"),
    Door.COMMAND: Text("命令行", "Command line"),
    Door.TASK: Text("后台任务", "Background task"),
    Door.API: Text("接口", "API"),
    Door.LINK: Text("链接", "Link"),
    Door.FORM: Text("表单", "Form"),
    Door.INLINE: Text("列表里直接改", "Edited in the list"),
    Door.BULK: Text("批量操作", "Bulk action"),
    Door.IMPORT: Text("导入", "Import"),
    Door.LOG: Text("快速记录", "Quick log"),
    Door.ANSWER: Text("补充资料", "Answered on the record"),
    Door.RULE: Text("规则", "Rule"),
    Door.CLI: Text("命令行", "Command line"),
    Door.FIELD: Text("删除字段", "Field deleted"),
    Door.MERGE: Text("合并客户", "Merge"),
    Door.FOLLOWUP: Text("跟进任务", "Task"),
}
ENTRANCES = (Door.PAGE, Door.COMMAND, Door.TASK, Door.API, Door.LINK)

_passed: ContextVar[tuple[Door, ...]] = ContextVar("_passed", default=())


def entrance() -> str:
    """Return the entrance of whoever is at work; empty inside a test or a shell."""
    return next((door for door in reversed(_passed.get()) if door in ENTRANCES), "")


def way_of(by: object | None) -> Door:
    """Return the way that is named around the work; without one a person came by a form, nobody by the command line."""
    named = next((door for door in reversed(_passed.get()) if door not in ENTRANCES), None)
    return named or (Door.CLI if by is None else Door.FORM)


def enter(door: Door) -> None:
    """Be at work behind this door from here on: for a process that has one only."""
    _passed.set((door,))


@contextmanager
def through(door: Door) -> Iterator[None]:
    """Be at work behind this door for as long as the block runs."""
    token = _passed.set((*_passed.get(), door))
    try:
        yield
    finally:
        _passed.reset(token)


class PageDoor:
    """What a request does, it does through a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with through(Door.PAGE):
            return self.get_response(request)
