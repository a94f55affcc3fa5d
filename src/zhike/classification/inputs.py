"""What the rules of a dimension may not read, and the rules as they are without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from zhike.classification.rules import rulebook
from zhike.core.conditions.evaluate import holds
from zhike.core.conditions.nodes import leaves
from zhike.core.conditions.parse import parse
from zhike.core.errors import PackError
from zhike.core.facts import Facts, FieldType
from zhike.customers.sensitive import sensitive_fields
from zhike.privacy.models import BarredInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from zoneinfo import ZoneInfo

    from zhike.core.facts import FieldSet
    from zhike.core.schemes import Scheme
    from zhike.core.text import Text
    from zhike.customers.models import CustomField

NOBODY: Mapping[str, object] = {"not": {"everyone": True}}
EVERYBODY: Mapping[str, object] = {"everyone": True}


class Use(NamedTuple):
    """A class whose rule reads an input; `through` is the dimension between them, where it reads a class."""

    dimension: str
    class_key: str
    label: Text
    through: str = ""


def barred(dimensions: Iterable[str]) -> dict[str, set[str]]:
    """Return dimension → inputs that its rules may not read: those barred, and sensitive fields that nobody has allowed."""
    found: dict[str, set[str]] = {dimension: set() for dimension in dimensions}
    decided: set[tuple[str, str]] = set()
    rows = BarredInput.objects.filter(dimension__in=found).values_list("dimension", "input", "lifted_at")
    for dimension, name, lifted_at in rows:
        decided.add((dimension, name))
        if lifted_at is None:
            found[dimension].add(name)
    sensitive = [field.name for field in sensitive_fields()]
    for dimension, names in found.items():
        names.update(name for name in sensitive if (dimension, name) not in decided)
    return found


def barred_by_default(dimension: str) -> list[CustomField]:
    """Return the sensitive fields that a dimension may not read, since nobody has decided about them there."""
    decided = set(BarredInput.objects.filter(dimension=dimension).values_list("input", flat=True))
    return [field for field in sensitive_fields() if field.name not in decided]


def check_inputs(schemes: Iterable[Scheme]) -> None:
    """Refuse rules that read what their dimension may not; the place is the class that does."""
    schemes = list(schemes)
    forbidden = barred(scheme.dimension for scheme in schemes)
    for scheme in schemes:
        for name in sorted(forbidden.get(scheme.dimension, ())):
            for index, class_ in enumerate(scheme.classes):
                if class_.when is not None and any(test.ref.field == name for test in leaves(class_.when)):
                    raise PackError(
                        f"这个维度不能用 {name} 作依据（{class_.label.zh}用到了）。",
                        f"this dimension may not read {name}, which {class_.label.en} does.",
                        path=f"{scheme.dimension}.classes[{index}].when",
                    )


def uses(name: str) -> list[Use]:
    """Return the rules in force that read an input, and those that read a class which does."""
    schemes = rulebook().schemes
    found = [
        Use(scheme.dimension, class_.key, class_.label)
        for scheme in schemes
        for class_ in scheme.classes
        if class_.when is not None and any(test.ref.field == name for test in leaves(class_.when))
    ]
    direct = {use.dimension for use in found}
    return found + [
        Use(scheme.dimension, class_.key, class_.label, through)
        for scheme in schemes
        for class_ in scheme.classes
        for through in sorted(_classes_read(class_.when) & direct)
        if class_.when is not None
    ]


def _classes_read(when: object) -> set[str]:
    return {test.ref.name for test in leaves(when) if test.ref.source == "class"} if when is not None else set()  # type: ignore[arg-type]


def without_input(
    data: Mapping[str, object], name: str, fields: FieldSet, *, as_of: date, zone: ZoneInfo
) -> dict[str, object]:
    """Return a dimension's rules in which every test of an input answers as it does where nothing is known."""

    def rewrite(node: object) -> object:
        match node:
            case {"field": str() as field} if field == name:
                return EVERYBODY if _holds_unknown(node) else NOBODY
            case {"all": list() as parts}:
                return {"all": [rewrite(part) for part in parts]}
            case {"any": list() as parts}:
                return {"any": [rewrite(part) for part in parts]}
            case {"not": inner}:
                return {"not": rewrite(inner)}
            case _:
                return node

    def _holds_unknown(node: object) -> bool:
        read = parse(node, fields)
        (test,) = leaves(read)
        missing = frozenset[str]() if test.type is FieldType.SET else None
        return holds(read, Facts({test.ref: missing}, as_of=as_of, zone=zone))

    classes = cast("list[dict[str, object]]", data.get("classes", []))
    return {
        **data,
        "classes": [{**item, "when": rewrite(item["when"])} if "when" in item else item for item in classes],
    }
