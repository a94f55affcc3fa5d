"""Writes: of what two records of one person say of consents and of automatic classification, the stricter holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.audit import actions as audit
from zhike.privacy.models import Consent

if TYPE_CHECKING:
    from zhike.duplicates.actions.journal import Journal
    from zhike.duplicates.actions.moving import Group

_GIVEN = Consent.State.GIVEN


def unite_consents(group: Group, journal: Journal) -> None:
    """Move all consents; where somebody has refused what another record allows, say so again, so that it counts last.

    Consents are never changed: the one that is said again is a row of its own, with the day of the first.
    """
    everybody = [group.survivor.pk, *group.ids]
    rows = list(Consent.objects.filter(customer__in=everybody).order_by("pk"))
    theirs = [(row.pk, row.customer_id) for row in rows if row.customer_id != group.survivor.pk]
    journal.move("privacy.Consent.customer", theirs, group.survivor.pk)
    last = {(row.purpose, row.customer_id): row for row in rows}
    newest = {row.purpose: row for row in rows}
    for purpose, row in newest.items():
        against = [one for (what, _), one in last.items() if what == purpose and one.state != _GIVEN]
        if row.state == _GIVEN and against:
            _say_again(max(against, key=lambda one: one.at), against, group, journal)


def _say_again(refusal: Consent, all_of_them: list[Consent], group: Group, journal: Journal) -> None:
    until = [one.do_not_ask_until for one in all_of_them if one.do_not_ask_until]
    made = Consent.objects.create(
        customer=group.survivor,
        purpose=refusal.purpose,
        state=refusal.state,
        text=refusal.text,
        channel=refusal.channel,
        evidence=refusal.evidence,
        at=refusal.at,
        recorded_at=group.at,
        by=group.by,
        do_not_ask_until=max(until, default=None),
    )
    journal.add(made)
    data = {"purpose": made.purpose, "state": made.state, "version": made.text.number}
    audit.record("consent.changed", by=group.by, subject=group.survivor, data=data)
