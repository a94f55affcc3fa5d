"""Writes of tags that rules may name: a rule would silently lose those who carry a tag that is called otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from django.db import transaction

from zhike.base.errors import Conflict
from zhike.classification.rules import rulebook
from zhike.core.conditions.nodes import leaves
from zhike.core.text import fold
from zhike.customers.actions import tags

if TYPE_CHECKING:
    from zhike.accounts.models import User
    from zhike.core.schemes import Scheme
    from zhike.customers.actions.tags import TagFields
    from zhike.customers.models import Tag


def schemes_with_tag(name: str) -> list[Scheme]:
    """Return the rules in force that ask for a tag."""
    return [
        scheme
        for scheme in rulebook().schemes
        if any(
            str(test.ref) == "customer.tags" and fold(name) in _asked(test.value)
            for class_ in scheme.classes
            if class_.when is not None
            for test in leaves(class_.when)
        )
    ]


def _asked(value: object) -> set[str]:
    asked = value if isinstance(value, tuple | frozenset) else (value,)
    return {fold(str(one)) for one in asked}


@transaction.atomic
def update_tag(*, tag: Tag, version: int, by: User | None, **given: Unpack[TagFields]) -> Tag:
    """Change a tag as `customers.actions.tags` does, unless rules in force name it by what it was called."""
    if "name" in given and fold(given["name"]) != tag.name_folded:
        _check_rules(tag)
    return tags.update_tag(tag=tag, version=version, by=by, **given)


@transaction.atomic
def merge_tag(*, tag: Tag, into: Tag, version: int, by: User | None) -> int:
    """Merge a tag into another one, unless rules in force name it."""
    _check_rules(tag)
    return tags.merge_tag(tag=tag, into=into, version=version, by=by)


@transaction.atomic
def begin_rename(*, tag: Tag, version: int, by: User, **given: Unpack[TagFields]) -> tuple[Tag, Tag]:
    """Call a tag otherwise before those who carry it follow, unless rules in force name it."""
    _check_rules(tag)
    return tags.begin_rename(tag=tag, version=version, by=by, **given)


@transaction.atomic
def begin_merge(*, tag: Tag, into: Tag, version: int, by: User) -> Tag:
    """Retire a tag before those who carry it follow, unless rules in force name it."""
    _check_rules(tag)
    return tags.begin_merge(tag=tag, into=into, version=version, by=by)


@transaction.atomic
def move_carriers(*, tag: Tag, into: Tag, after: int, by: User) -> list[int]:
    """Rewrite the next who carry a tag, unless rules in force have come to name it meanwhile."""
    _check_rules(tag)
    return tags.move_carriers(tag=tag, into=into, after=after, by=by)


def _check_rules(tag: Tag) -> None:
    schemes = schemes_with_tag(tag.name)
    if schemes:
        zh = "、".join(scheme.label.zh for scheme in schemes)
        en = ", ".join(scheme.label.en for scheme in schemes)
        raise Conflict(
            f"生效的规则写着这个标签：{zh}。先让规则也认新名字，再改名或合并",
            f"Rules in force name this tag: {en}. Let them know the new name first, then rename or merge",
        )
