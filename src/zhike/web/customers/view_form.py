"""The form of a view: its name, who may use it, whether it stands at one's side."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.accounts.policy import can
from zhike.accounts.sharing import Reach
from zhike.base.forms import Form
from zhike.classification.models import SavedView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import QueryDict

    from zhike.accounts.models import User
    from zhike.web.customers.conditions import Piece
    from zhike.web.customers.state import ListState


class ViewForm(Form):
    """What a person says of a view besides what it shows."""

    name = forms.CharField(
        label=_("视图名称"), max_length=SavedView.NAME_MAX, error_messages={"required": _("给视图起个名字。")}
    )
    reach = forms.ChoiceField(label=_("谁能用"), widget=forms.RadioSelect, initial=Reach.MINE)
    pinned = forms.BooleanField(
        label=_("钉到侧边栏"),
        required=False,
        initial=True,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def __init__(
        self, data: QueryDict | None = None, *, by: User, view: SavedView | None = None, suggested: str = ""
    ) -> None:
        start = {"name": view.name, "reach": view.reach} if view is not None else {"name": suggested}
        super().__init__(data, initial={"reach": Reach.MINE, "pinned": True, **start})
        cast("forms.ChoiceField", self.fields["reach"]).choices = [
            (reach.value, reach.label) for reach in _open_to(by, view)
        ]
        if view is not None:
            del self.fields["pinned"]


def _open_to(by: User, view: SavedView | None) -> list[Reach]:
    """Return with whom this person may share a view; as it is now it may stay."""
    found = [
        *([Reach.MINE] if view is None or view.owner_id == by.pk else []),
        *([Reach.TEAM] if by.team_id is not None else []),
        *([Reach.EVERYONE] if can(by, "publish", SavedView) else []),
    ]
    now = Reach(view.reach) if view is not None else None
    return [reach for reach in Reach if reach in found or reach == now]


def suggested_name(state: ListState, currency: str) -> str:
    """Return a name made of what the condition asks for: 「北京、上海 · 高价值」."""
    words = [*_values(state.pieces(currency)), *("、".join(one.words) for one in state.filter.conditions)]
    name = " · ".join(words)
    return name if len(name) <= SavedView.NAME_MAX else ""


def _values(pieces: list[Piece]) -> Iterator[str]:
    for piece in pieces:
        for one in piece.inner or [piece]:
            if one.value and not one.value[:1].isdigit():
                yield one.value
