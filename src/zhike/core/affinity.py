"""What customers of a class buy together: for each product that a customer lacks, how much likelier those buy it who
already have what this customer has.

The lift of a rule A → B (Brin, Motwani, Ullman, Tsur, "Dynamic itemset counting and implication rules for market basket
data", SIGMOD 1997, there called interest):

    lift(A → B) = P(B | A) ÷ P(B) = n(A and B) × n ÷ (n(A) × n(B))

with n the customers of the class who bought anything, n(A) those of them who bought A. Only rules count that at least
`LEAST_BOTH` customers bear out, with a lift of at least `LEAST_LIFT`; they are ordered by the lower end of what chance
leaves of P(B | A) (Wilson's score interval, 95 %), so that three of three do not come before forty of fifty.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

LEAST_BOTH = 5
LEAST_LIFT = 1.2
_Z = 1.96
# A basket of more kinds is a dealer's; it would pair everything with everything.
MOST_IN_BASKET = 40


@dataclass(frozen=True, slots=True)
class Rule:
    """Of `having` customers who bought `product`, `both` bought `other` too; of all `everyone`, `buyers` did."""

    product: str
    other: str
    both: int
    having: int
    buyers: int
    everyone: int

    @property
    def lift(self) -> float:
        return self.both * self.everyone / (self.having * self.buyers)

    @property
    def share(self) -> float:
        return self.both / self.having

    @property
    def sure(self) -> float:
        """Return the lower end of the share, as far as chance leaves it."""
        n, p = self.having, self.share
        middle = p + _Z * _Z / (2 * n)
        return (middle - _Z * sqrt(p * (1 - p) / n + _Z * _Z / (4 * n * n))) / (1 + _Z * _Z / n)


@dataclass(frozen=True, slots=True)
class Baskets:
    """What the customers of a class bought: how many, of each product how many, of each pair how many."""

    everyone: int
    buyers: Mapping[str, int]
    pairs: Mapping[tuple[str, str], int]  # the first sorts before the second

    def rules(self, has: Collection[str]) -> list[Rule]:
        """Return what somebody who has these products is likely to buy as well, the surest first, each product once."""
        best: dict[str, Rule] = {}
        for one, other in self.pairs:
            for product, further in ((one, other), (other, one)):
                if product not in has or further in has:
                    continue
                rule = Rule(
                    product,
                    further,
                    self.pairs[one, other],
                    self.buyers[product],
                    self.buyers[further],
                    self.everyone,
                )
                if rule.both < LEAST_BOTH or rule.lift < LEAST_LIFT:
                    continue
                if further not in best or rule.sure > best[further].sure:
                    best[further] = rule
        return sorted(best.values(), key=lambda rule: (-rule.sure, rule.other))


def baskets(bought: Iterable[tuple[int, str]]) -> Baskets:
    """Count the baskets of many customers, given as (customer, product)."""
    kinds: dict[int, set[str]] = {}
    for customer, product in bought:
        if product:
            kinds.setdefault(customer, set()).add(product)
    kept = [products for products in kinds.values() if len(products) <= MOST_IN_BASKET]
    buyers = Counter(product for products in kept for product in products)
    pairs = Counter(pair for products in kept for pair in combinations(sorted(products), 2))
    return Baskets(len(kept), buyers, {pair: n for pair, n in pairs.items() if n >= LEAST_BOTH})
