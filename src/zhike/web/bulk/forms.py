"""What a person says of each thing that is done to many customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import User
from zhike.accounts.policy import field_access
from zhike.accounts.queries import assignable_owners
from zhike.base.forms import STALE, Form
from zhike.core.facts import FieldType
from zhike.customers.actions.many import SETTABLE
from zhike.customers.display import column_label
from zhike.customers.models import Customer, CustomField
from zhike.pools.models import Pool, Reason, Stay
from zhike.pools.queries import giveable_pools
from zhike.web.customers.own_fields import TagsField

if TYPE_CHECKING:
    from django.http import QueryDict

    from zhike.core.text import Language

# From here on a slip would be felt by too many: it has to be confirmed.
UNASKED = 200


class CountForm(Form):
    """How many customers the person saw, that they mean all of them, and the key by which this counts once."""

    key = forms.UUIDField(widget=forms.HiddenInput, error_messages=STALE)
    count = forms.IntegerField(min_value=1, widget=forms.HiddenInput, error_messages=STALE)
    confirmed = forms.BooleanField(
        required=False,
        label=_("我确认要一次改这么多客户"),
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def __init__(self, data: QueryDict | None = None, *, size: int = 0) -> None:
        super().__init__(data, initial={"count": size, "key": uuid4()})

    def clean(self) -> dict[str, object]:
        given: dict[str, object] = super().clean() or {}
        count = given.get("count")
        if isinstance(count, int) and count > UNASKED and not given.get("confirmed"):
            self.add_error("confirmed", _("超过 200 位，勾上这一项再做。"))
        return given


class AssignForm(Form):
    """Who shall own them."""

    owner = forms.ModelChoiceField(
        label=_("负责人"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("无人负责"),
        error_messages={"invalid_choice": _("不能把客户交给这个人。")},
    )

    def __init__(self, data: QueryDict | None = None, *, by: User, to: str = "") -> None:
        super().__init__(data, initial={"owner": to or by})
        self.fields["owner"].queryset = assignable_owners(by)  # type: ignore[attr-defined]


ADD, TAKE = "add", "take"


class TagForm(Form):
    """Which tag, added or taken away."""

    tag = forms.CharField(
        label=_("标签"), max_length=Customer.TEXT_MAX, error_messages={"required": _("写下标签的名称。")}
    )
    how = forms.ChoiceField(
        label=_("怎么改"), choices=[(ADD, _("加上")), (TAKE, _("去掉"))], initial=ADD, widget=forms.RadioSelect
    )


class PlanForm(Form):
    """When to be in touch next."""

    day = forms.DateField(
        label=_("下次联系"),
        required=False,
        help_text=_("留空就是不再安排。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("日期写成 2026-12-01 这样。")},
    )


class PoolForm(Form):
    """Which pool, and why."""

    pool = forms.ModelChoiceField(
        label=_("公海"),
        queryset=Pool.objects.none(),
        empty_label=None,
        error_messages={"required": _("选一个公海。"), "invalid_choice": _("你不能放进这个公海。")},
    )
    reason = forms.ModelChoiceField(
        label=_("理由"),
        queryset=Reason.objects.none(),
        empty_label=_("选一个理由"),
        error_messages={"required": _("选一个理由。"), "invalid_choice": _("这个理由已经不用了。")},
    )
    note = forms.CharField(label=_("说明"), max_length=Stay.NOTE_MAX, required=False)

    def __init__(self, data: QueryDict | None = None, *, by: User) -> None:
        super().__init__(data)
        self.fields["pool"].queryset = giveable_pools(by)  # type: ignore[attr-defined]
        self.fields["reason"].queryset = Reason.objects.filter(is_retired=False)  # type: ignore[attr-defined]


class DeleteForm(Form):
    """Nothing to say beside how many."""


class FieldForm(Form):
    """The value for one field, by its type; empty means to empty the field."""

    def __init__(self, data: QueryDict | None = None, *, field: str, language: Language) -> None:
        super().__init__(data)
        made = _own_input(field, language) if field.startswith("custom.") else _input(field)
        made.required = False
        made.label = _("新的值")
        made.help_text = _("留空就是清空。")
        if not isinstance(made.widget, forms.RadioSelect):
            made.widget.attrs["class"] = "form-select" if isinstance(made.widget, forms.Select) else "form-control"
        self.fields["value"] = made


def _date() -> forms.Field:
    return forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("日期写成 2026-12-01 这样。")},
    )


def _input(field: str) -> forms.Field:
    column = Customer._meta.get_field(field)
    choices = getattr(column, "choices", None)
    if choices:
        return forms.ChoiceField(choices=[("", "—"), *choices])
    return _date() if column.get_internal_type() == "DateField" else forms.CharField(max_length=Customer.TEXT_MAX)


def _own_input(field: str, language: Language) -> forms.Field:
    own = CustomField.objects.get(key=field.removeprefix("custom."))
    match FieldType(own.type):
        case FieldType.CHOICE if own.choices:
            return forms.ChoiceField(choices=[("", "—"), *((c["key"], c[language]) for c in own.choices)])
        case FieldType.BOOL:
            return forms.ChoiceField(choices=[("", "—"), ("true", _("是")), ("false", _("否"))])
        case FieldType.DATE:
            return _date()
        case FieldType.SET:
            return TagsField(help_text=_("用逗号隔开。"))
        case _:
            return forms.CharField(max_length=2000)


def settable_fields(user: User, language: Language) -> list[tuple[str, str]]:
    """Return the fields into which this person can put a value for many, with what people call them."""
    access = field_access(user, Customer)
    ours = [(name, column_label(name)) for name in SETTABLE]
    own = [(field.name, field.label(language)) for field in CustomField.objects.all()]
    return [(name, label) for name, label in [*ours, *own] if access.writes(name)]


def shown_value(form: FieldForm) -> str:
    """Return the value as people read it."""
    value, field = form.cleaned_data["value"], form.fields["value"]
    if isinstance(field, forms.ChoiceField):
        return str(dict(cast("list[tuple[str, str]]", field.choices)).get(value, "")) if value else ""
    if isinstance(value, list):
        return "、".join(value)
    return str(value) if value else ""
