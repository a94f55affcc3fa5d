"""Writes of shares: one record with one person or one team, until a day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import transaction

from zhike.accounts.models import Share
from zhike.accounts.policy import can, require
from zhike.accounts.queries import company_zone, standing_shares
from zhike.audit.actions import record
from zhike.base.clock import now, today
from zhike.base.errors import Forbidden, NotFound
from zhike.base.inputs import Invalid, day, line
from zhike.core.dates import day_start

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import Model

    from zhike.accounts.models import Team, User


@transaction.atomic
def share_record(  # noqa: PLR0913  one keyword each
    *,
    row: Model,
    by: User,
    reason: str,
    user: User | None = None,
    team: Team | None = None,
    may_write: bool = False,
    until: date | None = None,
) -> Share:
    """Let one person or one team see a record, or change it too; what they had of it before ends."""
    require(by, "share", row)
    if may_write:
        require(by, "change", row)
    if (user is None) == (team is None) or (user is not None and not user.is_active):
        raise Invalid("选一位同事或一个团队", "choose one colleague or one team", path="whom")
    zone, at = company_zone(), now()
    if until is not None and day(until, "until") < today(zone):
        raise Invalid("最后一天不能在今天之前", "the last day must not lie in the past", path="until")
    said = line(reason, "reason", Share.REASON_MAX, required=True)
    for old in standing_shares(row).filter(user=user, team=team).select_for_update(of=("self",)):
        _end(old, by)
    made = Share.objects.create(
        object=row._meta.label,
        row=row.pk,
        user=user,
        team=team,
        may_write=may_write,
        until=until,
        ends_at=day_start(until + timedelta(days=1), zone) if until else None,
        reason=said,
        by=by,
        created_at=at,
    )
    data = {
        "to": made.user_id,
        "team": made.team_id,
        "until": until.isoformat() if until else None,
        "verb": "change" if may_write else "view",
    }
    record("share.given", by=by, subject=row, data=data)
    return made


@transaction.atomic
def end_share(*, share: Share, by: User) -> None:
    """Take a share back: whoever may share the record may, and whoever gave it, as long as they see it."""
    model = apps.get_model(share.object)
    row = model._default_manager.filter(pk=share.row).first()
    if row is None or not can(by, "view", row):
        raise NotFound
    if share.by_id != by.pk and not can(by, "share", row):
        raise Forbidden
    found = Share.objects.select_for_update(of=("self",)).get(pk=share.pk)
    if found.ended_at is None:
        _end(found, by)
        record("share.ended", by=by, subject=row, data={"to": found.user_id, "team": found.team_id})


def _end(share: Share, by: User) -> None:
    share.ended_at, share.ended_by = now(), by
    share.save(update_fields=["ended_at", "ended_by"])
