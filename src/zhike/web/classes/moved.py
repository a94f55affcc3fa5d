"""The customers whom a draft would move, each with the value that decides it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import prefetch_related_objects

from zhike.accounts.queries import company_zone
from zhike.base.clock import today
from zhike.classification.candidates import candidate, draft_version
from zhike.classification.facts import stored_facts
from zhike.classification.rules import rulebook
from zhike.core.conditions.evaluate import explain
from zhike.core.conditions.nodes import leaves
from zhike.web.chips import class_chip
from zhike.web.evidence import deciding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zhike.base.chips import Chip
    from zhike.classification.models import SchemeVersion
    from zhike.core.conditions.describe import Writer
    from zhike.core.conditions.evaluate import Explained
    from zhike.core.conditions.nodes import Test
    from zhike.core.facts import Facts
    from zhike.core.schemes import Class, Scheme
    from zhike.customers.models import Customer


@dataclass(frozen=True, slots=True)
class Mover:
    """One customer that the draft would move. `reason` is empty where the default takes them."""

    customer: Customer
    old: Chip | None
    new: Chip
    reason: str


class Movers:
    """Tells why the draft puts customers elsewhere than the rules in force."""

    def __init__(self, draft: SchemeVersion, writer: Writer) -> None:
        self._writer = writer
        self._rules = candidate([draft_version(draft)]).rules
        self._new = self._rules.scheme(draft.scheme.dimension)
        self._old = next((s for s in rulebook().schemes if s.dimension == self._new.dimension), None)
        self._zone = company_zone()
        self._day = today(self._zone)
        self._tests = [*_tests(self._new), *(_tests(self._old) if self._old else ())]
        self._known = set(_tests(self._old)) if self._old else set()

    def rows(self, customers: Iterable[Customer]) -> list[Mover]:
        """Return the rows of customers as `preview.moved_customers` gives them."""
        found = list(customers)
        prefetch_related_objects(found, "placements")
        return [self._row(customer) for customer in found]

    def _row(self, customer: Customer) -> Mover:
        old, new = _found(customer)
        language = self._writer.language
        facts = stored_facts(customer, self._tests, self._rules.own, as_of=self._day, zone=self._zone)
        return Mover(
            customer=customer,
            old=class_chip(self._old, old, language) if self._old is not None and old else None,
            new=class_chip(self._new, new, language),
            reason=self._reason(facts, old, new),
        )

    def _reason(self, facts: Facts, old: str, new: str) -> str:
        """Return the value by which the class above lets in, or the class left lets go."""
        order = [class_.key for class_ in self._new.classes]
        goes_up = old not in order or order.index(new) < order.index(old)
        decides = self._class(new if goes_up else old)
        if decides is None or decides.when is None:
            return ""
        explained = explain(decides.when, facts)
        tests = list(deciding(explained, met=explained.met))
        return self._words(next((pair for pair in tests if pair[1] not in self._known), next(iter(tests), None)))

    def _class(self, key: str) -> Class | None:
        return next((class_ for class_ in self._new.classes if class_.key == key), None)

    def _words(self, pair: tuple[Explained, Test] | None) -> str:
        if pair is None:
            return ""
        seen, test = pair
        return f"{self._writer.name(test)} {self._writer.value(test, seen.seen)}"


def _found(customer: Customer) -> tuple[str, str]:
    """Return the two classes that the query has written beside the customer."""
    return customer.old, customer.new  # type: ignore[attr-defined]


def _tests(scheme: Scheme) -> Sequence[Test]:
    return [test for class_ in scheme.classes if class_.when is not None for test in leaves(class_.when)]
