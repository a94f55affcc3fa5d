"""What an administrator says of a pool, of a rule that takes customers back, and of the reasons."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import Team, User
from zhike.base.errors import current_language
from zhike.base.forms import Form
from zhike.classification.rules import rulebook
from zhike.core.errors import ZhikeError
from zhike.core.metrics import METRICS
from zhike.customers.display import column_label
from zhike.customers.models import CustomField
from zhike.pools.models import Pool, Reason, Rule
from zhike.pools.queries import MASKED, SHOWABLE
from zhike.pools.reclaim import CLOCKS
from zhike.web.conditions.text import MOST_CHARACTERS
from zhike.web.conditions.written import read_optional

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import QueryDict

# How many lines for the most of a class a page offers.
LIMIT_LINES = 5
ALL_BUT_CONTACTS = [*SHOWABLE]


def _condition(label: Any) -> forms.CharField:  # noqa: ANN401  a lazy text
    return forms.CharField(
        label=label, required=False, max_length=MOST_CHARACTERS, widget=forms.Textarea(attrs={"rows": 4})
    )


def as_text(condition: object) -> str:
    """Return a stored condition as the form holds it."""
    return "" if condition is None else json.dumps(condition, ensure_ascii=False)


class Conditioned(Form):
    """A form with conditions, each read by the rights of whoever writes it."""

    conditions: tuple[str, ...] = ()

    def __init__(self, data: QueryDict | None, *, by: User, initial: Mapping[str, object]) -> None:
        super().__init__(data, initial=initial)
        self._by = by

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for name in self.conditions:
            try:
                given[name] = read_optional(given.get(name, ""), self._by)
            except ZhikeError as error:
                self.add_error(name, error.message(current_language()))
        return given


class PoolForm(Conditioned):
    """All that is said of a pool."""

    conditions = ("condition",)

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("名称"), max_length=Pool.NAME_MAX, error_messages={"required": _("给公海起个名字。")}
    )
    teams = forms.ModelMultipleChoiceField(
        label=_("团队（连同下级团队）"),
        queryset=Team.objects.order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    users = forms.ModelMultipleChoiceField(
        label=_("成员"),
        queryset=User.objects.filter(is_active=True).order_by("name", "pk"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    condition = _condition(_("谁可以放进来"))
    quota = forms.IntegerField(
        label=_("每人每天最多领取"),
        min_value=1,
        max_value=Pool.NUMBER_MAX,
        required=False,
        help_text=_("不填就不限。"),
    )
    protection_days = forms.IntegerField(
        label=_("保护期（天）"),
        min_value=0,
        max_value=Pool.NUMBER_MAX,
        initial=0,
        help_text=_("退回或被收回的人，这么多天里不能再领同一位客户。"),
    )
    rank_by = forms.ChoiceField(
        label=_("挑最好的，按"), required=False, help_text=_("「领一位最好的」先给这个维度里最高的类别。")
    )
    shown = forms.MultipleChoiceField(label=_("领取前看得到"), required=False, widget=forms.CheckboxSelectMultiple)
    is_closed = forms.BooleanField(label=_("停用：不再放入，也不再领取"), required=False)

    def __init__(self, data: QueryDict | None, *, by: User, pool: Pool | None) -> None:
        super().__init__(data, by=by, initial=_initial(pool))
        language = current_language()
        schemes = rulebook().schemes
        self.fields["rank_by"].choices = [  # type: ignore[attr-defined]
            ("", gettext("不分高低，先来先领")),
            *((scheme.dimension, scheme.label.get(language)) for scheme in schemes),
        ]
        own = [(field.name, field.label(language)) for field in CustomField.objects.filter(retired_at=None)]
        self.fields["shown"].choices = [  # type: ignore[attr-defined]
            *((name, column_label(name)) for name in SHOWABLE),
            *((name, gettext("%(field)s（遮盖）") % {"field": column_label(name)}) for name in MASKED),
            *own,
        ]
        classes = [
            (
                scheme.label.get(language),
                [(f"{scheme.dimension}.{one.key}", one.label.get(language)) for one in scheme.classes],
            )
            for scheme in schemes
        ]
        held = [*pool.limits.all()] if pool else []
        for place in range(max(LIMIT_LINES, len(held) + 1)):
            one = held[place] if place < len(held) else None
            self.fields[f"class{place}"] = forms.ChoiceField(
                label=_("类别"),
                choices=[("", "—"), *classes],
                required=False,
                initial=f"{one.dimension}.{one.class_key}" if one else "",
            )
            self.fields[f"most{place}"] = forms.IntegerField(
                label=_("最多"),
                min_value=0,
                max_value=Pool.NUMBER_MAX,
                required=False,
                initial=one.most if one else None,
            )
        self.dress()

    @property
    def lines(self) -> list[tuple[Any, Any]]:
        """Return the inputs of each limit: its class and its number."""
        places = [name.removeprefix("class") for name in self.fields if name.startswith("class")]
        return [(self[f"class{place}"], self[f"most{place}"]) for place in places]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        limits: dict[tuple[str, str], int] = {}
        for name in [name for name in self.fields if name.startswith("class")]:
            key, most = given.pop(name, ""), given.pop(f"most{name.removeprefix('class')}", None)
            if bool(key) != (most is not None):
                self.add_error(name, gettext("类别和数目要一起写。"))
            elif key:
                dimension, _dot, class_key = key.partition(".")
                limits[dimension, class_key] = most
        return {**given, "limits": limits}


def _initial(pool: Pool | None) -> dict[str, object]:
    if pool is None:
        return {"shown": ALL_BUT_CONTACTS, "protection_days": 0, "version": 0}
    columns = ("name", "quota", "protection_days", "rank_by", "shown", "is_closed", "version")
    return {
        **{name: getattr(pool, name) for name in columns},
        "condition": as_text(pool.condition),
        "users": pool.users.values_list("pk", flat=True),
        "teams": pool.teams.values_list("pk", flat=True),
    }


class RuleForm(Conditioned):
    """All that is said of a rule."""

    conditions = ("condition", "exception")

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("名称"), max_length=Rule.NAME_MAX, error_messages={"required": _("给规则起个名字。")}
    )
    condition = _condition(_("适用于"))
    clock = forms.ChoiceField(label=_("计时"))
    days = forms.IntegerField(label=_("满多少天收回"), min_value=1, max_value=Rule.DAYS_MAX, initial=30)
    warn_days = forms.IntegerField(
        label=_("提前几天提醒"),
        min_value=0,
        max_value=Rule.DAYS_MAX,
        initial=7,
        help_text=_("0 就不提醒。提醒没发到，就不收回。"),
    )
    exception = _condition(_("例外"))
    pool = forms.ModelChoiceField(
        label=_("回到哪个公海"),
        queryset=Pool.objects.all(),
        empty_label=None,
        error_messages={"required": _("先建一个公海。")},
    )

    def __init__(self, data: QueryDict | None, *, by: User, rule: Rule | None) -> None:
        columns = ("name", "clock", "days", "warn_days", "pool", "version")
        start = {name: getattr(rule, name) for name in columns} if rule else {"version": 0}
        if rule is not None:
            start |= {"condition": as_text(rule.condition), "exception": as_text(rule.exception)}
        super().__init__(data, by=by, initial=start)
        language = current_language()
        self.fields["clock"].choices = [(key, METRICS[key].label.get(language)) for key in CLOCKS]  # type: ignore[attr-defined]
        self.fields["clock"].initial = "days_since_contact_made"


class ReasonsForm(Form):
    """The reasons, one a line."""

    reasons = forms.CharField(
        label=_("理由，一行一个"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={"required": _("至少留一个理由。")},
    )

    def __init__(self, data: QueryDict | None, *, reasons: Sequence[Reason]) -> None:
        super().__init__(data, initial={"reasons": "\n".join(reason.label for reason in reasons)})
