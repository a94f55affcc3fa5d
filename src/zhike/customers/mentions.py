"""Whom a text speaks to: `@` and the name of a colleague, with the part before the @ of their e-mail where two have one name."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from zhike.accounts.queries import colleagues, near, who_sees
from zhike.base.inputs import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhike.accounts.models import User
    from zhike.customers.models import Customer

_SIGNS = ("@", "＠")


class Colleague(NamedTuple):
    """Somebody who can be spoken to; `call` is what is written behind the @."""

    user: User
    call: str
    sees: bool


class Mentioned(NamedTuple):
    """Who is spoken to, and who of them cannot see the customer and hears nothing."""

    heard: Sequence[User]
    unheard: Sequence[User]


def callable_colleagues(by: User, customer: Customer) -> list[Colleague]:
    """Return whom `by` can speak to: those near, and those who see the customer, the latter first."""
    seers = {seer.user.pk for seer in who_sees(customer, customer.owner_id)}
    others = colleagues().filter(pk__in=seers.union(near(by))).exclude(pk=by.pk)
    people = list(others.select_related("team").order_by("name", "pk"))
    names = Counter(person.name for person in people)
    found = [
        Colleague(
            person,
            person.name if names[person.name] == 1 else f"{person.name}({person.email.partition('@')[0]})",
            person.pk in seers,
        )
        for person in people
    ]
    return sorted(found, key=lambda one: not one.sees)


def mentioned(by: User, customer: Customer, text: str) -> Mentioned:
    """Return whom a text speaks to. A name that two colleagues have is refused: whom it means is not known."""
    if not any(sign in text for sign in _SIGNS):
        return Mentioned((), ())
    people = callable_colleagues(by, customer)
    calls = {one.call: one for one in people}
    doubled = {one.user.name for one in people if one.call != one.user.name}
    found: dict[int, Colleague] = {}
    for sign in _SIGNS:
        for rest in text.split(sign)[1:]:
            call = max((one for one in (*calls, *doubled) if rest.startswith(one)), key=len, default="")
            if call in calls:
                found[calls[call].user.pk] = calls[call]
            elif call:
                written = "、".join(f"@{one.call}" for one in people if one.user.name == call)
                raise Invalid(
                    f"有几位同事叫{call}，请写清是哪一位：{written}",
                    f"several colleagues are called {call}, say which one: {written}",
                    path="text",
                )
    return Mentioned(
        [one.user for one in found.values() if one.sees], [one.user for one in found.values() if not one.sees]
    )
