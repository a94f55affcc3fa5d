"""Entries of the timeline about classes: what changed, and what a person set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext

from zhike.web.causes import Causes
from zhike.web.chips import class_chip
from zhike.web.customer.entries import Entry, is_voided
from zhike.web.evidence import evidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.classification.rules import Rulebook
    from zhike.core.conditions.describe import Writer
    from zhike.core.schemes import Scheme
    from zhike.timeline.models import Event

CHANGED, OVERRIDDEN = "class.changed", "class.overridden"


class ClassTeller:
    """Tells the events of a page that are about classes, by the rules in force."""

    def __init__(self, rules: Rulebook, writer: Writer, events: Sequence[Event]) -> None:
        self._rules, self._writer = rules, writer
        self._causes = Causes.of((event for event in events if event.kind == CHANGED), writer.language)
        self._set = {event.pk: event.data.get("dimension") for event in events if event.kind == OVERRIDDEN}

    def is_told_elsewhere(self, event: Event) -> bool:
        """Say whether the entry of what a person set says all that there is to say of this change."""
        is_by_hand = event.kind == CHANGED and event.data.get("source") == "person"
        return is_by_hand and self._set.get(event.data.get("cause") or 0) == event.data.get("dimension")

    def entry(self, event: Event) -> Entry | None:
        """Return the entry of such an event, None for others and where the dimension is not in force."""
        if event.kind not in {CHANGED, OVERRIDDEN}:
            return None
        scheme = next((s for s in self._rules.schemes if s.dimension == event.data.get("dimension")), None)
        if scheme is None:
            return None
        return self._changed(event, scheme) if event.kind == CHANGED else self._overridden(event, scheme)

    def _changed(self, event: Event, scheme: Scheme) -> Entry:
        language = self._writer.language
        after = class_chip(scheme, str(event.data.get("to")), language, source=str(event.data.get("source")))
        return Entry(
            icon="arrows-exchange",
            tone=after.tone,
            title=scheme.label.get(language),
            facts=(),
            text="",
            amount="",
            who=event.actor.name if event.actor else "",
            at=event.occurred_at,
            is_voided=is_voided(event),
            dimension=scheme.dimension,
            before=class_chip(scheme, str(event.data.get("from")), language),
            after=after,
            evidence=evidence(event.data, self._rules, self._writer, timezone.get_current_timezone()),
            cause=self._causes.words(event),
        )

    def _overridden(self, event: Event, scheme: Scheme) -> Entry:
        language, data = self._writer.language, event.data
        before = class_chip(scheme, str(data.get("from")), language)
        after = class_chip(scheme, str(data["to"]), language, source="person") if data.get("to") else None
        return Entry(
            icon="pin" if after else "pinned-off",
            tone=after.tone if after else "ink",
            title=scheme.label.get(language),
            facts=_how_long(data) if after else [gettext("撤销人工指定的%(label)s") % {"label": before.label}],
            text=str(data.get("text") or ""),
            amount="",
            who=event.actor.name if event.actor else "",
            at=event.occurred_at,
            is_voided=is_voided(event),
            dimension=scheme.dimension if after else "",
            before=before if after else None,
            after=after,
        )


def _how_long(data: Mapping[str, object]) -> list[str]:
    until = str(data.get("until") or "")
    return [gettext("人工指定"), gettext("到 %(day)s") % {"day": until} if until else gettext("长期")]
