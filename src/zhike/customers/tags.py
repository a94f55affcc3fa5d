"""Reads: the dictionary of tags. A tag is compared folded, and written as the dictionary has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import CharField, Count, F, Func

from zhike.accounts.policy import visible
from zhike.core.text import fold
from zhike.customers.models import Customer, Tag

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.core.text import Language


def tag_counts(user: User) -> dict[str, int]:
    """Return folded tag → how many customers that this person sees have it."""
    tagged = visible(user, Customer).exclude(tags=[])
    each = tagged.annotate(tag=Func(F("tags_folded"), function="unnest", output_field=CharField())).values("tag")
    return dict(each.annotate(size=Count("*")).order_by().values_list("tag", "size"))


def carriers_of(tag: Tag) -> QuerySet[Customer]:
    """Return all customers who carry a tag, whoever sees them, those in the bin too."""
    return Customer.objects.filter(tags_folded__contains=[tag.name_folded])


def tags_by_name(names: Iterable[str]) -> dict[str, Tag]:
    """Return folded name → what the dictionary has of these tags."""
    folded = {fold(name) for name in names}
    return {tag.name_folded: tag for tag in Tag.objects.filter(name_folded__in=folded)} if folded else {}


def offered_tags() -> list[str]:
    """Return the tags that may still be given, by name."""
    return list(Tag.objects.filter(retired_at=None).values_list("name", flat=True))


def shown_name(tag: Tag, language: Language) -> str:
    """Return what readers of a language call a tag; without an English name it is as it is written."""
    return tag.name_en if language == "en" and tag.name_en else tag.name
