"""Writes: the rules themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from zhike.accounts.actions import set_company
from zhike.accounts.policy import require
from zhike.audit import actions as audit
from zhike.base.clock import now
from zhike.classification import batch
from zhike.classification.candidates import numbered
from zhike.classification.inputs import check_inputs
from zhike.classification.models import InstalledPack, Scheme, SchemeVersion
from zhike.core.errors import PackError
from zhike.core.pack_tree import json_of
from zhike.core.packs import parse_pack
from zhike.customers.actions.fields import define_field
from zhike.customers.facts import custom_fields
from zhike.packs import load_data

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from zhike.accounts.models import User
    from zhike.core.packs import Pack


DEFAULT_PACK = "general"


def ensure_rules() -> None:
    """Put the shipped rules in force in an installation that has none: nobody begins without classes."""
    if not Scheme.objects.exists():
        install_pack(pack=DEFAULT_PACK, by=None)


def install_pack(
    *,
    pack: str | Mapping[str, object],
    by: User | None,
    base: str | Mapping[str, object] | None = None,
    as_of: date | None = None,
    place: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Pack:
    """Put a pack's rules in force and place everyone by them.

    `pack` is a shipped name, a path or the pack's data; `base` is the edition that it was merged
    with, if it was, which later editions will be merged against. Quantiles get the numbers of the
    present customers. Each dimension becomes a scheme with a new published version; a dimension that the pack does not have is put out of force and its version
    retired, its history stays. The rules are switched in one transaction; the placing that follows
    goes chunk by chunk, so that nobody waits for all of it, and what an interruption leaves undone
    the worker finishes. Without `place` the caller sees to it that everyone is placed.
    """
    if by is not None:
        require(by, "publish", Scheme)
    delivered = _data(pack if base is None else base)
    parse_pack(delivered, custom_fields())
    data = numbered(delivered if base is None else _data(pack))
    parsed = parse_pack(data, custom_fields())
    check_inputs(parsed.schemes)
    with transaction.atomic():
        define_fields(parsed)
        dimensions = cast("Sequence[Mapping[str, object]]", data["dimensions"])
        for position, dimension in enumerate(dimensions):
            _publish(dimension, position, by)
        _retire_others([str(dimension["key"]) for dimension in dimensions])
        install_parts(data, by)
        set_company(by=None, pack=parsed.key)
        keep_edition(delivered, by)
        audit.record("pack.installed", by=by, data={"pack": parsed.key, "version": delivered.get("version")})
    if place:
        batch.place_everyone(as_of=as_of, progress=progress)
    return parsed


def install_parts(data: Mapping[str, object], by: User | None) -> None:
    """Let those who keep the other parts of a pack, such as its plans, put them in force."""
    for hook in settings.ZHIKE_ON_PACK:
        import_string(hook)(data, by=by)


def _data(pack: str | Mapping[str, object]) -> Mapping[str, object]:
    return cast("Mapping[str, object]", json_of(pack if isinstance(pack, Mapping) else load_data(pack)))


def keep_edition(data: Mapping[str, object], by: User | None) -> None:
    """Remember a pack as it was delivered, unless it is the one that is remembered."""
    last = InstalledPack.objects.order_by("-pk").first()
    if last is None or last.data != data:
        version = cast("int", data["version"])
        InstalledPack.objects.create(key=str(data["pack"]), version=version, data=data, installed_at=now(), by=by)


def define_fields(pack: Pack) -> None:
    """Define the fields that the pack needs; one that is there already must be of that type."""
    for field in pack.fields:
        name = field.key.partition(".")[2]
        found = define_field(key=name, type_=field.type, by=None, label=field.label, choices=field.choices)
        if found.type != field.type:
            raise PackError(
                f"公司的字段 {name} 是 {found.type}，规则包需要 {field.type}",
                f"the company's field {name} is {found.type}, and the pack needs {field.type}",
                path=f"fields.{name}",
            )


def _publish(data: Mapping[str, object], position: int, by: User | None) -> None:
    """Make this the dimension's version in force, unless it is already."""
    scheme, _ = Scheme.objects.select_related("current").get_or_create(dimension=data["key"])
    scheme.position = position
    scheme.mode = str(data.get("mode", Scheme.Mode.AUTO))
    if scheme.current is None or scheme.current.data != data:
        _retire(scheme)
        last = scheme.versions.order_by("-number").first()
        scheme.current = SchemeVersion.objects.create(
            scheme=scheme,
            number=last.number + 1 if last else 1,
            state=SchemeVersion.State.PUBLISHED,
            data=data,
            published_at=now(),
            by=by,
        )
    scheme.save()


def _retire(scheme: Scheme) -> None:
    published = scheme.versions.filter(state=SchemeVersion.State.PUBLISHED)
    published.update(state=SchemeVersion.State.RETIRED, retired_at=now())


def _retire_others(dimensions: Sequence[str]) -> None:
    """Put the dimensions that are not named out of force; nobody stands in them any more."""
    for scheme in Scheme.objects.exclude(dimension__in=dimensions).filter(current__isnull=False):
        _retire(scheme)
        scheme.current = None
        scheme.save(update_fields=["current"])
        batch.leave_dimension(scheme.dimension)
