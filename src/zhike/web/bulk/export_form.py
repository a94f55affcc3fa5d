"""Which form the file has, and which columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.base.forms import Form
from zhike.web.bulk.columns import columns_for
from zhike.web.bulk.export import reach
from zhike.web.bulk.tables import CSV, XLSX

if TYPE_CHECKING:
    from django.http import QueryDict

    from zhike.accounts.models import User
    from zhike.core.text import Language


class ExportForm(Form):
    """The columns of the list are chosen to begin with."""

    form = forms.ChoiceField(
        label=_("文件"),
        choices=[(XLSX, _("Excel 工作簿")), (CSV, "CSV")],
        initial=XLSX,
        widget=forms.RadioSelect,
    )
    columns = forms.MultipleChoiceField(
        label=_("列"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        error_messages={"required": _("选至少一列。")},
    )

    def __init__(self, data: QueryDict | None = None, *, user: User, language: Language) -> None:
        offered = columns_for(user, language)
        super().__init__(data, initial={"columns": [column.key for column in offered if column.is_usual]})
        self.fields["columns"].choices = [(column.key, column.label) for column in offered]  # type: ignore[attr-defined]
        self._user, self._language = user, language

    @property
    def parameters(self) -> dict[str, object]:
        given = self.cleaned_data
        return {
            "form": given["form"],
            "columns": given["columns"],
            "language": self._language,
            "reach": reach(self._user),
        }
