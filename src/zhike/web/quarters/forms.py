"""What leaders write about a quarter."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.base.forms import STALE, Form, VersionForm
from zhike.classification.models import QuarterReview


class ReviewForm(Form):
    """Notes and decisions."""

    notes = forms.CharField(
        label=_("看到了什么"),
        required=False,
        max_length=QuarterReview.TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 5, "placeholder": _("哪些标准还管用，哪些不管用了，为什么")}),
    )
    decisions = forms.CharField(
        label=_("决定怎么改"),
        required=False,
        max_length=QuarterReview.TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 5, "placeholder": _("改哪条规则，谁来改，什么时候看结果")}),
    )


class CloseForm(VersionForm):
    """What the person saw before closing: the version of the texts, and that of the figures."""

    findings = forms.IntegerField(min_value=0, widget=forms.HiddenInput, error_messages=STALE)
