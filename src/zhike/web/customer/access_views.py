"""「谁能看到这位客户，为什么」, and sharing it with a colleague or a team until a day."""

from __future__ import annotations

from datetime import date, timedelta
from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.accounts.actions.shares import end_share, share_record
from zhike.accounts.models import RoleRight, Share, Team, User
from zhike.accounts.policy import can, get_visible
from zhike.accounts.queries import standing_shares, who_sees
from zhike.base.errors import NotFound
from zhike.base.forms import Form, tell
from zhike.base.htmx import render_page, wants_partial
from zhike.core.errors import ZhikeError
from zhike.customers.models import Customer
from zhike.web.request import Request, local_today

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.http import HttpResponse, QueryDict

    from zhike.accounts.policy import Ground
    from zhike.accounts.queries import Seer

USUAL_DAYS = 14


class ShareForm(Form):
    whom = forms.ChoiceField(label=_("共享给"), error_messages={"required": _("选一位同事或一个团队。")})
    may_write = forms.ChoiceField(
        label=_("可以"), choices=[("", _("只看")), ("1", _("看和修改"))], required=False, widget=forms.RadioSelect
    )
    until = forms.DateField(
        label=_("最后一天"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("过完这一天自动结束；不填就一直有效。"),
    )
    reason = forms.CharField(
        label=_("理由"), max_length=Share.REASON_MAX, error_messages={"required": _("说说为什么共享。")}
    )

    def __init__(self, data: QueryDict | None = None, *, customer: Customer, today: date) -> None:
        super().__init__(data, initial={"until": today + timedelta(days=USUAL_DAYS), "may_write": ""})
        people = User.objects.filter(is_active=True).exclude(pk=customer.owner_id or 0).order_by("name", "pk")
        self.fields["whom"].choices = [  # type: ignore[attr-defined]
            ("", "—"),
            (gettext("同事"), [(f"user:{one.pk}", one.name) for one in people]),
            (gettext("团队"), [(f"team:{one.pk}", one.name) for one in Team.objects.order_by("name")]),
        ]

    @property
    def recipient(self) -> dict[str, User | Team]:
        kind, _colon, pk = self.cleaned_data["whom"].partition(":")
        if kind == "team":
            return {"team": Team.objects.get(pk=pk)}
        return {"user": User.objects.get(pk=pk)}


@require_http_methods(["GET", "HEAD", "POST"])
def customer_access(request: Request, pk: int) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    form = ShareForm(request.POST or None, customer=customer, today=local_today())
    status: int = HTTPStatus.OK if request.method != "POST" else HTTPStatus.UNPROCESSABLE_ENTITY
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            share_record(
                row=customer,
                by=request.user,
                may_write=bool(given["may_write"]),
                until=given["until"],
                reason=given["reason"],
                **form.recipient,  # type: ignore[arg-type]  # one of the two
            )
        except ZhikeError as error:
            if error.status in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}:
                raise
            tell(form, error)
            status = error.status
        else:
            messages.success(request, gettext("已共享"))
            return redirect("web:customer", pk)
    context = {
        "section": "customers",
        "customer": customer,
        "seers": list(_lines(who_sees(customer, customer.owner_id))),
        "shares": standing_shares(customer),
        "may_share": can(request.user, "share", customer),
        "form": form,
        "in_panel": wants_partial(request),
    }
    return render_page(request, "web/customer_access.html", context, partial="panel", status=status)


@require_POST
def share_end(request: Request, pk: int, share: int) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    found = standing_shares(customer).filter(pk=share).first()
    if found is None:
        raise NotFound
    end_share(share=found, by=request.user)
    messages.success(request, gettext("共享已结束"))
    return redirect("web:customer", pk)


def _lines(seers: Sequence[Seer]) -> Iterator[tuple[str, list[User]]]:
    """Yield each reason with the people whom it lets see the customer."""
    for words, found in groupby(seers, key=lambda seer: "、".join(_words(seer, ground) for ground in seer.grounds)):
        yield words, [seer.user for seer in found]


def _words(seer: Seer, ground: Ground) -> str:
    match ground.kind:
        case "owner":
            return gettext("负责人")
        case "share":
            return gettext("共享")
        case "territory":
            return gettext("辖区「%(name)s」") % {"name": ground.name}
        case "all":
            return gettext("角色「%(role)s」看得到全部客户") % {"role": seer.user.role}
        case _:
            scope = RoleRight.Scope(ground.kind).label
            return gettext("角色「%(role)s」看得到%(scope)s客户") % {"role": seer.user.role, "scope": scope}
