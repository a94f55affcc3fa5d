"""A note that is corrected or taken back, and the colleagues to whom one speaks in it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.policy import get_visible
from zhike.base.errors import Forbidden
from zhike.base.forms import Form, tell
from zhike.core.errors import ZhikeError
from zhike.customers.actions.notes import NOTE, edit_note, may_edit_note, may_void_note, void_note
from zhike.customers.mentions import callable_colleagues, mentioned
from zhike.customers.models import Customer
from zhike.customers.names import label_lines
from zhike.timeline.models import Event
from zhike.web.customer.forms import TEXT_MAX

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.accounts.models import User
    from zhike.web.request import Request


class NoteForm(Form):
    """What a note says."""

    text = forms.CharField(
        label=_("备注"),
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("写下备注的内容。")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def note_edit(request: Request, pk: int, event_pk: int) -> HttpResponse:
    event = get_visible(request.user, Event, pk=event_pk, customer=pk, kind=NOTE)
    may_edit, may_void = may_edit_note(event, request.user), may_void_note(event, request.user)
    if not (may_edit or may_void):
        raise Forbidden
    form = NoteForm(request.POST or None, initial={"text": event.data.get("text", "")})
    context = {
        "section": "customers",
        "customer": event.customer,
        "event": event,
        "form": form,
        "may_edit": may_edit,
        "may_void": may_void,
    }
    if request.method != "POST":
        return render(request, "web/note_form.html", context)
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        try:
            edit_note(event=event, by=request.user, text=form.cleaned_data["text"])
        except ZhikeError as error:
            tell(form, error)
            status = error.status
        else:
            messages.success(request, gettext("备注已修改"))
            warn_unheard(request, request.user, event.customer, form.cleaned_data["text"])
            return redirect("web:customer", pk)
    return render(request, "web/note_form.html", context, status=status)


@require_POST
def note_void(request: Request, pk: int, event_pk: int) -> HttpResponse:
    event = get_visible(request.user, Event, pk=event_pk, customer=pk, kind=NOTE)
    void_note(event=event, by=request.user)
    messages.success(request, gettext("备注已撤销"))
    return redirect("web:customer", pk)


@require_safe
def colleague_list(request: Request, pk: int) -> HttpResponse:
    """Return whom one can speak to, with what they are found by: name, pinyin and initials."""
    customer = get_visible(request.user, Customer, pk=pk)
    people = [
        {
            "call": one.call,
            "team": str(one.user.team or ""),
            "hint": label_lines(one.user.name, others=[one.user.email]),
            "sees": one.sees,
        }
        for one in callable_colleagues(request.user, customer)
    ]
    return JsonResponse({"people": people})


def warn_unheard(request: Request, by: User, customer: Customer, text: str) -> None:
    """Say who was spoken to and will not hear of it."""
    unheard = mentioned(by, customer, text).unheard
    if unheard:
        names = "、".join(person.name for person in unheard)
        messages.error(request, gettext("%(names)s看不到这位客户，没有通知到") % {"names": names})
