"""What pages say about tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from zhike.base.errors import current_language
from zhike.core.recurrence import in_words
from zhike.followups.models import Task

if TYPE_CHECKING:
    from zhike.web.tasks.forms import TaskForm

# What the fields offer; they read more than that.
RECURRENCE_WORDS = (
    _("每天"),
    _("每个工作日"),
    _("每周"),
    _("每两周"),
    _("每月"),
    _("每月最后一天"),
    _("每季度"),
    _("每年"),
)
DAY_WORDS = (_("今天"), _("明天"), _("后天"), _("下周一"), _("下周五"), _("月底"))


@dataclass(frozen=True, slots=True)
class Differs:
    """A field that stands otherwise now than this person wrote it: by somebody else, or as it was."""

    label: str
    mine: str
    theirs: str


def differences(form: TaskForm, task: Task) -> list[Differs]:
    """Return where what was sent differs from the task as somebody else has left it."""
    given = form.given()
    found = []
    for name, mine in given.items():
        theirs = task.name if name == "title" else getattr(task, name)
        if mine != theirs:
            found.append(Differs(str(form.fields[name].label), _shown(name, mine), _shown(name, theirs)))
    return found


def _shown(name: str, value: object) -> str:
    match name:
        case "kind" | "priority":
            named: dict[object, object] = dict(Task.Kind.choices if name == "kind" else Task.Priority.choices)
            return str(named.get(value, value))
        case "recurrence":
            return in_words(str(value), current_language()) if value else "—"
        case "checklist":
            assert isinstance(value, list)
            return "、".join(str(item["text"]) for item in value) or "—"
        case "due_at":
            return f"{value:%H:%M}" if value else "—"
    return str(value) if value not in {None, ""} else "—"
