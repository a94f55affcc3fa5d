"""Writes: what waits for a bot is said, all of it in one message.

A message goes out while no transaction is open; before it the bot is claimed, so that two workers do not both speak, and
after it the lines are told to be sent. A worker that dies between says them again when the claim has run out: once too
often rather than never.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext

from zhike.accounts.queries import company, company_zone
from zhike.base.clock import now
from zhike.base.mail import site
from zhike.base.zones import show_in
from zhike.classification.rules import rulebook
from zhike.core.errors import ZhikeError
from zhike.customers.models import Customer
from zhike.notices.actions.channels import drop_waiting, note_failure, note_success, say
from zhike.notices.hours import is_quiet
from zhike.notices.models import Channel, Delivery
from zhike.notices.posting import Failed
from zhike.notices.queries import rhythm_of
from zhike.notices.words import names_for, said, title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from zhike.classification.models import Notification

logger = logging.getLogger("zhike.notices")

MOST_LINES = 10
# Longer than a message can take.
CLAIM = timedelta(seconds=60)
WAITS = tuple(timedelta(minutes=n) for n in (1, 5, 15, 60, 180, 360))
# Whatever could not be said for so long is no news in a group; the page has it.
OLDEST = timedelta(hours=24)


def ready_channels() -> list[int]:
    """Return the bots for which something waits and that may speak now."""
    at = now()
    free = (Q(next_try_at=None) | Q(next_try_at__lte=at)) & (Q(claimed_until=None) | Q(claimed_until__lte=at))
    rows = Channel.objects.filter(free, is_on=True, deliveries__state=Delivery.State.WAITING).distinct()
    return [row.pk for row in rows.select_related("user").order_by("pk") if not _is_quiet(row, at)]


def push(pk: int) -> bool:
    """Let a bot say what waits for it; say whether it did."""
    claimed = _claim(pk)
    if claimed is None:
        return False
    channel, rows = claimed
    try:
        say(channel, _text(channel, rows))
    except (Failed, ZhikeError) as error:
        failed = error if isinstance(error, Failed) else Failed(error.en)
        logger.warning("channel %s: %s", channel.pk, failed)
        wait = WAITS[min(channel.failures, len(WAITS) - 1)]
        note_failure(channel, failed, failures=channel.failures + 1, next_try_at=now() + wait)
        return False
    with transaction.atomic():
        ids = [row.pk for row in rows]
        Delivery.objects.filter(pk__in=ids).update(state=Delivery.State.SENT, done_at=now())
        note_success(channel)
    return True


@transaction.atomic
def _claim(pk: int) -> tuple[Channel, list[Delivery]] | None:
    """Take a bot for as long as a message may take; None when there is nothing to say, or not now."""
    at = now()
    channel = Channel.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk, is_on=True).first()
    if channel is None or _is_quiet(channel, at):
        return None
    if any(moment and moment > at for moment in (channel.next_try_at, channel.claimed_until)):
        return None
    if channel.user is not None and not channel.user.is_active:
        drop_waiting(channel)
        return None
    waiting = Delivery.objects.filter(channel=channel, state=Delivery.State.WAITING)
    waiting.filter(created_at__lt=at - OLDEST).update(state=Delivery.State.DROPPED, done_at=at)
    rows = list(waiting.select_related("notification__job__undoes", "notification__user").order_by("pk"))
    if not rows:
        return None
    Channel.objects.filter(pk=pk).update(claimed_until=at + CLAIM)
    return channel, rows


def _is_quiet(channel: Channel, at: datetime) -> bool:
    if channel.user is None:
        return is_quiet(at.astimezone(company_zone()).time(), channel.quiet_from, channel.quiet_until)
    rhythm = rhythm_of(channel.user)
    local = at.astimezone(channel.user.zone or company_zone())
    return is_quiet(local.time(), rhythm.quiet_from, rhythm.quiet_until)


def _text(channel: Channel, rows: Sequence[Delivery]) -> str:
    """Return the message. It begins with the product's name, by which a bot of DingTalk may know what to let through."""
    language = channel.user.language if channel.user else channel.language
    zone = channel.user.zone if channel.user else None
    with translation.override(language), timezone.override(company().zone), show_in(zone):
        head = ngettext("知客：%(n)s 条通知", "知客：%(n)s 条通知", len(rows)) % {"n": len(rows)}
        shown = [row.notification for row in rows[:MOST_LINES]]
        names, rules = _names(channel, shown), rulebook()
        lines = [head]
        for one in shown:
            kind = one.get_kind_display()
            about = names.get(one.customer_id or 0, "") if one.customer_id else title(one, names)
            # A former word of a colleague may name a customer: it goes out only where names do.
            words = said(one, rules) if channel.shows_names or not _is_written(one) else ""
            is_said = kind == about or words.startswith(str(kind))
            parts = [about, words] if is_said else [kind, about, words]
            lines.append("· " + " ".join(part for part in parts if part) + _link(one))
        if more := len(rows) - len(shown):
            lines.append(ngettext("还有 %(n)s 条", "还有 %(n)s 条", more) % {"n": more})
        if site():
            lines.append(site() + reverse("web:notifications"))
        return "\n".join(lines)


def _is_written(one: Notification) -> bool:
    """Say whether what it says was written by a person."""
    return one.kind in {one.Kind.MENTIONED, one.Kind.TASK, one.Kind.FEEDBACK, one.Kind.ANSWERED, one.Kind.REVEALS}


def _link(one: Notification) -> str:
    """Return the address of what it tells of, where it is of one thing and there is a site to name."""
    if not site():
        return ""
    if one.kind == one.Kind.ESCALATION:
        return f"\n  {site()}{reverse('web:escalations')}"
    return f"\n  {site()}{reverse('web:customer', args=[one.customer_id])}" if one.customer_id else ""


def _names(channel: Channel, shown: Sequence[Notification]) -> Mapping[int, str]:
    """Return how customers are called: by name where that is wanted, to a person those whom they see."""
    unnamed = {one.customer_id: gettext("一位客户") for one in shown if one.customer_id}
    if not channel.shows_names:
        return unnamed
    if channel.user is not None:
        return unnamed | names_for(channel.user, shown)
    return unnamed | dict(Customer.present.filter(pk__in=unnamed).values_list("pk", "name"))
