"""How complete the records are: by team and person, the worst, and what is missing most often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Sum
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhike.accounts.models import User
from zhike.accounts.policy import visible
from zhike.base.errors import current_language
from zhike.customers.completeness import counted_fields, missing_counts
from zhike.customers.display import Display
from zhike.customers.models import Customer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from zhike.web.request import Request

WORST = 20


@dataclass(frozen=True, slots=True)
class PersonShare:
    """One person's customers; `name` is empty for those whom nobody owns."""

    name: str
    customers: int
    share: int


@dataclass(frozen=True, slots=True)
class TeamShare:
    """A team with its people; the share is that of all their customers together."""

    name: str
    customers: int
    share: int
    people: Sequence[PersonShare]


@dataclass(frozen=True, slots=True)
class Gap:
    """A field and of how many customers it is missing."""

    label: str
    missing: int
    share: int


@require_safe
def completeness(request: Request) -> HttpResponse:
    rows = visible(request.user, Customer)
    worst = rows.select_related("owner").only("name", "city", "kind", "completeness", "owner__name")
    teams = _teams(request.user)
    total = sum(team.customers for team in teams)
    context = {
        "section": "customers",
        "teams": teams,
        "total": total,
        "share": _mean(sum(team.share * team.customers for team in teams), total),
        "worst": worst.order_by("completeness", "pk")[:WORST],
    }
    return render(request, "web/completeness.html", context)


def _teams(user: User) -> list[TeamShare]:
    """Return teams and people, the least complete first, counted from an index alone."""
    counted = visible(user, Customer).order_by().values("owner").annotate(n=Count("pk"), total=Sum("completeness"))
    found = {row["owner"]: (row["n"], row["total"]) for row in counted}
    owners = {u.pk: u for u in User.objects.filter(pk__in=[pk for pk in found if pk]).select_related("team")}
    teams: dict[str, list[tuple[str, int, int]]] = {}
    for pk, (customers, total) in found.items():
        owner = owners.get(pk)
        team = owner.team.name if owner and owner.team else ""
        teams.setdefault(team, []).append((owner.name if owner else "", customers, total))
    made = [_team(name, people) for name, people in teams.items()]
    return sorted(made, key=lambda team: (team.share, team.name))


def _team(name: str, people: Sequence[tuple[str, int, int]]) -> TeamShare:
    customers = sum(n for _name, n, _total in people)
    return TeamShare(
        name,
        customers,
        _mean(sum(total for _name, _n, total in people), customers),
        sorted((PersonShare(who, n, _mean(total, n)) for who, n, total in people), key=lambda p: (p.share, p.name)),
    )


def _mean(total: int, number: int) -> int:
    return (2 * total + number) // (2 * number) if number else 0


@require_safe
def missing(request: Request) -> HttpResponse:
    """Say what is missing most often. It looks at every record, so it comes after the page."""
    fields = counted_fields()
    total, counts = missing_counts(visible(request.user, Customer), fields)
    display = Display(request.user, fields, language=current_language(), currency=request.company.currency)
    gaps = [
        Gap(display.label(name), number, _mean(100 * number, total))
        for name, number in sorted(counts.items(), key=lambda pair: -pair[1])
        if number
    ]
    return render(request, "web/completeness.html#gaps", {"gaps": gaps, "section": "customers"})
