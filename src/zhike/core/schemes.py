"""Schemes: a dimension's ordered classes. The first whose condition holds is the class; else the default."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from zhike.core.conditions.evaluate import holds, over_answers
from zhike.core.conditions.nodes import leaves
from zhike.core.errors import PackError
from zhike.core.facts import class_field
from zhike.core.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from zhike.core.conditions.nodes import Node, Test
    from zhike.core.facts import Facts, Field, FieldType, Ref, Value
    from zhike.core.text import Text

type Mode = Literal["auto", "suggest", "manual"]
type Tone = Literal["azurite", "malachite", "gamboge", "ochre", "cinnabar", "carmine", "wisteria", "ink"]
type Look = Literal["filled", "plain", "deep"]
type Demote = Literal["now", "review"]

# A class that a person fixed falls back to the rules after so many days, unless that person says otherwise.
OVERRIDE_DAYS = 90
# So long before time alone demotes a customer their owner is told, unless the class says otherwise.
WARN_DAYS = 5


@dataclass(frozen=True, slots=True)
class Service:
    """What a class is owed: how often and how to be in touch, by whom, and what was promised.

    `sla_hours`: within so many working hours we are in touch first with whoever enters the class, or is given to somebody.
    """

    cadence_days: int | None = None
    methods: tuple[str, ...] = ()
    owner: str = ""
    promise: Text | None = None
    content: Text | None = None
    sla_hours: int | None = None


@dataclass(frozen=True, slots=True)
class Class:
    """One class of a dimension. `when` is absent for the default and in manual dimensions.

    `level` 1–5 draws the steps of a ladder in place of the icon; `look` says how loud its chip is.
    `rank` orders classes by worth, the highest best: to one of lower rank is a demotion, and
    without ranks there is none. `hold_days`: so many days in a row, today among them, the class
    must have come out before a customer enters it. `demote` says whether a demotion from here
    applies at once or waits for a person; `warn_days`, how long before time alone brings one about
    the owner is told.
    """

    key: str
    label: Text
    definition: Text
    aliases: tuple[str, ...] = ()
    tone: Tone = "ink"
    icon: str = ""
    level: int | None = None
    look: Look = "filled"
    service: Service = field(default=Service())
    when: Node | None = None
    rank: int | None = None
    hold_days: int = 1
    demote: Demote = "now"
    warn_days: int = WARN_DAYS


@dataclass(frozen=True, slots=True)
class Scheme:
    """A dimension with its ordered classes; the last is the default.

    The default is an answer in itself only when `needs_evidence` is false (「潜在客户」); otherwise
    it is shown as 「未判定」 as long as nothing is known.
    """

    dimension: str
    label: Text
    classes: tuple[Class, ...]
    icon: str = ""
    mode: Mode = "auto"
    needs_evidence: bool = True
    override_days: int = OVERRIDE_DAYS
    # Asked for with every placing, so gathered once.
    _refs: frozenset[Ref] = field(init=False, repr=False, compare=False)
    _facts_read: tuple[tuple[Ref, FieldType], ...] = field(init=False, repr=False, compare=False)
    _dimensions_read: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _tests: tuple[Test, ...] = field(init=False, repr=False, compare=False)
    _ruled: tuple[tuple[Callable[[Sequence[bool]], bool], str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        tests = tuple(dict.fromkeys(test for c in self.classes if c.when is not None for test in leaves(c.when)))
        object.__setattr__(self, "_tests", tests)
        at = {test: index for index, test in enumerate(tests)}
        ruled = tuple((over_answers(c.when, at), c.key) for c in self.classes if c.when is not None)
        object.__setattr__(self, "_ruled", ruled)
        read = frozenset(test.ref for test in tests)
        object.__setattr__(self, "_refs", read)
        facts = {test.ref: test.type for test in tests if test.ref.source != "class"}
        object.__setattr__(self, "_facts_read", tuple(facts.items()))
        others = tuple(sorted(ref.name for ref in read if ref.source == "class"))
        object.__setattr__(self, "_dimensions_read", others)

    @property
    def default(self) -> Class:
        return self.classes[-1]

    def get(self, key: str) -> Class:
        """Return the class of that key. Raises `KeyError`."""
        for class_ in self.classes:
            if class_.key == key:
                return class_
        raise KeyError(key)

    def refs(self) -> frozenset[Ref]:
        """Return the facts that the scheme reads."""
        return self._refs

    def tests(self) -> tuple[Test, ...]:
        """Return the tests of all conditions, each once."""
        return self._tests

    def first(self, answers: Sequence[bool]) -> str:
        """Return the key of the first class whose condition holds, by the answers to `tests()`, else of the default."""
        for holds_, key in self._ruled:
            if holds_(answers):
                return key
        return self.default.key

    def facts_read(self) -> tuple[tuple[Ref, FieldType], ...]:
        """Return the facts that the scheme reads, each once, without the classes of other dimensions."""
        return self._facts_read

    def dimensions_read(self) -> tuple[str, ...]:
        """Return the dimensions whose class the scheme reads."""
        return self._dimensions_read

    @property
    def is_damped(self) -> bool:
        """Say whether some class must hold for days before it is entered."""
        return any(class_.hold_days > 1 for class_ in self.classes)

    def is_demotion(self, old: str, new: str) -> bool:
        """Say whether the way from one class to another leads down. Unknown keys have no rank."""
        before, after = (next((c.rank for c in self.classes if c.key == key), None) for key in (old, new))
        return before is not None and after is not None and after < before

    def as_field(self) -> Field:
        """Return ``class.<dimension>`` for conditions of other dimensions."""
        return class_field(self.dimension, self.label, {c.key: c.label for c in self.classes})


def place(scheme: Scheme, facts: Facts) -> Class:
    """Return the class of the customer: the first whose condition holds, else the default."""
    for class_ in scheme.classes:
        if class_.when is not None and holds(class_.when, facts):
            return class_
    return scheme.default


def in_effect(scheme: Scheme, computed: str, *, standing: str = "") -> str:
    """Return the class that holds: what the rules say, unless that has to wait for a person.

    `standing` is the class that held so far, empty for a new customer. Where a dimension only
    suggests, or the class demotes by review, it stays until somebody accepts what the rules say.
    """
    held = next((class_ for class_ in scheme.classes if class_.key == standing), None)
    if held is None:
        return computed
    waits = scheme.mode != "auto" or (held.demote == "review" and scheme.is_demotion(standing, computed))
    return standing if waits else computed


def is_undetermined(scheme: Scheme, class_key: str, facts: Facts) -> bool:
    """Say whether the class is only the default for want of data.

    So it is when every metric that the scheme reads is missing or 0, and every field unset.
    """
    if class_key != scheme.default.key or not scheme.needs_evidence:
        return False
    return not any(_is_evidence(ref, facts[ref]) for ref in scheme.refs())


def _is_evidence(ref: Ref, value: Value) -> bool:
    """Say whether a value tells anything of the customer.

    An order placed today is 0 days old and yet evidence; the age of the record and another class never are.
    """
    if value is None or ref.source == "class":
        return False
    if ref.source == "metric" and METRICS[ref.name].is_days_since:
        return ref.name != "days_since_created"
    return bool(value)


def in_dependency_order(schemes: Iterable[Scheme]) -> list[Scheme]:
    """Return the schemes so that each follows those whose class it reads.

    Raises `PackError` for a circle, naming it.
    """
    by_dimension = {scheme.dimension: scheme for scheme in schemes}
    ordered: list[Scheme] = []
    done: set[str] = set()

    def visit(dimension: str, trail: Sequence[str]) -> None:
        if dimension in done or dimension not in by_dimension:
            return
        if dimension in trail:
            circle = " → ".join([*trail[trail.index(dimension) :], dimension])
            raise PackError(
                f"这些维度互相引用，成了一个圈：{circle}。请去掉其中一个引用。",
                f"these dimensions refer to each other in a circle: {circle}. Remove one reference.",
                path="dimensions",
            )
        for other in by_dimension[dimension].dimensions_read():
            visit(other, [*trail, dimension])
        done.add(dimension)
        ordered.append(by_dimension[dimension])

    for dimension in by_dimension:
        visit(dimension, [])
    return ordered
