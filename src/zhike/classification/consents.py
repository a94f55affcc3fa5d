"""Where customers stand with a consent, as a field of conditions: ``consent.email`` is ``given``, say.

It can be asked of lists, views and hand-overs, which the database answers as it is at that moment. Rules do
not know it: nobody is put into a class for what they allow, and a class of a past day would need the words
that were in force then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.db.models import Exists, OuterRef, Q, Value

from zhike.core.facts import CONSENT, Field, FieldType
from zhike.core.text import Text
from zhike.privacy.models import Consent
from zhike.privacy.profiling import unguarded
from zhike.privacy.purposes import PURPOSES
from zhike.privacy.queries import current_text

if TYPE_CHECKING:
    from zhike.core.conditions.nodes import Test
    from zhike.core.facts import FieldSet

NEVER_ASKED, STALE = "none", "stale"
STATES = {
    Consent.State.GIVEN.value: Text("同意", "given"),
    Consent.State.REFUSED.value: Text("不同意", "refused"),
    Consent.State.WITHDRAWN.value: Text("撤回了", "withdrawn"),
    NEVER_ASKED: Text("没有问过", "never asked"),
    STALE: Text("文字改过，要重新同意", "given to words that have changed"),
}


def consent_fields() -> list[Field]:
    """Return one field a purpose. It is never missing: who was never asked stands there too."""
    return [
        Field(
            f"{CONSENT}{purpose.key}",
            FieldType.CHOICE,
            Text(f"授权：{purpose.label.zh}", f"Consent: {purpose.label.en}"),
            choices=STATES,
        )
        for purpose in PURPOSES.values()
    ]


def with_consents(fields: FieldSet) -> FieldSet:
    """Return what conditions of lists, views and hand-overs may name."""
    return fields.plus(consent_fields())


def consent_q(test: Test) -> Q:
    """Return the test as the last word of each customer has it; the same that `privacy.queries` says of one."""
    if test.op == "is_set":
        return Q(Value(value=True))
    wanted = set(cast("tuple[str, ...]", test.value))
    said = Consent.objects.filter(customer=OuterRef("pk"), purpose=test.ref.name)
    parts = [Q(~Exists(said))] if NEVER_ASKED in wanted else []
    is_for_use = wanted == {Consent.State.GIVEN} and PURPOSES[test.ref.name].is_marketing
    if states := _states(wanted, test.ref.name):
        later = Consent.objects.filter(customer=OuterRef("customer"), purpose=test.ref.name, pk__gt=OuterRef("pk"))
        found = Q(Exists(said.filter(states).exclude(Exists(later))))
        # Whom one may write to: of a child a guardian must have agreed too.
        parts.append(found & ~unguarded() if is_for_use else found)
    return Q(*parts, _connector=Q.OR) if parts else Q(Value(value=False))


def _states(wanted: set[str], purpose: str) -> Q | None:
    """Return which rows of consents say one of these; None where only who never said anything is meant."""
    given = Q(state=Consent.State.GIVEN)
    in_force = Q(text__digest=current_text(PURPOSES[purpose]).digest) if wanted & {Consent.State.GIVEN, STALE} else Q()
    parts = [Q(state=state) for state in (Consent.State.REFUSED, Consent.State.WITHDRAWN) if state in wanted]
    if Consent.State.GIVEN in wanted:
        parts.append(given & in_force)
    if STALE in wanted:
        parts.append(given & ~in_force)
    return Q(*parts, _connector=Q.OR) if parts else None
