"""Writes: what a person agrees to, refuses or takes back, and the words of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from zhike.accounts.policy import require
from zhike.audit.actions import record as audit
from zhike.base.clock import now
from zhike.base.doors import Door, through
from zhike.base.inputs import Invalid, line, paragraph
from zhike.core.dates import local_day
from zhike.privacy.models import Consent, ConsentText
from zhike.privacy.purposes import ADULT_ENOUGH, GUARDIAN, is_child
from zhike.privacy.queries import current_text, digest, may_use, purpose_of
from zhike.timeline.actions import record
from zhike.timeline.locks import lock_customer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from zhike.accounts.models import User
    from zhike.customers.models import Customer

_KINDS = {
    Consent.State.GIVEN: "consent.given",
    Consent.State.REFUSED: "consent.withdrawn",
    Consent.State.WITHDRAWN: "consent.withdrawn",
}


@transaction.atomic
def record_consent(  # noqa: PLR0913  one keyword each
    *,
    customer: Customer,
    purpose: str,
    state: str,
    channel: str,
    by: User | None,
    evidence: str = "",
    at: datetime | None = None,
) -> Consent:
    """Write down what a person has said, to the words in force. The same said again is one consent.

    Whoever refuses or withdraws is not asked again for some time.
    """
    if by is not None:
        require(by, "create", Consent(customer=customer))
    asked = purpose_of(purpose)
    if state not in Consent.State.values:
        raise Invalid("请选择同意、不同意或撤回", "choose given, refused or withdrawn", path="state")
    if channel not in Consent.Channel.values:
        raise Invalid("请选择通过什么渠道", "choose the channel", path="channel")
    moment = now()
    found, setting = lock_customer(customer.pk, by=by, moment=moment)
    today = local_day(moment, setting.zone)
    is_for_child = asked.is_marketing and is_child(found.birthday, today)
    if state == Consent.State.GIVEN and is_for_child and not may_use(found.pk, GUARDIAN):
        raise Invalid(
            f"不满 {ADULT_ENOUGH} 周岁的人不能同意营销，先记下监护人的同意",
            f"nobody under {ADULT_ENOUGH} can agree to marketing: write down a guardian's consent first",
            path="state",
        )
    if at is not None and at > moment:
        raise Invalid("同意的时间还没有到", "the time of the consent lies ahead", path="at")
    last = Consent.objects.filter(customer=found.pk, purpose=purpose).order_by("-pk").first()
    text = _kept(current_text(asked), by)
    if last is not None and (last.state, last.text_id) == (state, text.pk):
        return last
    if state == Consent.State.WITHDRAWN and (last is None or last.state != Consent.State.GIVEN):
        raise Invalid("没有可以撤回的同意", "there is no consent to withdraw", path="state")
    until = None if state == Consent.State.GIVEN else today + timedelta(days=settings.ZHIKE_ASK_AGAIN_DAYS)
    made = Consent.objects.create(
        customer_id=found.pk,
        purpose=purpose,
        state=state,
        text=last.text if last is not None and state == Consent.State.WITHDRAWN else text,
        channel=channel,
        evidence=line(evidence, "evidence", Consent.EVIDENCE_MAX),
        at=at or moment,
        recorded_at=moment,
        by=by,
        do_not_ask_until=until,
    )
    data = {"purpose": purpose, "channel": channel, "text_version": f"v{made.text.number}"}
    data |= {"until": until.isoformat()} if until else {}
    record(found, _KINDS[Consent.State(state)], by=by, occurred_at=made.at, channel=channel, data=data)
    audited = {"purpose": purpose, "state": state, "version": made.text.number}
    audit("consent.changed", by=by, subject=found, data=audited)
    return made


@transaction.atomic
def withdraw_by_link(*, customer: Customer, purposes: Iterable[str], address: str) -> list[Consent]:
    """Take back what the person chose on the page of their link; all of it or nothing."""
    chosen = list(dict.fromkeys(purposes))
    if not chosen:
        raise Invalid("请选择要撤回哪一项", "choose what to take back", path="purpose")
    with through(Door.LINK):
        return [
            record_consent(
                customer=customer,
                purpose=purpose,
                state=Consent.State.WITHDRAWN,
                channel=Consent.Channel.LINK,
                evidence=address,
                by=None,
            )
            for purpose in chosen
        ]


@transaction.atomic
def publish_text(*, purpose: str, zh: str, en: str, by: User) -> ConsentText:
    """Put other words of a purpose in force: whoever agreed to the earlier ones has not agreed to these."""
    require(by, "create", ConsentText)
    asked = purpose_of(purpose)
    words = [paragraph(text, name, ConsentText.TEXT_MAX) for text, name in ((zh, "zh"), (en, "en"))]
    if not all(words):
        raise Invalid("两种语言都要写", "both languages are needed", path="zh")
    last = _kept(current_text(asked), by)
    found = digest(*words)
    if found == last.digest:
        return last
    return ConsentText.objects.create(
        purpose=purpose,
        number=last.number + 1,
        zh=words[0],
        en=words[1],
        digest=found,
        created_at=now(),
        by=by,
    )


def _kept(text: ConsentText, by: User | None) -> ConsentText:
    """Return the words as they are stored: those of the table are stored when somebody first speaks of them."""
    if text._state.adding:
        values = {"zh": text.zh, "en": text.en, "digest": text.digest, "created_at": now(), "by": by}
        text, _ = ConsentText.objects.get_or_create(purpose=text.purpose, number=text.number, defaults=values)
    return text
