"""What a person types to sign in and to set up their own screen."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import User
from zhike.base.forms import Form


class SignInForm(Form):
    email = forms.CharField(
        label=_("邮箱"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
        error_messages={"required": _("填写邮箱。")},
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("填写密码。")},
    )


class SettingsForm(Form):
    language = forms.ChoiceField(label=_("语言"), choices=User.Language, widget=forms.RadioSelect)
    theme = forms.ChoiceField(label=_("外观"), choices=User.Theme, widget=forms.RadioSelect)
    single_keys = forms.TypedChoiceField(
        label=_("单键快捷键，如 C 新建、/ 搜索"),
        choices=[("True", _("开")), ("False", _("关"))],
        coerce=lambda value: value == "True",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
