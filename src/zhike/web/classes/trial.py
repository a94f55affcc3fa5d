"""A back-test as the studio shows it: class by class, by the rules in force and by the draft."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from zhike.base.chips import Chip
from zhike.base.errors import current_language
from zhike.classification.backtest import nothing
from zhike.classification.candidates import read_version
from zhike.classification.queries import last_back_test
from zhike.classification.rules import rulebook
from zhike.core.dates import add_days
from zhike.core.errors import ZhikeError
from zhike.web.chips import class_chip
from zhike.web.classes.forms import TrialForm
from zhike.web.request import local_today

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zhike.classification.backtest import Outcome, Side
    from zhike.classification.models import BackTest, SchemeVersion
    from zhike.core.text import Language
    from zhike.web.request import Request

PUBLISHED, DRAFT = "published", "draft"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure by both rules; `change` has its sign and unit, `up` says which way it goes."""

    label: str
    old: str
    new: str
    change: str
    up: bool | None


@dataclass(frozen=True, slots=True)
class ClassTrial:
    """What the customers of one class did afterwards."""

    chip: Chip
    measures: Sequence[Measure]


@dataclass(frozen=True, slots=True)
class Trial:
    """A back-test with its figures; several days are added up."""

    test: BackTest
    days: Sequence[date]
    classes: Sequence[ClassTrial]
    unfinished: int  # so many days are still missing behind the last of the days
    is_outdated: bool  # the draft was edited since
    is_new: bool  # nothing was in force to compare with
    problem: str

    @property
    def is_open(self) -> bool:
        return self.test.state in {self.test.State.WAITING, self.test.State.RUNNING}


def trial_context(request: Request, draft: SchemeVersion, form: TrialForm | None = None) -> dict[str, object]:
    """Return the form, and the back-test that was asked for last."""
    test = last_back_test(request.user, draft)
    trial = read_trial(test, current_language(), local_today()) if test is not None else None
    return {"trial": trial, "trial_form": form or TrialForm()}


def read_trial(test: BackTest, language: Language, today: date) -> Trial:
    """Return a back-test for the screen."""
    days = [date.fromisoformat(day) for day in test.days]
    sides = {side: _added_up(test.result, side) for side in (PUBLISHED, DRAFT)}
    is_new = not any(PUBLISHED in by_side for by_side in test.result.values())
    return Trial(
        test=test,
        days=days,
        classes=[
            ClassTrial(chip, _measures(key, sides, is_new=is_new))
            for key, chip in _chips(test, language, [*sides[DRAFT], *sides[PUBLISHED]]).items()
        ]
        if test.state == test.State.DONE
        else [],
        unfinished=max(0, (add_days(max(days), test.outcome_days) - today).days),
        is_outdated=test.revision != test.version.revision,
        is_new=is_new,
        problem=str(test.problem.get(language, "")),
    )


def _added_up(result: Mapping[str, Mapping[str, Side]], side: str) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    for by_side in result.values():
        for key, outcome in by_side.get(side, {}).items():
            held = found.setdefault(key, nothing())
            for name, value in outcome.items():
                held[name] += value  # type: ignore[literal-required]  # the keys of Outcome
    return found


def _chips(test: BackTest, language: Language, keys: Iterable[str]) -> dict[str, Chip]:
    """Return the classes in the order of the draft, those that only the rules in force have last."""
    dimension = test.version.scheme.dimension
    in_force = next((s for s in rulebook().schemes if s.dimension == dimension), None)
    draft = in_force
    with suppress(ZhikeError):  # it may have been edited since
        draft = read_version(test.version)
    found = (
        {class_.key: class_chip(draft, class_.key, language) for class_ in draft.classes} if draft is not None else {}
    )
    for key in keys:
        if key not in found:
            found[key] = class_chip(in_force, key, language) if in_force is not None else Chip(dimension, key)
    return found


def _measures(key: str, sides: Mapping[str, Mapping[str, Outcome]], *, is_new: bool) -> list[Measure]:
    old, new = (sides[side].get(key, nothing()) for side in (PUBLISHED, DRAFT))
    old_all, new_all = (sum(o["revenue"] for o in sides[side].values()) for side in (PUBLISHED, DRAFT))
    shares = (
        (gettext("后来下过单"), (old["bought"], old["customers"]), (new["bought"], new["customers"])),
        (gettext("占后来的成交"), (old["revenue"], old_all), (new["revenue"], new_all)),
        (gettext("后来下过两单"), (old["again"], old["customers"]), (new["again"], new["customers"])),
        (gettext("后来没有消息"), (old["lost"], old["customers"]), (new["lost"], new["customers"])),
    )
    return [
        _count(gettext("客户数"), old["customers"], new["customers"], is_new=is_new),
        *(_share(label, before, after, is_new=is_new) for label, before, after in shares),
    ]


def _count(label: str, old: int, new: int, *, is_new: bool) -> Measure:
    if is_new or not old or old == new:
        return Measure(label, "—" if is_new else f"{old:,}", f"{new:,}", "", None)
    change = round(100 * (new - old) / old)
    return Measure(label, f"{old:,}", f"{new:,}", f"{abs(change)}%", new > old)


def _share(label: str, old: tuple[int, int], new: tuple[int, int], *, is_new: bool) -> Measure:
    """Return a share in per cent, its change in percentage points; nothing of nobody."""
    before, after = _percent(*old), _percent(*new)
    if is_new or before is None or after is None:
        return Measure(label, "—" if is_new else _written(before), _written(after), "", None)
    change = round(after - before, 1)
    return Measure(
        label,
        _written(before),
        _written(after),
        f"{abs(change):g} pt" if change else "",
        change > 0 if change else None,
    )


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def _written(value: float | None) -> str:
    return "—" if value is None else f"{value:g}%"
