"""设置 → 字段: the company's own fields under their headings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.policy import can, get_visible, require, visible
from zhike.base.errors import NotFound, current_language
from zhike.base.forms import tell
from zhike.core.errors import ZhikeError
from zhike.customers.actions.fields import (
    add_field,
    add_section,
    change_field,
    change_section,
    delete_field,
    delete_section,
    order_fields,
    order_sections,
    retire_field,
)
from zhike.customers.fields import KINDS_BY_KEY, all_fields, filled, kind_of, uses_of
from zhike.customers.models import CustomField, FieldSection
from zhike.web.fields.forms import FieldForm, SectionForm, kind_label, kinds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zhike.web.request import Request

UNPROCESSABLE = 422
NO_CONTENT = 204


@dataclass(frozen=True, slots=True)
class Line:
    """One field of the list."""

    field: CustomField
    label: str
    kind: str
    icon: str


@dataclass(frozen=True, slots=True)
class Group:
    """A heading with its fields; the first group has none."""

    section: FieldSection | None
    label: str
    lines: list[Line]


@require_safe
def field_list(request: Request) -> HttpResponse:
    require(request.user, "change", CustomField)
    return _list(request, SectionForm())


def _list(request: Request, form: SectionForm, status: int = 200) -> HttpResponse:
    fields = list(all_fields())
    context = {
        "section": "settings",
        "groups": _groups(fields, visible(request.user, FieldSection)),
        "retired": [_line(field) for field in fields if field.is_retired],
        "kinds": kinds(),
        "form": form,
    }
    return render(request, "web/fields.html", context, status=status)


def _groups(fields: list[CustomField], sections: Iterable[FieldSection]) -> list[Group]:
    groups: dict[int | None, Group] = {None: Group(None, "", [])}
    groups |= {section.pk: Group(section, section.label(current_language()), []) for section in sections}
    for field in fields:
        if not field.is_retired:
            groups[field.section_id].lines.append(_line(field))
    return list(groups.values())


def _line(field: CustomField) -> Line:
    return Line(field, field.label(current_language()), kind_label(field), kind_of(field).icon)


@require_http_methods(["GET", "HEAD", "POST"])
def field_new(request: Request, kind: str) -> HttpResponse:
    require(request.user, "create", CustomField)
    if kind not in KINDS_BY_KEY:
        raise NotFound
    chosen = KINDS_BY_KEY[kind]
    form = FieldForm(request.POST or None, by=request.user, currency=request.company.currency, field_kind=chosen)
    if request.method == "POST" and form.is_valid():
        try:
            field = add_field(field_kind=chosen, by=request.user, **form.given())
        except ZhikeError as error:
            tell(form, error)
        else:
            messages.success(request, gettext("字段「%(name)s」已添加") % {"name": field.label(current_language())})
            return redirect("web:fields")
    context = {"section": "settings", "form": form, "kind": chosen, "kind_label": chosen.label.get(current_language())}
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "web/field_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def field_edit(request: Request, pk: int) -> HttpResponse:
    require(request.user, "change", CustomField)
    field = get_visible(request.user, CustomField, pk=pk)
    form = FieldForm(
        request.POST or None,
        by=request.user,
        currency=request.company.currency,
        field_kind=kind_of(field),
        field=field,
    )
    if request.method == "POST" and form.is_valid():
        try:
            change_field(field=field, by=request.user, **form.given())
        except ZhikeError as error:
            tell(form, error)
        else:
            messages.success(request, gettext("字段「%(name)s」已保存") % {"name": form.cleaned_data["label_zh"]})
            return redirect("web:fields")
    context = {
        "section": "settings",
        "form": form,
        "kind": kind_of(field),
        "kind_label": kind_label(field),
        "field": field,
        "field_label": field.label(current_language()),
        "uses": _uses(field),
        "filled": filled(field),
        "may_delete": can(request.user, "delete", CustomField),
    }
    return render(request, "web/field_form.html", context, status=UNPROCESSABLE if request.method == "POST" else 200)


def _uses(field: CustomField) -> list[tuple[str, str]]:
    return [(use.get(current_language()), use.url) for use in uses_of(field.name)]


@require_POST
def field_retire(request: Request, pk: int) -> HttpResponse:
    require(request.user, "change", CustomField)
    field = get_visible(request.user, CustomField, pk=pk)
    is_retired = request.POST.get("is_retired") == "yes"
    retire_field(field=field, is_retired=is_retired, by=request.user)
    name = {"name": field.label(current_language())}
    messages.success(
        request,
        gettext("「%(name)s」已停用，填过的内容还在") % name if is_retired else gettext("「%(name)s」已启用") % name,
    )
    return redirect("web:field", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def field_delete(request: Request, pk: int) -> HttpResponse:
    require(request.user, "delete", CustomField)
    field = get_visible(request.user, CustomField, pk=pk)
    if request.method == "POST":
        delete_field(field=field, by=request.user)
        messages.success(request, gettext("字段「%(name)s」已删除") % {"name": field.label(current_language())})
        return redirect("web:fields")
    context = {
        "section": "settings",
        "field": field,
        "field_label": field.label(current_language()),
        "filled": filled(field),
        "uses": _uses(field),
    }
    return render(request, "web/field_delete.html", context)


@require_POST
def field_order(request: Request) -> HttpResponse:
    """Put the fields of a heading in the order in which they were dragged, or one a step up or down."""
    require(request.user, "change", CustomField)
    number = request.POST.get("section", "")
    section = get_visible(request.user, FieldSection, pk=int(number)) if number.isdecimal() else None
    keys = request.POST.getlist("key")
    if step := {"up": -1, "down": 1}.get(request.POST.get("step", "")):
        keys = _stepped(request.POST.get("moved", ""), section, step)
    order_fields(keys=keys, section=section, by=request.user)
    if step:
        return redirect("web:fields")
    return HttpResponse(status=NO_CONTENT)


def _stepped(key: str, section: FieldSection | None, step: int) -> list[str]:
    keys = [field.key for field in all_fields() if not field.is_retired and field.section == section]
    if key in keys:
        at = keys.index(key)
        keys.insert(max(0, at + step), keys.pop(at))
    return keys


@require_POST
def section_new(request: Request) -> HttpResponse:
    require(request.user, "change", CustomField)
    form = SectionForm(request.POST)
    if not form.is_valid():
        return _list(request, form, UNPROCESSABLE)
    add_section(label=form.label(), by=request.user)
    return redirect("web:fields")


@require_http_methods(["GET", "HEAD", "POST"])
def section_edit(request: Request, pk: int) -> HttpResponse:
    """Rename a heading, move it a step, or take it away; its fields stay."""
    require(request.user, "change", CustomField)
    found = get_visible(request.user, FieldSection, pk=pk)
    start = {"label_zh": found.label_zh, "label_en": found.label_en}
    form = SectionForm(request.POST or None, initial=start)
    if request.method == "POST":
        done = _section_act(request, found, request.POST.get("act", ""), form)
        if done:
            return redirect("web:fields")
    context = {"section": "settings", "form": form, "heading": found.label(current_language()), "found": found}
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "web/field_section.html", context, status=status)


def _section_act(request: Request, found: FieldSection, act: str, form: SectionForm) -> bool:
    if act == "delete":
        delete_section(section=found, by=request.user)
    elif act in {"up", "down"}:
        ids = list(visible(request.user, FieldSection).values_list("pk", flat=True))
        at = ids.index(found.pk)
        ids.insert(max(0, at + (1 if act == "down" else -1)), ids.pop(at))
        order_sections(ids=ids, by=request.user)
    elif form.is_valid():
        change_section(section=found, label=form.label(), by=request.user)
    else:
        return False
    return True
