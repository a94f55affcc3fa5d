"""What an administrator types about a colleague, and how customers are handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import Team, User
from zhike.accounts.policy import field_access, visible
from zhike.accounts.queries import assignable_owners, assignable_roles
from zhike.base.errors import current_language
from zhike.base.forms import Form
from zhike.classification.rules import rulebook
from zhike.core.errors import ZhikeError
from zhike.customers.models import Customer
from zhike.web.conditions.text import MOST_CHARACTERS
from zhike.web.conditions.written import read_typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import QueryDict

CLASS, FIELD, CONDITION = "class.", "field.", "condition"
# What a line may be about besides a class: customer fields whose values are texts.
FIELDS = {
    "region": _("区域"),
    "city": _("城市"),
    "industry": _("行业"),
    "source": _("来源"),
    "tags": _("标签"),
}
_SETS = frozenset({"tags"})
_EMPTY = _("不分团队")


class _RoleAndTeam(Form):
    name = forms.CharField(label=_("姓名"), max_length=100, error_messages={"required": _("填写姓名。")})
    role = forms.ChoiceField(label=_("角色"))
    team = forms.ModelChoiceField(label=_("团队"), queryset=Team.objects.none(), required=False, empty_label=_EMPTY)

    def __init__(self, data: QueryDict | None = None, *, by: User, initial: Mapping[str, object] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["role"].choices = assignable_roles(by)  # type: ignore[attr-defined]
        self.fields["team"].queryset = visible(by, Team).order_by("name")  # type: ignore[attr-defined]


class InviteForm(_RoleAndTeam):
    email = forms.EmailField(
        label=_("邮箱"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("填写邮箱。"), "invalid": _("这不是一个邮箱地址。")},
    )
    field_order = ("email", "name", "role", "team")

    def __init__(self, data: QueryDict | None = None, *, by: User) -> None:
        roles = [value for value, _label in assignable_roles(by)]
        super().__init__(data, by=by, initial={"role": "sales" if "sales" in roles else None, "team": by.team_id})
        self.order_fields(self.field_order)


class PersonForm(_RoleAndTeam):
    def __init__(self, data: QueryDict | None = None, *, by: User, person: User) -> None:
        start = {"name": person.name, "role": person.role_key, "team": person.team_id}
        super().__init__(data, by=by, initial=start)


class LineForm(Form):
    """One line of a hand-over: who is meant, and to whom they go."""

    what = forms.ChoiceField(label=_("哪些客户"), required=False)
    value = forms.CharField(
        label=_("是"), max_length=100, required=False, widget=forms.TextInput(attrs={"placeholder": _("如：上海")})
    )
    when = forms.CharField(
        label=_("条件"),
        max_length=MOST_CHARACTERS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "class": "form-control zk-code"}),
    )
    to = forms.ModelMultipleChoiceField(
        label=_("交给"),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("选一个人，或者选几个人轮流。")},
    )

    def __init__(self, data: Any, *, by: User, giver: User, prefix: str) -> None:  # noqa: ANN401  a QueryDict or none
        super().__init__(data)
        self.prefix = prefix
        self._by = by
        self._node: object = None
        self.fields["what"].choices = whats(by)  # type: ignore[attr-defined]
        self.fields["to"].queryset = assignable_owners(by).exclude(pk=giver.pk)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if str(given.get("what", "")).startswith(FIELD) and not given.get("value", "").strip():
            self.add_error("value", gettext("写上要找的值。"))
        if given.get("what") == CONDITION:
            try:
                self._node = read_typed(given.get("when", ""), self._by)
            except ZhikeError as error:
                self.add_error("when", error.message(current_language()))
        return given

    def line(self) -> dict[str, Any]:
        """Return the line as a hand-over keeps it."""
        given = self.cleaned_data
        node = self._node if given["what"] == CONDITION else _node(given["what"], given["value"].strip())
        return {"when": node, "to": [person.pk for person in given["to"]]}


def whats(by: User) -> list[tuple[str, Any]]:
    """Return what a line may be about: any condition, everybody left, a class, a field that `by` may read."""
    language = current_language()
    classes = [
        (
            scheme.label.get(language),
            [(f"{CLASS}{scheme.dimension}.{one.key}", one.label.get(language)) for one in scheme.classes],
        )
        for scheme in rulebook().schemes
    ]
    access = field_access(by, Customer)
    fields = [
        (f"{FIELD}{name}", gettext("%(field)s是…") % {"field": label})
        for name, label in FIELDS.items()
        if access.reads(name)
    ]
    return [
        ("", gettext("其余所有客户")),
        (CONDITION, gettext("符合条件的…")),
        *classes,
        *([(gettext("按资料"), fields)] if fields else []),
    ]


def _node(what: str, value: str) -> dict[str, object] | None:
    if what.startswith(CLASS):
        dimension, _dot, key = what.removeprefix(CLASS).partition(".")
        return {"field": f"class.{dimension}", "op": "eq", "value": key}
    if what.startswith(FIELD):
        name = what.removeprefix(FIELD)
        if name in _SETS:
            return {"field": f"customer.{name}", "op": "has_any", "value": [value]}
        return {"field": f"customer.{name}", "op": "eq", "value": value}
    return None
