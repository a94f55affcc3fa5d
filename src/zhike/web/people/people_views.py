"""Everybody who may sign in, and whoever is invited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.actions.invitations import invite, renew_invitation, withdraw_invitation
from zhike.accounts.models import Invitation, User
from zhike.accounts.policy import require, visible
from zhike.accounts.queries import with_second_factor
from zhike.accounts.tasks import ask_for_invitation_letter
from zhike.base.clock import now
from zhike.base.forms import tell
from zhike.base.mail import can_mail, site_of
from zhike.base.paging import Order, key_page
from zhike.core.errors import ZhikeError
from zhike.customers.models import Customer
from zhike.web.people.forms import InviteForm

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from zhike.web.request import Request

UNPROCESSABLE = 422
LEFT = "left"
PAGE = 50
MOST_INVITATIONS = 100


@require_safe
def people(request: Request) -> HttpResponse:
    require(request.user, "change", User)
    return render(request, "web/people.html", _people(request))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invite_person(request: Request) -> HttpResponse:
    """Invite somebody. The link is mailed, or where that cannot be shown this once."""
    require(request.user, "create", User)
    if request.method != "POST":
        return redirect("web:people")
    form = InviteForm(request.POST, by=request.user)
    if not form.is_valid():
        return render(request, "web/people.html", _people(request, form=form), status=UNPROCESSABLE)
    try:
        invitation, token = invite(by=request.user, **form.cleaned_data)
    except ZhikeError as error:
        tell(form, error)
        return render(request, "web/people.html", _people(request, form=form), status=error.status)
    return _hand_out(request, invitation, token)


@never_cache
@require_POST
def invitation_renew(request: Request, pk: int) -> HttpResponse:
    invitation, token = renew_invitation(pk=pk, by=request.user)
    return _hand_out(request, invitation, token)


@require_POST
def invitation_withdraw(request: Request, pk: int) -> HttpResponse:
    email = withdraw_invitation(pk=pk, by=request.user)
    messages.success(request, gettext("给 %(email)s 的邀请已收回，链接不能用了") % {"email": email})
    return redirect("web:people")


def _hand_out(request: Request, invitation: Invitation, token: str) -> HttpResponse:
    if can_mail():
        ask_for_invitation_letter(invitation.pk)
        messages.success(request, gettext("邀请会寄到 %(email)s") % {"email": invitation.email})
        return redirect("web:people")
    link = site_of(request) + reverse("accounts:join_link", args=[token])
    return render(request, "web/people.html", _people(request, link=link, invited=invitation))


def _people(request: Request, *, form: InviteForm | None = None, **more: object) -> dict[str, object]:
    user = request.user
    has_left = request.GET.get("state") == LEFT
    rows = visible(user, User).filter(is_active=not has_left)
    page = key_page(rows, Order("name"), cursor=request.GET.get("page", ""), size=PAGE, columns=_shown)
    invitations = visible(user, Invitation).select_related("team", "role").order_by("-created_at")[:MOST_INVITATIONS]
    return {
        "section": "settings",
        "page": page,
        "has_left": has_left,
        "invitations": [] if has_left else invitations,
        "now": now(),
        "form": form or InviteForm(by=user),
        "opens": form is not None,
        "can_mail": can_mail(),
        **more,
    }


def _shown(rows: QuerySet[User]) -> QuerySet[User]:
    owned = Exists(Customer.objects.filter(owner=OuterRef("pk")))
    return with_second_factor(rows).select_related("team", "role").annotate(owns=owned)
