"""What is typed of when one is told of things, and of a bot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import Team, User
from zhike.base.forms import STALE, Form
from zhike.classification.models import Notification
from zhike.notices.actions.channels import SECRET_MAX
from zhike.notices.bots import ADDRESS_MAX
from zhike.notices.kinds import USUAL
from zhike.notices.models import Channel, Rhythm
from zhike.notices.parts import LABELS
from zhike.notices.queries import led_teams

if TYPE_CHECKING:
    from django.http import QueryDict

    from zhike.notices.actions.channels import ChannelFields


def clock_input() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class RhythmForm(Form):
    """When one is told of things."""

    digest = forms.ChoiceField(label=_("邮件摘要"), choices=Rhythm.Days)
    digest_at = forms.TimeField(label=_("几点发"), widget=clock_input())
    groups = forms.MultipleChoiceField(
        label=_("摘要里有"), choices=list(LABELS.items()), required=False, widget=forms.CheckboxSelectMultiple
    )
    quiet_from = forms.TimeField(label=_("免打扰从"), required=False, widget=clock_input())
    quiet_until = forms.TimeField(
        label=_("到"),
        required=False,
        widget=clock_input(),
        help_text=_("这段时间什么都不发，过后再发。都空着就是不要。"),
    )

    def __init__(self, data: QueryDict | None = None, *, rhythm: Rhythm) -> None:
        names = ("digest", "digest_at", "quiet_from", "quiet_until")
        start: dict[str, object] = {name: getattr(rhythm, name) for name in names}
        start["groups"] = [group for group in LABELS if group not in rhythm.left_out]
        super().__init__(data, initial=start)

    def given(self) -> dict[str, Any]:
        found = dict(self.cleaned_data)
        groups = found.pop("groups")
        return {**found, "left_out": [group for group in LABELS if group not in groups]}


class ChannelForm(Form):
    """A bot. Of one that there is neither its address nor its secret is shown again."""

    kind = forms.ChoiceField(label=_("哪一家"), choices=Channel.Kind)
    name = forms.CharField(
        label=_("名称"), max_length=Channel.NAME_MAX, error_messages={"required": _("写下名称，如「华东销售群」。")}
    )
    team = forms.ModelChoiceField(
        label=_("替谁说"), queryset=Team.objects.none(), required=False, empty_label=_("只替我自己")
    )
    address = forms.CharField(
        label=_("机器人的地址（Webhook）"),
        max_length=ADDRESS_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("从群里的机器人那里复制地址。")},
    )
    secret = forms.CharField(
        label=_("加签的密钥"),
        max_length=SECRET_MAX,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("钉钉、飞书的「加签」或「签名校验」；没有开就空着。企业微信没有。"),
    )
    clears_secret = forms.BooleanField(label=_("不再加签"), required=False)
    shows_names = forms.BooleanField(
        label=_("写出客户的名字和同事写的话"),
        required=False,
    )
    kinds = forms.MultipleChoiceField(
        label=_("说哪些"), choices=Notification.Kind, required=False, widget=forms.CheckboxSelectMultiple
    )
    language = forms.ChoiceField(label=_("语言"), choices=User.Language, required=False)
    quiet_from = forms.TimeField(label=_("免打扰从"), required=False, widget=clock_input())
    quiet_until = forms.TimeField(label=_("到"), required=False, widget=clock_input())
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput, error_messages=STALE, required=False)

    def __init__(self, data: QueryDict | None = None, *, by: User, channel: Channel | None = None) -> None:
        usual = [kind for kind, ways in USUAL.items() if ways.channel]
        start: dict[str, object] = {"kinds": usual, "language": by.language}
        source = channel or Channel()
        names = ("kind", "name", "shows_names", "quiet_from", "quiet_until", "version")
        start |= {name: getattr(source, name) for name in names}
        if channel:
            start |= {"kinds": channel.kinds, "language": channel.language}
        super().__init__(data, initial=start)
        teams = led_teams(by).order_by("name")
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        if channel:
            del self.fields["team"]
            self.fields["address"].required = False
            self.fields["address"].widget.attrs["placeholder"] = f"https://{channel.host}/…"
            self.fields["address"].help_text = _("不改就空着：存下的地址不再显示。")
        else:
            del self.fields["clears_secret"]
            if not teams.exists():
                del self.fields["team"]
        if (channel and channel.user_id) or ("team" not in self.fields and not channel):
            for name in ("kinds", "language", "quiet_from", "quiet_until"):
                del self.fields[name]

    def given(self) -> ChannelFields:
        found: Any = self.cleaned_data
        return {
            "kind": found["kind"],
            "name": found["name"],
            "address": found["address"],
            "secret": found["secret"],
            "clears_secret": found.get("clears_secret", False),
            "shows_names": found["shows_names"],
            "kinds": found.get("kinds", []),
            "language": found.get("language") or User.Language.CHINESE,
            "quiet_from": found.get("quiet_from"),
            "quiet_until": found.get("quiet_until"),
        }
