"""Writes: bots set up, changed, tried and taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from django.db import transaction
from django.utils.translation import gettext, override

from zhike.accounts.policy import require
from zhike.audit.actions import record
from zhike.base.clock import now
from zhike.base.errors import Conflict, Forbidden, NotFound
from zhike.base.inputs import Invalid, line
from zhike.base.secrets import seal, unseal
from zhike.classification.models import Notification
from zhike.core.errors import ZhikeError
from zhike.notices.actions.preferences import check_quiet
from zhike.notices.bots import ADDRESS_MAX, MAKERS, Refused, check_address, check_answer, message
from zhike.notices.models import Channel, Delivery
from zhike.notices.posting import Failed, post
from zhike.notices.queries import channels, led_teams

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import time

    from zhike.accounts.models import Team, User

SECRET_MAX = 200
_SAID = ("kind", "name", "shows_names", "kinds", "language", "quiet_from", "quiet_until")
MOST_OF_A_PERSON, MOST_OF_A_TEAM = 5, 10


class NotSaid(ZhikeError):
    """The bot did not say it."""

    code = "not_said"
    status = 502


class ChannelFields(TypedDict):
    """What is typed of a bot. An empty `address` or `secret` of one that there is leaves what was there."""

    kind: str
    name: str
    address: str
    secret: str
    clears_secret: bool
    shows_names: bool
    kinds: Sequence[str]
    language: str
    quiet_from: time | None
    quiet_until: time | None


@transaction.atomic
def save_channel(
    *, given: ChannelFields, by: User, channel: Channel | None = None, team: Team | None = None, version: int = 0
) -> Channel:
    """Set a bot up, of a team or of the person themselves, or change one."""
    require(by, "change", Channel)
    found = _locked(channel, by, version) if channel else _new(by, team)
    if given["kind"] not in MAKERS:
        raise Invalid("没有这一家", "there is no such maker", path="kind")
    before = [getattr(found, name) for name in _SAID]
    found.kind = given["kind"]
    found.name = line(given["name"], "name", Channel.NAME_MAX, required=True)
    found.shows_names = given["shows_names"]
    if found.team_id:
        check_quiet(given["quiet_from"], given["quiet_until"])
        if unknown := set(given["kinds"]).difference(Notification.Kind.values):
            raise Invalid(f"没有这种通知：{min(unknown)}", f"no such notification: {min(unknown)}", path="kinds")
        found.kinds, found.language = sorted(set(given["kinds"])), given["language"]
        found.quiet_from, found.quiet_until = given["quiet_from"], given["quiet_until"]
    changed = [name for name, was in zip(_SAID, before, strict=True) if getattr(found, name) != was]
    changed += _set_address(found, given)
    found.version += 1 if channel else 0
    found.save()
    record(
        "channel.changed" if channel else "channel.added",
        by=by,
        subject=found,
        data={"name": found.name, "kind": found.kind, "team": found.team_id} | ({"fields": changed} if channel else {}),
    )
    return found


def _new(by: User, team: Team | None) -> Channel:
    if team is None:
        if Channel.objects.filter(user=by).count() >= MOST_OF_A_PERSON:
            raise Conflict(f"一个人最多 {MOST_OF_A_PERSON} 个", f"at most {MOST_OF_A_PERSON} for one person")
        return Channel(user=by, created_at=now())
    if not led_teams(by).filter(pk=team.pk).exists():
        raise Forbidden
    if Channel.objects.filter(team=team).count() >= MOST_OF_A_TEAM:
        raise Conflict(f"一个团队最多 {MOST_OF_A_TEAM} 个", f"at most {MOST_OF_A_TEAM} for one team")
    return Channel(team=team, created_at=now())


def _set_address(found: Channel, given: ChannelFields) -> list[str]:
    """Keep the address and the secret as ciphertext, and say which is another one; with another address it begins anew."""
    changed = []
    address = line(given["address"], "address", ADDRESS_MAX, required=not found.address)
    secret = line(given["secret"], "secret", SECRET_MAX)
    if address:
        found.host = check_address(found.kind, address)
        found.address = seal(address)
        found.gone_at, found.failures, found.next_try_at, found.last_error = None, 0, None, ""
        found.is_on = True
        changed.append("address")
    else:
        found.host = check_address(found.kind, unseal(found.address))
    if secret and not MAKERS[found.kind].signs:
        raise Invalid(
            "企业微信的机器人没有加签密钥，空着就行", "bots of WeCom have no secret: leave it empty", path="secret"
        )
    if secret or given["clears_secret"]:
        found.secret = seal(secret) if secret else ""
        changed.append("secret")
    elif not MAKERS[found.kind].signs:
        found.secret = ""
    return changed


def _locked(channel: Channel, by: User, version: int | None = None) -> Channel:
    """Lock a bot that this person may change; another's is not to be known."""
    found = channels(by).filter(pk=channel.pk).first()
    if found is None:
        raise NotFound
    found = Channel.objects.select_for_update().get(pk=channel.pk)
    if version is not None and found.version != version:
        raise Conflict("刚被别人改过，再看一眼", "somebody has just changed this: look again")
    return found


