"""What a colleague can take on, when they are away, and how much everybody has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.models import User
from zhike.accounts.policy import can, get_visible, require, scope_of
from zhike.accounts.reach import reach_of
from zhike.accounts.rights import Scope
from zhike.assignment.actions.people import add_absence, remove_absence, set_capacity
from zhike.assignment.loads import load_report
from zhike.assignment.models import Absence, Capacity
from zhike.assignment.queries import absences_of, load_of_people
from zhike.base.errors import Forbidden, current_language
from zhike.base.forms import tell
from zhike.classification.rules import rulebook
from zhike.core.errors import ZhikeError
from zhike.customers.models import Customer
from zhike.web.assignment.forms import AbsenceForm, CapacityForm
from zhike.web.chips import class_chip

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
def assignment_person(request: Request, pk: int) -> HttpResponse:
    """Show what a colleague can take on and when they are away; oneself, or somebody whom one leads."""
    person = get_visible(request.user, User, pk=pk)
    user = request.user
    load = load_of_people([person])[person.pk]
    may_capacity, may_absence = _may_say(user, Capacity, person), _may_say(user, Absence, person)
    if not may_absence and not may_capacity:
        raise Forbidden
    what = request.POST.get("do", "")
    capacity = CapacityForm(request.POST if what == "capacity" else None, capacity=load.capacity)
    absence = AbsenceForm(request.POST if what == "absence" else None, person=person)
    status = 200 if request.method != "POST" else UNPROCESSABLE
    form = {"capacity": capacity, "absence": absence}.get(what)
    if form is not None and form.is_valid():
        try:
            if what == "capacity":
                set_capacity(person=person, by=user, **form.cleaned_data)
            else:
                add_absence(person=person, by=user, **form.cleaned_data)
        except ZhikeError as error:
            tell(form, error)
            status = error.status
        else:
            messages.success(request, gettext("已保存"))
            return redirect("web:assignment_person", pk)
    context = {
        "section": "settings",
        "person": person,
        "is_self": person.pk == user.pk,
        "load": load,
        "capacity": capacity if may_capacity else None,
        "absence": absence if may_absence else None,
        "absences": absences_of(user, person),
        "may_assign": can(user, "assign", Customer),
    }
    return render(request, "web/assignment_person.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def assignment_me(request: Request) -> HttpResponse:
    """Show everybody their own."""
    require(request.user, "change", Absence)
    return assignment_person(request, request.user.pk)


def _may_say(user: User, model: type[Absence | Capacity], person: User) -> bool:
    """Say whether somebody may say this of a colleague: of themselves, or of whom they lead."""
    scope = scope_of(user, "change", model)
    return scope is not None and (scope is Scope.ALL or person.pk in reach_of(user).people(scope))


@require_POST
def absence_remove(request: Request, pk: int) -> HttpResponse:
    found = get_visible(request.user, Absence, pk=pk)
    remove_absence(absence=found, by=request.user)
    messages.success(request, gettext("休假已取消"))
    return redirect("web:assignment_person", found.user_id)


@require_safe
def load_page(request: Request) -> HttpResponse:
    """Show how many customers everybody has, by class of one dimension, against what they can take on."""
    require(request.user, "assign", Customer)
    schemes, language = rulebook().schemes, current_language()
    wanted = request.GET.get("dimension", "")
    scheme = next((one for one in schemes if one.dimension == wanted), schemes[0] if schemes else None)
    classes = scheme.classes if scheme else ()
    rows = load_report(request.user, scheme.dimension if scheme else "")
    context = {
        "section": "settings",
        "dimensions": [(one.dimension, one.label.get(language)) for one in schemes],
        "dimension": scheme.dimension if scheme else "",
        "with_promises": any(row.open or row.broken for row in rows),
        "heads": [class_chip(scheme, one.key, language) for one in classes] if scheme else [],
        "rows": [(row, [row.classes.get(one.key, 0) for one in classes]) for row in rows],
    }
    return render(request, "web/assignment_load.html", context)
