"""Two people changed the same: what each made of it, side by side, and what the second one decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms

from zhike.base.forms import VersionForm

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from django.http import QueryDict

    from zhike.customers.actions.merging import Difference, Overlap
    from zhike.customers.display import Display

# What a form sends: ``keep.city=theirs``, and in `seen` the version of which it was asked.
KEEP = "keep."
THEIRS, MINE = "theirs", "mine"


class MergeForm(VersionForm):
    """The version that the person opened, and the one of which they were asked, if they were."""

    seen = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)

    def decided(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the action takes: without the fields that the person leaves as the other made them."""
        chosen = {name.removeprefix(KEEP): value for name, value in self.data.items() if name.startswith(KEEP)}
        left = {name for name, value in chosen.items() if value == THEIRS}
        seen = self.cleaned_data["seen"]
        settled = {name: seen for name, value in chosen.items() if value == MINE} if seen else {}
        found = {name: value for name, value in given.items() if name != "custom" and name not in left}
        if "custom" in given:
            found["custom"] = {key: value for key, value in given["custom"].items() if f"custom.{key}" not in left}
        return {**found, "version": self.cleaned_data["version"], "settled": settled}

    def ask(self, overlap: Overlap) -> None:
        """Remember of which version the person is asked."""
        self.data = {**self.data.dict(), "seen": str(overlap.version)}  # type: ignore[attr-defined]  # a QueryDict


def carried(asked: Iterable[Choice], sent: QueryDict) -> list[tuple[str, str]]:
    """Return what was decided before of fields that are not asked about now, for the form to say it again."""
    shown = {choice.input_name for choice in asked}
    return [(name, value) for name, value in sent.items() if name.startswith(KEEP) and name not in shown]  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class Choice:
    """One field that both changed, as the page asks about it."""

    name: str
    label: str
    base: str
    theirs: str
    mine: str
    who: str
    at: datetime
    chosen: str = ""

    @property
    def input_name(self) -> str:
        return KEEP + self.name


def choices(overlap: Overlap, display: Display, sent: QueryDict) -> list[Choice]:
    """Return what must be chosen."""
    found = overlap.differences
    display.load((one.field, value) for one in found for value in (one.base, one.theirs, one.mine))
    return [_choice(one, display, sent) for one in found]


def _choice(one: Difference, display: Display, sent: QueryDict) -> Choice:
    return Choice(
        one.field,
        display.label(one.field),
        display.value(one.field, one.base),
        display.value(one.field, one.theirs),
        display.value(one.field, one.mine),
        one.who,
        one.at,
        sent.get(KEEP + one.field, ""),
    )
