"""分类包: the packs that ship, what they would do here, and putting one in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from zhike.accounts.policy import can, require, visible
from zhike.accounts.queries import company_zone
from zhike.base.errors import Conflict, NotFound, current_language
from zhike.classification.actions.packs import install_pack
from zhike.classification.editions import newer_version
from zhike.classification.models import Scheme
from zhike.classification.pack_preview import preview_pack
from zhike.classification.packs import original_pack, pack_of_today, rules_seen
from zhike.classification.queries import ClassSize
from zhike.classification.tasks import ask_for, place_everyone
from zhike.core.conditions.describe import Writer
from zhike.core.conditions.values import fact_name
from zhike.core.errors import ZhikeError
from zhike.core.facts import Ref
from zhike.core.pack_tree import tree_of
from zhike.core.pack_words import Side
from zhike.customers.facts import custom_fields
from zhike.customers.models import Customer
from zhike.packs import MAX_BYTES, load_data, load_pack, shipped
from zhike.web.classes.cards import dimension_card
from zhike.web.classes.pack_plan import named, plan
from zhike.web.classes.pack_sample import sample_sizes
from zhike.web.classes.views import studio
from zhike.web.plans.words import outlines
from zhike.web.request import Request, local_today

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpResponse

    from zhike.classification.models import InstalledPack
    from zhike.classification.pack_preview import Sizes
    from zhike.core.packs import Pack
    from zhike.web.classes.cards import Dimension

UNPROCESSABLE = 422
OWN, SAMPLE = "own", "sample"
# So many are placed while a person waits; more are left to the worker.
SOON = 1_000


@dataclass(frozen=True, slots=True)
class PackCard:
    """A shipped pack on one card."""

    name: str
    label: str
    description: str
    dimensions: Sequence[tuple[str, str]]  # icon and label
    classes: int
    fields: Sequence[str]
    version: int | None  # that of the edition that was put in force here
    newer: int | None  # that of the edition which came since


@dataclass(slots=True)
class Shown:
    """One dimension of a pack with what is known of its sizes."""

    card: Dimension
    counted: int | None = None
    missing: str = ""


@require_safe
def pack_list(request: Request) -> HttpResponse:
    return render(request, "web/packs.html", pack_cards(request))


def pack_cards(request: Request) -> dict[str, object]:
    """Return what the list of packs shows."""
    original = original_pack()
    return {
        **studio(request),
        "at": "packs",
        "cards": [_card(name, original) for name in shipped()],
        "may_install": can(request.user, "publish", Scheme),
        "most": MAX_BYTES // 10**6,
    }


def _card(name: str, original: InstalledPack | None) -> PackCard:
    pack, language, newer = load_pack(name), current_language(), newer_version()
    return PackCard(
        name=name,
        label=pack.label.get(language),
        description=pack.description.get(language),
        dimensions=[(scheme.icon, scheme.label.get(language)) for scheme in pack.schemes],
        classes=sum(len(scheme.classes) for scheme in pack.schemes),
        fields=[field.label.get(language) for field in pack.fields],
        version=original.version if original and original.key == name else None,
        newer=newer[1] if newer is not None and newer[0] == name else None,
    )


@require_safe
def pack_page(request: Request, pack: str) -> HttpResponse:
    """Show a pack's dimensions and sentences; on request with how many customers each class would get."""
    name, on = _known(pack), request.GET.get("on", "")
    found = pack_of_today(name) if on == OWN else load_pack(name)
    fields = Side(tree_of(cast("Mapping[str, object]", load_data(name))), found.fieldset())
    context = {
        **studio(request),
        "at": "packs",
        "card": _card(name, original_pack()),
        "fields": [fields.tell(("fields", Ref(field.key).name)).get(current_language()) for field in found.fields],
        "templates": outlines(found.plans, found.schemes, current_language()),
        "on": on,
        "customers": visible(request.user, Customer).count(),
        "may_install": can(request.user, "publish", Scheme),
    }
    if on == OWN:
        context["shown"] = _on_own(found, request)
    elif on == SAMPLE:
        sample = sample_sizes(name, local_today(), company_zone())
        context["sample"] = sample.company.get(current_language())
        context["shown"] = _shown(found, request, sample.dimensions, sample.customers)
    else:
        context["shown"] = _shown(found, request, {})
    return render(request, "web/pack.html", context)


def _on_own(pack: Pack, request: Request) -> list[Shown]:
    """Return the dimensions with the sizes that they would have among this person's customers."""
    preview = preview_pack(pack, request.user)
    shown = _shown(pack, request, {key: _sizes(pack, key, sizes) for key, sizes in preview.dimensions.items()})
    fields = pack.fieldset(custom_fields())
    for one in shown:
        sizes = preview.dimensions[one.card.key]
        one.counted = sizes.counted
        one.missing = named([fact_name(ref, fields[ref.field], current_language()) for ref in sizes.missing])
    return shown


def _sizes(pack: Pack, dimension: str, sizes: Sizes) -> dict[str, ClassSize]:
    default = next(scheme.default.key for scheme in pack.schemes if scheme.dimension == dimension)
    return {key: ClassSize(n, sizes.undetermined if key == default else 0) for key, n in sizes.classes.items()}


def _shown(
    pack: Pack, request: Request, sizes: Mapping[str, Mapping[str, ClassSize]], counted: int | None = None
) -> list[Shown]:
    writer = Writer(current_language(), pack.fieldset(custom_fields()), request.company.currency)
    return [
        Shown(dimension_card(scheme, pack.version, writer, sizes.get(scheme.dimension, {})), counted)
        for scheme in pack.schemes
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def pack_install(request: Request, pack: str) -> HttpResponse:
    """Say what putting a pack in force replaces, and do it."""
    require(request.user, "publish", Scheme)
    name, language = _known(pack), current_language()
    error, status = "", 200
    if request.method == "POST":
        try:
            return install(request, name)
        except ZhikeError as refused:
            error, status = refused.message(language), refused.status
    data = cast("Mapping[str, object]", load_data(name))
    context = {
        **studio(request),
        "at": "packs",
        "card": _card(name, original_pack()),
        "plan": plan(load_pack(name), data, language),
        "error": error,
        "customers": Customer.present.count(),
    }
    return render(request, "web/pack_install.html", context, status=status)


def install(request: Request, pack: str | Mapping[str, object]) -> HttpResponse:
    """Put the pack in force if the rules are still those that were looked at."""
    if request.POST.get("seen") != rules_seen():
        raise Conflict(
            "规则刚被别人换过，请再看一遍再启用",
            "The rules were changed meanwhile: look again before you put the pack in force",
        )
    customers = Customer.present.count()
    found = install_pack(pack=pack, by=request.user, place=customers <= SOON)
    names = {"pack": found.label.get(current_language()), "n": customers}
    if customers > SOON:
        ask_for(place_everyone)
        messages.success(request, gettext("%(pack)s已启用，正在重新判断 %(n)d 位客户") % names)
    else:
        messages.success(request, gettext("%(pack)s已启用") % names)
    return redirect("web:classes")


def _known(name: str) -> str:
    if name not in shipped():
        raise NotFound
    return name
