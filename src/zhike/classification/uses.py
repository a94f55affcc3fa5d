"""Which rules read a field: those in force, those that wait to be published, and drafts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from zhike.classification.models import SchemeVersion
from zhike.core.conditions.parse import each_test
from zhike.core.text import Text
from zhike.customers.fields import Use

if TYPE_CHECKING:
    from collections.abc import Iterator


def rules_that_read(name: str) -> list[Use]:
    """Return a use for every dimension whose rules, in force or in draft, name the field."""
    state = SchemeVersion.State
    rows = SchemeVersion.objects.exclude(state=state.RETIRED).select_related("scheme")
    return [
        _use(row)
        for row in rows.order_by("scheme__position", "scheme_id", "-state", "pk")
        if (row.state == state.DRAFT or row.scheme.current_id == row.pk) and name in fields_named(row.data)
    ]


def fields_named(data: object) -> set[str]:
    """Return the fields that a version's conditions name, however wrong the rest of it may be."""
    classes = data.get("classes") if isinstance(data, dict) else None
    return (
        {name for item in classes if isinstance(item, dict) for name in _named(item)}
        if isinstance(classes, list)
        else set()
    )


def _named(item: dict[str, object]) -> Iterator[str]:
    for _path, test in each_test(item.get("when"), "when"):
        found = test.get("field") if isinstance(test, dict) else None
        if isinstance(found, str):
            yield found


def _use(version: SchemeVersion) -> Use:
    label = version.data.get("label")
    zh, en = (
        (str(label.get(language, version.scheme.dimension)) for language in ("zh", "en"))
        if isinstance(label, dict)
        else (version.scheme.dimension, version.scheme.dimension)
    )
    if version.state == SchemeVersion.State.DRAFT:
        url = reverse("web:draft", args=[version.scheme.dimension])
        return Use(Text(f"「{zh}」的草稿", f"the draft of {en}"), url)
    return Use(Text(f"「{zh}」的规则", f"the rules of {en}"), reverse("web:dimension", args=[version.scheme.dimension]))
