"""Forms whose inputs wear the style sheet's classes and say which of them is wrong."""

from __future__ import annotations

from typing import Any

from django import forms

_PLAIN = (forms.RadioSelect, forms.CheckboxInput, forms.HiddenInput)


class Form(forms.Form):
    """The form of every page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            widget = field.widget
            if isinstance(widget, forms.Select) and not isinstance(widget, _PLAIN):
                widget.attrs.setdefault("class", "form-select")
            elif not isinstance(widget, _PLAIN):
                widget.attrs.setdefault("class", "form-control")
