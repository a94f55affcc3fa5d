"""分类工作室: the dimensions and their published rules, as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from zhike.accounts.policy import can
from zhike.base.errors import NotFound, current_language
from zhike.classification.candidates import draft_fields, read_version
from zhike.classification.models import Publication, Sweep
from zhike.classification.models import Scheme as SchemeRow
from zhike.classification.queries import class_sizes, draft_of, get_dimension, idle_classes, versions_of
from zhike.classification.rules import rulebook
from zhike.core.conditions.describe import Writer
from zhike.core.errors import ZhikeError
from zhike.web.classes.cards import dimension_card
from zhike.web.classes.compare import compare
from zhike.web.classes.forms import OwnerForm
from zhike.web.classes.side import label_of, read_side
from zhike.web.classes.versions import version_rows

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.classification.models import Scheme, SchemeVersion
    from zhike.classification.rules import Rulebook
    from zhike.web.request import Request


def studio(request: Request, scheme: Scheme | None = None) -> dict[str, object]:
    """Return what every page of the studio shows: the left column, and the tabs of a dimension."""
    language = current_language()
    context: dict[str, object] = {
        "section": "classes",
        "side": read_side(request.user, language),
        "sweep": Sweep.objects.filter(finished_at__isnull=False).first(),
    }
    if scheme is None:
        return context
    draft = draft_of(request.user, scheme)
    version = draft or scheme.current or scheme.versions.order_by("-number").first()
    open_states = [Publication.State.SCHEDULED, Publication.State.PREPARING, Publication.State.SETTLING]
    running = Publication.objects.filter(versions__scheme=scheme, state__in=open_states).first()
    return context | {
        "scheme": scheme,
        "dimension": scheme.dimension,
        "title": (label_of(version.data, language) if version else "") or scheme.dimension,
        "draft": draft,
        "running": running,
        "following": (version.number if version else 0) + 1,
    }


@require_safe
def class_list(request: Request) -> HttpResponse:
    rules, language = rulebook(), current_language()
    writer = Writer(language, rules.fields, request.company.currency)
    sizes = class_sizes(request.user)
    dimensions = [
        dimension_card(scheme, rules.versions[scheme.dimension].number, writer, sizes.get(scheme.dimension, {}))
        for scheme in rules.schemes
    ]
    broken = [(dimension, error.message(language)) for dimension, error in rules.broken.items()]
    context = {**studio(request), "dimensions": dimensions, "broken": broken}
    return render(request, "web/classes.html", context)


@require_safe
def dimension_page(request: Request, dimension: str) -> HttpResponse:
    """Show the rules in force, their versions, and what there is to say about them."""
    scheme = get_dimension(request.user, dimension)
    rules, language = rulebook(), current_language()
    broken = rules.broken.get(dimension)
    context = {
        **studio(request, scheme),
        "tab": "published",
        "card": _published(request, rules, dimension),
        "broken": broken.message(language) if broken else "",
        "idle": _idle(request, scheme, rules),
        "versions": version_rows(versions_of(request.user, scheme), scheme),
        "owner_form": OwnerForm(scheme=scheme),
    }
    return render(request, "web/dimension.html", context)


def _published(request: Request, rules: Rulebook, dimension: str) -> object:
    """Return the rules in force as cards; None while nothing is in force or nothing can be read."""
    if dimension not in rules.versions or dimension in rules.broken:
        return None
    writer = Writer(current_language(), rules.fields, request.company.currency)
    sizes = class_sizes(request.user, dimension).get(dimension, {})
    return dimension_card(rules.scheme(dimension), rules.versions[dimension].number, writer, sizes)


def _idle(request: Request, scheme: Scheme, rules: Rulebook) -> str:
    """Return the names of classes that nobody needs, for those who may change that."""
    if scheme.current is None or scheme.dimension in rules.broken or not can(request.user, "change", SchemeRow):
        return ""
    found = idle_classes(rules.scheme(scheme.dimension), scheme.current)
    return gettext("、").join(class_.label.get(current_language()) for class_ in found)


@require_safe
def compare_versions(request: Request, dimension: str) -> HttpResponse:
    """Show two versions beside each other: without more, the draft or the newest with the one before."""
    scheme = get_dimension(request.user, dimension)
    draft = draft_of(request.user, scheme)
    versions = [*([draft] if draft else []), *versions_of(request.user, scheme)]
    old, new = _chosen(versions, request.GET.get("old", ""), request.GET.get("new", ""))
    context = {**studio(request, scheme), "tab": "compare", "versions": versions, "old": old, "new": new}
    if old is not None and new is not None:
        writer = Writer(current_language(), draft_fields(), request.company.currency)
        try:
            context["comparison"] = compare(read_version(old), read_version(new), writer)
        except ZhikeError as error:
            context["problem"] = error.message(current_language())
    return render(request, "web/compare.html", context)


def _chosen(versions: list[SchemeVersion], old: str, new: str) -> tuple[SchemeVersion | None, SchemeVersion | None]:
    """Return the two versions that the address names; any other number is no page."""
    by_number = {str(version.number): version for version in versions}
    if any(number and number not in by_number for number in (old, new)):
        raise NotFound
    newest = by_number[new] if new else next(iter(versions), None)
    before = [version for version in versions if newest is not None and version.number < newest.number]
    return (by_number[old] if old else next(iter(before), None)), newest
