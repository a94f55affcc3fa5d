"""Forms whose inputs wear the style sheet's classes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.base.errors import current_language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import QueryDict

    from zhike.core.errors import ZhikeError


# What a page knows by itself is missing or broken: it was opened before the program changed.
STALE = dict.fromkeys(("required", "invalid", "min_value"), _("这一页已经过时，请重新打开再保存。"))


class Form(forms.Form):
    """The form of every page. Without data it is empty, with `initial` values in it."""

    def __init__(self, data: QueryDict | None = None, *, initial: Mapping[str, object] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.dress()

    def dress(self) -> None:
        """Give the inputs their classes; those that are added later are dressed by another call."""
        for field in self.fields.values():
            css = _css(field.widget)
            if css:
                field.widget.attrs.setdefault("class", css)


def tell(form: forms.Form, error: ZhikeError) -> None:
    """Say what an action refused: beside the field that it names, else above the form.

    A form that is part of another one may be named before its field, as in ``contact.phone``.
    """
    said = error.zh if current_language() == "zh" else error.en
    field = error.path if error.path in form.fields else error.path.rpartition(".")[2]
    form.add_error(field if field in form.fields else None, said)


class OnceForm(Form):
    """A form that counts once however often it is sent: its `key` is drawn when it is shown."""

    key = forms.UUIDField(widget=forms.HiddenInput, error_messages=STALE)

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"key": uuid4()})

    def renew_key(self) -> None:
        """Let the person send again what was refused, as an entry of its own."""
        self.data = {**self.data.dict(), "key": str(uuid4())}  # type: ignore[attr-defined]  # a QueryDict


class VersionForm(Form):
    """The version of a record that the person saw before changing it."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput, error_messages=STALE)


def _css(widget: forms.Widget) -> str:
    if isinstance(widget, forms.HiddenInput | forms.RadioSelect | forms.CheckboxSelectMultiple | forms.CheckboxInput):
        return ""
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"
