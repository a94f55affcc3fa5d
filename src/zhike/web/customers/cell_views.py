"""One cell of the list changed where it stands: the input for it, and the row as it came out.

What a rule makes of the change is in the answer too: classes follow in the same transaction.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from django import forms
from django.http import JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from zhike.accounts.models import User
from zhike.accounts.policy import get_visible, require, visible
from zhike.accounts.queries import assignable_owners
from zhike.base.errors import Conflict, NotFound, current_language
from zhike.base.forms import VersionForm
from zhike.base.inputs import Invalid
from zhike.base.templatetags.zhike import day, weekday
from zhike.core.day_words import parse_day
from zhike.core.errors import ZhikeError
from zhike.core.facts import FieldType
from zhike.customers.actions.customers import update_customer
from zhike.customers.models import Customer
from zhike.web.customers.columns import CUSTOM, EDITED, needs
from zhike.web.customers.own_fields import TagsField
from zhike.web.customers.rows import make_rows, with_columns
from zhike.web.customers.state import open_list
from zhike.web.customers.views import drawing
from zhike.web.request import Request, local_today

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpResponse

    from zhike.customers.actions.customers import CustomerFields
    from zhike.web.customers.columns import Column
    from zhike.web.customers.state import ListState

DAYS = frozenset({"birthday", "created_on", "next_contact_on"})
CHOICES = {"kind": Customer.Kind.choices, "size": Customer.Size.choices}


@require_http_methods(["GET", "HEAD", "POST"])
def cell(request: Request, pk: int) -> HttpResponse:
    """Return the input of one cell (`?column=`); with what was typed, the row as it stands now."""
    state = open_list(request)
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "change", customer)
    found = state.known.get(request.GET.get("column", ""))
    if found is None or not found.edits:
        raise NotFound
    if request.method != "POST":
        return _input(request, customer, found)
    version = VersionForm(request.POST)
    text = request.POST.get("value", "")
    try:
        if not version.is_valid():
            raise Invalid("这一页已经过时，请重新打开再保存", "this page is out of date: open it again before you save")
        given = _read(found, text, request.user, local_today())
        update_customer(customer=customer, by=request.user, **version.cleaned_data, **cast("CustomerFields", given))
    except ZhikeError as error:
        return _input(request, customer, found, typed=text, error=error, status=error.status)
    return _row(request, state, pk)


def _row(request: Request, state: ListState, pk: int) -> HttpResponse:
    """Draw the row anew. A customer who is no longer this person's has none."""
    by = drawing(request, state)
    rows = with_columns(visible(request.user, Customer).filter(pk=pk), wanted=needs(state.columns))
    drawn = make_rows(request.user, list(rows), by)
    context = {"row": drawn[0] if drawn else None, "may_edit": True, "may_override": request.GET.get("pick") == "1"}
    return render(request, "web/customer_row.html" if drawn else "web/customer_row_gone.html", context)


def _input(
    request: Request,
    customer: Customer,
    column: Column,
    *,
    typed: str | None = None,
    error: ZhikeError | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = {
        "customer": customer,
        "column": column,
        "kind": _kind(column),
        "options": _options(column, customer, request.user),
        "value": _written(column, customer) if typed is None else typed,
        "error": error.message(current_language()) if error else "",
        "is_conflict": isinstance(error, Conflict),
    }
    return render(request, "web/customer_cell.html", context, status=status)


def _kind(column: Column) -> str:
    """Return by what kind of input a cell is changed: a line of text, a choice or a day."""
    name = EDITED.get(column.key, "")
    if name in DAYS:
        return "day"
    if name in CHOICES or name == "owner":
        return "choice"
    type_ = column.field.type if column.field else FieldType.TEXT
    if type_ is FieldType.DATE:
        return "day"
    return "choice" if type_ is FieldType.BOOL or (type_ is FieldType.CHOICE and column.field.choices) else "text"  # type: ignore[union-attr]


def _options(column: Column, customer: Customer, user: User) -> list[tuple[str, str]]:
    name = EDITED.get(column.key, "")
    if name == "owner":
        people = assignable_owners(user)
        if customer.owner_id:
            people = people | User.objects.filter(pk=customer.owner_id)
        return [("", gettext("无人负责")), *((str(one.pk), one.name) for one in people.distinct())]
    if name in CHOICES:
        return [("", "—"), *((value, str(label)) for value, label in CHOICES[name] if value)]
    if column.field is None:
        return []
    if column.field.type is FieldType.BOOL:
        return [("", "—"), ("true", gettext("是")), ("false", gettext("否"))]
    language = current_language()
    return [("", "—"), *((key, label.get(language)) for key, label in (column.field.choices or {}).items())]


def _written(column: Column, customer: Customer) -> str:
    """Return the value as a person would type it."""
    if column.key.startswith(CUSTOM):
        value = customer.custom.get(column.key.removeprefix(CUSTOM))
        if isinstance(value, bool):
            return "true" if value else "false"
    else:
        name = EDITED[column.key]
        value = customer.owner_id if name == "owner" else getattr(customer, name)
    if isinstance(value, list):
        return "，".join(value)
    return "" if value is None else str(value)


def _read(column: Column, text: str, user: User, today: date) -> dict[str, object]:
    """Return what an action is given for what was typed."""
    if column.key.startswith(CUSTOM):
        assert column.field is not None
        value: object = text
        if column.field.type is FieldType.DATE:
            value = _day(text, today)
        elif column.field.type is FieldType.SET:
            value = TagsField(required=False).clean(text)
        return {"custom": {column.key.removeprefix(CUSTOM): value}}
    name = EDITED[column.key]
    if name == "owner":
        return {"owner": _owner(text, user)}
    if name == "tags":
        return {"tags": _tags(text)}
    return {name: _day(text, today) if name in DAYS else text}


def _tags(text: str) -> list[str]:
    try:
        return TagsField(required=False, max_length=1000).clean(text)
    except forms.ValidationError as error:
        raise Invalid("标签太长：最多 1,000 个字符", "the tags are too long: at most 1,000 characters") from error


def _owner(text: str, user: User) -> User | None:
    if not text:
        return None
    found = visible(user, User).filter(pk=int(text)).first() if text.isascii() and text.isdigit() else None
    if found is None and text.isascii() and text.isdigit():
        found = assignable_owners(user).filter(pk=int(text)).first()
    if found is None:
        raise Invalid("不能把客户交给这个人", "a customer cannot be given to this person")
    return found


def _day(text: str, today: date) -> date | None:
    if not text.strip():
        return None
    found = parse_day(text, today)
    if found is None:
        raise Invalid(
            "看不懂这个日期。可以写：明天、下周三、+3、12-1、2026-12-01",
            "This day cannot be read. Write: tomorrow, next Wed, +3, 12-1, 2026-12-01",
        )
    return found


@require_safe
def day_words(request: Request) -> HttpResponse:
    """Return the day that somebody is typing, so that they see it before they save."""
    found = parse_day(request.GET.get("text", ""), local_today())
    if found is None:
        return JsonResponse({"day": None})
    said, iso, name = day(found), found.isoformat(), weekday(found)
    exact = f"{iso} {name}"
    return JsonResponse({"day": iso, "said": exact if said == iso or name in said else f"{said} · {exact}"})
