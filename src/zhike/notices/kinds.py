"""By which ways people hear of each kind of notification unless they choose otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zhike.classification.models import Notification

if TYPE_CHECKING:
    from collections.abc import Mapping


class Ways(NamedTuple):
    """Whether one hears of a kind in the page, in the digest by e-mail, and by a bot."""

    page: bool
    digest: bool
    channel: bool


_EVERYWHERE = Ways(page=True, digest=True, channel=True)
_READ = Ways(page=True, digest=True, channel=False)
_PAGE = Ways(page=True, digest=False, channel=False)

# What cannot wait until tomorrow goes to a bot. What has a group of its own in the digest is not told twice there.
USUAL: Mapping[str, Ways] = {
    Notification.Kind.CHANGED: _READ,
    Notification.Kind.WARNING: _READ,
    Notification.Kind.FEEDBACK: _PAGE,
    Notification.Kind.ANSWERED: _READ,
    Notification.Kind.RULES: _READ,
    Notification.Kind.JOB: _PAGE,
    Notification.Kind.REVEALS: _EVERYWHERE,
    Notification.Kind.MENTIONED: _EVERYWHERE,
    Notification.Kind.PROMISE: Ways(page=True, digest=False, channel=True),
    Notification.Kind.RECLAIM: _EVERYWHERE,
    Notification.Kind.RECLAIMED: _READ,
    Notification.Kind.TASK: _EVERYWHERE,
    Notification.Kind.ESCALATION: _PAGE,
}


def usual(kind: str) -> Ways:
    """Return how people hear of a kind; of one that the table does not have, in the page and in the digest."""
    return USUAL.get(kind, _READ)
