"""Writes: a newer edition of the pack in force is merged into rules that were changed here.

What the merge changes is published like any draft: prepared aside, switched in one step, confirmed by
those whose customers it moved. With the switch, and not before, the edition becomes what the next one
is merged against.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.db import transaction
from django.db.models import Max

from zhike.accounts.policy import require
from zhike.base.errors import Conflict, current_language
from zhike.classification.actions.packs import define_fields
from zhike.classification.actions.publications import bring_in, publish
from zhike.classification.editions import merging, own_words, read_edition, refuse_what_stands_in_the_way
from zhike.classification.models import Publication, Scheme, SchemeVersion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhike.accounts.models import User
    from zhike.classification.editions import Words


@transaction.atomic
def adopt_edition(*, words: Words, seen: str, by: User) -> Publication | None:
    """Have the newer edition put in force, merged with what was changed here.

    `words` says by path where the edition's word counts in a conflict; elsewhere ours does. `seen` is
    `Edition.seen` of what was looked at. Returns None where the merge changes no rule: then there is
    nothing to prepare, and only what later editions are compared with is another.
    """
    require(by, "publish", Scheme)
    schemes = {scheme.dimension: scheme for scheme in Scheme.objects.select_for_update().order_by("pk")}
    edition = read_edition()
    if edition is None or edition.seen != seen:
        raise Conflict(
            "规则刚被别人换过，请再看一遍再合并",
            "The rules were changed meanwhile: look again before you merge",
        )
    if merging() is not None:
        raise Conflict("已经有新版正在合并", "a new edition is being merged already")
    merged = edition.merged(own_words(words.items(), edition.conflicts))
    pack = merged.pack()
    refuse_what_stands_in_the_way(merged)
    define_fields(pack)
    brought = {
        "base": edition.original.pk,
        "data": edition.data,
        "key": edition.original.key,
        "plans": merged.data.get("plans", []),
        "order": merged.order,
        "fields": merged.renamed,
        "gone": {key: schemes[key].current_id for key in merged.gone},
    }
    if not merged.changed and not merged.gone:
        bring_in(brought, by)
        return None
    drafts = [_draft(schemes.get(key), merged.dimension(key), by) for key in merged.changed]
    note = f"{pack.label.get(current_language())} v{pack.version}"
    return publish(drafts=drafts, by=by, note=note, kind=Publication.Kind.EDITION, edition=brought)


def _draft(scheme: Scheme | None, data: Mapping[str, object], by: User) -> SchemeVersion:
    """Return the merged rules of a dimension as a draft; a dimension that is new here is made."""
    if scheme is None:
        last = Scheme.objects.aggregate(last=Max("position"))["last"]
        position = 0 if last is None else cast("int", last) + 1
        scheme = Scheme.objects.create(dimension=str(data["key"]), position=position)
    number = scheme.versions.aggregate(last=Max("number"))["last"] or 0
    return SchemeVersion.objects.create(
        scheme=scheme,
        number=number + 1,
        state=SchemeVersion.State.DRAFT,
        data=data,
        base_id=scheme.current_id,
        by=by,
        updated_by=by,
    )
