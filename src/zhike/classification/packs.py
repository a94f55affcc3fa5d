"""The rules in force as a pack: what is exported, compared with shipped ones and merged with new editions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.module_loading import import_string

from zhike.accounts.queries import company
from zhike.classification.candidates import numbered
from zhike.classification.models import InstalledPack, Scheme
from zhike.core.errors import PackError
from zhike.core.facts import FieldType, Ref
from zhike.core.pack_tree import data_of, fields_read, json_of, tree_of
from zhike.core.pack_words import Side
from zhike.core.packs import parse_pack
from zhike.core.plans import without_strangers
from zhike.customers.facts import custom_fields
from zhike.packs import load_data

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhike.core.facts import Field
    from zhike.core.packs import Pack


def original_pack() -> InstalledPack | None:
    """Return the pack as it was delivered when it was last put in force."""
    return InstalledPack.objects.order_by("-pk").first()


def rules_seen() -> str:
    """Return what tells the rules in force from all others."""
    current = Scheme.objects.filter(current__isnull=False).order_by("position", "pk")
    return "-".join(str(pk) for pk in current.values_list("current_id", flat=True))


def present_pack() -> dict[str, Any]:
    """Return the rules in force as the data of a pack, with the fields that they read.

    Raises `PackError` when there are none.
    """
    dimensions = [
        scheme.current.data
        for scheme in Scheme.objects.filter(current__isnull=False).select_related("current")
        if scheme.current is not None
    ]
    if not dimensions:
        raise PackError("还没有启用任何分类规则。", "no rules are in force yet.")
    original = original_pack()
    delivered: Mapping[str, Any] = original.data if original else {}
    wanted = fields_read(dimensions) | set(delivered.get("fields", {}))
    fields = {
        Ref(field.key).name: _field_data(field)
        for field in custom_fields(says_retired=False)
        if Ref(field.key).name in wanted
    }
    named = {name: delivered[name] for name in ("label", "description") if name in delivered}
    parts = {name: import_string(path)() for name, path in settings.ZHIKE_PACK_PARTS.items()}
    tree = tree_of(without_strangers({**named, "fields": fields, "dimensions": dimensions, **parts}))
    key = original.key if original else company().pack or "own"
    return data_of(tree, key=key, version=original.version if original else 1)


def pack_of_today(pack: str | Mapping[str, Any]) -> Pack:
    """Return a pack, by its shipped name or its data, with the numbers that its quantiles have today."""
    data = json_of(load_data(pack) if isinstance(pack, str) else pack)
    return parse_pack(numbered(data), custom_fields())


def _field_data(field: Field) -> dict[str, Any]:
    data: dict[str, Any] = {"type": field.type.value, "label": field.label._asdict()}
    if field.type is FieldType.CHOICE and field.choices:
        data["choices"] = {key: label._asdict() for key, label in field.choices.items()}
    return data


def side_of(data: Mapping[str, Any]) -> Side:
    """Return a pack to be compared; its conditions may name the company's own fields."""
    fields = parse_pack(data, custom_fields()).fieldset(custom_fields())
    return Side(tree_of(data), fields, company().currency)
