"""The page on which a person takes back what they agreed to. It asks nobody to sign in and says nobody's name."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhike.accounts.queries import company
from zhike.accounts.sign_in import remote_address
from zhike.base.errors import current_language
from zhike.base.inputs import Invalid
from zhike.privacy.actions.consents import withdraw_by_link
from zhike.privacy.links import customer_of
from zhike.privacy.queries import agreed

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """Show what was agreed to, and take back what is chosen. Opening the link changes nothing: scanners open links."""
    customer, language = customer_of(token), current_language()
    problem = ""
    if request.method == "POST":
        try:
            withdraw_by_link(
                customer=customer, purposes=request.POST.getlist("purpose"), address=remote_address(request)
            )
        except Invalid as error:
            problem = error.message(language)
        else:
            return redirect("web:withdraw", token)
    rows = [
        {
            "key": one.purpose.key,
            "label": one.purpose.label.get(language),
            "stands": one.state != "withdrawn",
            "words": "" if one.last is None else one.last.text.en if language == "en" else one.last.text.zh,
            "at": None if one.last is None else one.last.at,
        }
        for one in agreed(customer)
    ]
    context = {"rows": rows, "any": any(row["stands"] for row in rows), "problem": problem, "name": company().name}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "web/withdraw.html", context, status=status)
