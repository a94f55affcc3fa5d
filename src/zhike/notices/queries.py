"""Reads: a person's notifications and what they have chosen, the bots that they may set up."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, Max, Q

from zhike.accounts.models import Team, User
from zhike.accounts.policy import scope_of, visible
from zhike.accounts.reach import reach_of
from zhike.accounts.rights import Scope
from zhike.classification.models import Notification
from zhike.notices.kinds import Ways, usual
from zhike.notices.models import Channel, Digest, Preference, Rhythm

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import QuerySet


class Pulse(NamedTuple):
    """How many of a person's notifications are unread, and the id of the newest of those; 0 without any."""

    unread: int
    newest: int


def notifications(user: User) -> QuerySet[Notification]:
    """Return the person's own, of the kinds that they want in the page: an administrator reads nobody else's either."""
    off = Preference.objects.filter(user=user, page=False)
    return visible(user, Notification).filter(user=user).exclude(kind__in=off.values("kind"))


def has_unread(user: User) -> bool:
    return notifications(user).filter(read_at=None).exists()


def pulse(user: User) -> Pulse:
    """Return what an open page compares: one small question, to an index of what is unread."""
    found = notifications(user).filter(read_at=None).aggregate(unread=Count("pk"), newest=Max("pk"))
    return Pulse(found["unread"], found["newest"] or 0)


def ways_of(people: Iterable[int]) -> Mapping[int, Mapping[str, Ways]]:
    """Return person → kind → how they hear of it, for the kinds about which they have chosen."""
    chosen: dict[int, dict[str, Ways]] = {}
    for row in Preference.objects.filter(user__in=list(people)):
        chosen.setdefault(row.user_id, {})[row.kind] = Ways(row.page, row.digest, row.channel)
    return chosen


def ways(user: User) -> Mapping[str, Ways]:
    """Return every kind → how this person hears of it."""
    chosen = ways_of([user.pk]).get(user.pk, {})
    return {kind: chosen.get(kind, usual(kind)) for kind in Notification.Kind.values}


def rhythm_of(user: User) -> Rhythm:
    """Return when this person is told of things; before they have chosen, as a new row says."""
    return Rhythm.objects.filter(user=user).first() or Rhythm(user=user)


def last_digest(user: User) -> Digest | None:
    """Return the digest of this person's that was begun last."""
    return visible(user, Digest).filter(user=user).order_by("-day").first()


# --- Bots ---


def led_teams(user: User) -> QuerySet[Team]:
    """Return the teams for which this person may set up bots: those whose people they reach, or all."""
    scope = scope_of(user, "publish", Channel)
    if scope is None:
        return Team.objects.none()
    teams = visible(user, Team)
    if scope is Scope.ALL:
        return teams
    people = reach_of(user).people(scope)
    return teams.filter(Q(leader=user) | Q(members=user) | Q(members__in=people)).distinct()


def channels(user: User) -> QuerySet[Channel]:
    """Return the bots that this person may set up: their own, and those of teams that they lead."""
    mine = Q(user=user) | Q(team__in=led_teams(user).values("pk"))
    return visible(user, Channel).filter(mine).select_related("team")
