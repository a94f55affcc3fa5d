"""What a person types to sign in, to come back after a loss, and to set up their own things."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import Passkey, User
from zhike.accounts.queries import company_zone
from zhike.base.forms import Form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import QueryDict

_AREAS = frozenset({"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"})


def _password_field(label: object, *, is_new: bool, required: str, help_text: object = "") -> forms.CharField:
    return forms.CharField(
        label=label,  # type: ignore[arg-type]  # lazy words
        max_length=256,
        strip=False,
        help_text=help_text,  # type: ignore[arg-type]
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password" if is_new else "current-password"}),
        error_messages={"required": required},
    )


_ADVICE = _("至少 8 个字符。几个不相干的词连起来，好记又难猜。")


class SignInForm(Form):
    email = forms.CharField(
        label=_("邮箱"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username webauthn", "autofocus": True}),
        error_messages={"required": _("填写邮箱。")},
    )
    password = _password_field(_("密码"), is_new=False, required=_("填写密码。"))  # type: ignore[arg-type]


class CodeForm(Form):
    code = forms.CharField(
        label=_("验证码"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
        error_messages={"required": _("填写验证码。")},
    )


class ForgottenForm(Form):
    email = forms.EmailField(
        label=_("邮箱"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
        error_messages={"required": _("填写邮箱。"), "invalid": _("这不是一个邮箱地址。")},
    )


class NewPasswordForm(Form):
    password = _password_field(_("新密码"), is_new=True, required=_("填写新密码。"), help_text=_ADVICE)  # type: ignore[arg-type]


class JoinForm(Form):
    name = forms.CharField(
        label=_("姓名"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("填写姓名。")},
    )
    password = _password_field(_("密码"), is_new=True, required=_("填写密码。"), help_text=_ADVICE)  # type: ignore[arg-type]


class ProveForm(Form):
    password = _password_field(_("密码"), is_new=False, required=_("填写密码。"))  # type: ignore[arg-type]


class ChangePasswordForm(Form):
    present = _password_field(_("现在的密码"), is_new=False, required=_("填写现在的密码。"))  # type: ignore[arg-type]
    password = _password_field(_("新密码"), is_new=True, required=_("填写新密码。"), help_text=_ADVICE)  # type: ignore[arg-type]


class PasskeyForm(Form):
    name = forms.CharField(
        label=_("给它起个名字"),
        max_length=Passkey.NAME_MAX,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("如：办公室电脑、我的手机"), "autocomplete": "off"}),
    )


class SettingsForm(Form):
    language = forms.ChoiceField(label=_("语言"), choices=User.Language, widget=forms.RadioSelect)
    theme = forms.ChoiceField(label=_("外观"), choices=User.Theme, widget=forms.RadioSelect)
    timezone = forms.ChoiceField(
        label=_("我的时区"),
        required=False,
        help_text=_("时刻按我的时区显示。日子、计划和类别按公司的时区算，人人一样。"),
    )
    single_keys = forms.TypedChoiceField(
        label=_("单键快捷键，如 C 新建、/ 搜索"),
        choices=[("True", _("开")), ("False", _("关"))],
        coerce=lambda value: value == "True",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, data: QueryDict | None = None, *, initial: Mapping[str, object] | None = None) -> None:
        super().__init__(data, initial=initial)
        usual = gettext("公司的时区（%(zone)s）") % {"zone": company_zone().key}
        self.fields["timezone"].choices = [("", usual), *((name, name) for name in zones())]  # type: ignore[attr-defined]


@cache
def zones() -> tuple[str, ...]:
    """Return the names of the places that have a zone, without the old ones such as GB or EST."""
    return tuple(sorted(name for name in available_timezones() if name.partition("/")[0] in _AREAS))
