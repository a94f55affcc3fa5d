"""Forms whose inputs wear the style sheet's classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import QueryDict


class Form(forms.Form):
    """The form of every page. Without data it is empty, with `initial` values in it."""

    def __init__(self, data: QueryDict | None = None, *, initial: Mapping[str, object] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}))
        for field in self.fields.values():
            css = _css(field.widget)
            if css:
                field.widget.attrs.setdefault("class", css)


def _css(widget: forms.Widget) -> str:
    if isinstance(widget, forms.HiddenInput | forms.RadioSelect):
        return ""
    return "form-select" if isinstance(widget, forms.Select) else "form-control"
