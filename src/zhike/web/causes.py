"""Why a class was worked out anew, in words: the past turned out to be another than was known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext

from zhike.base.templatetags.zhike import day
from zhike.core.dates import local_day
from zhike.timeline.kinds import KINDS
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zhike.core.text import Language

# What names the event that brought it about.
_NAMED = {"late", "voided"}


@dataclass(frozen=True, slots=True)
class Causes:
    """The events that made a page's changes of class be worked out anew, by id."""

    events: Mapping[int, Event]
    language: Language

    @classmethod
    def of(cls, changes: Iterable[Event], language: Language) -> Causes:
        """Read the causes of these changes, in one query."""
        named = [change.data for change in changes if change.data.get("recomputed") in _NAMED]
        wanted = {data["cause"] for data in named if isinstance(data.get("cause"), int)}
        return cls(Event.objects.select_related("voids").in_bulk(wanted) if wanted else {}, language)

    def words(self, change: Event) -> str:
        """Return why a class was worked out anew, or that it was written down late; else nothing."""
        cause = self.events.get(change.data.get("cause") or 0)
        match change.data.get("recomputed"):
            case "late" if cause:
                return gettext("因 %(day)s 补记的%(kind)s重算") % self._named(cause)
            case "late":
                return gettext("因补录的历史记录重算")
            case "voided" if cause and cause.voids:
                return gettext("因撤销 %(day)s 的%(kind)s重算") % self._named(cause.voids)
            case "voided":
                return gettext("因撤销记录重算")
            case "edited":
                return gettext("因修改资料重算")
            case "merged":
                return gettext("因合并客户重算")
            case "parted":
                return gettext("因撤销合并重算")
            case "rates":
                return gettext("因更正汇率重算")
            case "rules":
                return gettext("因换了规则重算")
            case _:
                return _written_late(change)

    def _named(self, event: Event) -> dict[str, str]:
        kind = KINDS.get(event.kind)
        return {"day": event.day.isoformat(), "kind": kind.label.get(self.language) if kind else event.kind}


def _written_late(change: Event) -> str:
    """Say when the clock was late: the change is dated the day on which it was due."""
    recorded = local_day(change.recorded_at, timezone.get_current_timezone())
    return gettext("%(day)s补上") % {"day": day(recorded)} if recorded > change.day else ""