@transaction.atomic
def switch_channel(*, channel: Channel, is_on: bool, by: User) -> Channel:
    """Let a bot be silent, or speak again. What came up meanwhile is not made up for."""
    require(by, "change", Channel)
    found = _locked(channel, by)
    if is_on and found.gone_at:
        raise Conflict(
            "这个地址说机器人已经没有了，先换成新的地址",
            "its address says that it is gone: fill in the new address first",
        )
    found.is_on = is_on
    found.failures, found.next_try_at = 0, None
    found.version += 1
    found.save(update_fields=["is_on", "failures", "next_try_at", "version"])
    if not is_on:
        drop_waiting(found)
    record("channel.changed", by=by, subject=found, data={"name": found.name, "fields": ["is_on"]})
    return found


@transaction.atomic
def remove_channel(*, channel: Channel, by: User) -> None:
    require(by, "change", Channel)
    found = _locked(channel, by)
    record("channel.removed", by=by, subject=found, data={"name": found.name, "kind": found.kind})
    found.delete()


def drop_waiting(channel: Channel) -> None:
    """Let nothing wait for a bot any more."""
    rows = Delivery.objects.filter(channel=channel, state=Delivery.State.WAITING)
    rows.update(state=Delivery.State.DROPPED, done_at=now())


def try_channel(*, channel: Channel, by: User) -> None:
    """Let a bot say that it can be heard, at once and whatever the hour; raise `NotSaid` with what went wrong."""
    require(by, "change", Channel)
    if not channels(by).filter(pk=channel.pk).exists():
        raise NotFound
    with override(by.language):
        text = gettext("知客：机器人连上了。%(name)s 发的测试消息。") % {"name": by.name}
    try:
        say(channel, text)
    except Failed as error:
        note_failure(channel, error)
        raise NotSaid(f"没发出去：{error}", f"not sent: {error}") from None
    note_success(channel)


def say(channel: Channel, text: str) -> None:
    """Let a bot say a text, or raise `Failed`."""
    address, secret = unseal(channel.address), unseal(channel.secret) if channel.secret else ""
    try:
        check_address(channel.kind, address)
    except Invalid as error:
        raise Failed(error.en) from None
    try:
        answer = post(message(channel.kind, address, secret, text, seconds=now().timestamp()))
        check_answer(channel.kind, answer)
    except Refused as error:
        raise Failed(str(error)) from None


def note_success(channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(
        failures=0, next_try_at=None, claimed_until=None, last_error="", sent_at=now()
    )


def note_failure(channel: Channel, error: Failed, **more: object) -> None:
    """Keep what went wrong for the page; one whose address is gone is silent from now on."""
    Channel.objects.filter(pk=channel.pk).update(
        last_error=str(error)[: Channel.ERROR_MAX], failed_at=now(), claimed_until=None, **more
    )
    if error.is_gone:
        with transaction.atomic():
            Channel.objects.filter(pk=channel.pk).update(is_on=False, gone_at=now())
            drop_waiting(channel)
            record("channel.gone", by=None, subject=channel, data={"name": channel.name})
