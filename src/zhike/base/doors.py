"""Through which door somebody came: a page, a command, a task of the worker, the API."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest, HttpResponse

PAGE, COMMAND, TASK = "page", "command", "task"

_door: ContextVar[str] = ContextVar("_door", default="")


def current_door() -> str:
    """Return the door of whoever is at work; empty inside a test or a shell."""
    return _door.get()


def enter(door: str) -> None:
    """Be at work behind this door from here on: for a process that has one only."""
    _door.set(door)


@contextmanager
def through(door: str) -> Iterator[None]:
    """Be at work behind this door for as long as the block runs."""
    token = _door.set(door)
    try:
        yield
    finally:
        _door.reset(token)


class PageDoor:
    """What a request does, it does through a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with through(PAGE):
            return self.get_response(request)
