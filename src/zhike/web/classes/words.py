"""What the settings of a class are called."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from zhike.base.templatetags.zhike import ICONS

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def class_icons() -> list[tuple[str, str]]:
    """Return the icons that a class may have, each with its filled form where there is one."""
    listed = (ICONS.parent / "icons.txt").read_text(encoding="utf-8").partition("# classes")[2].partition("\n\n")[0]
    names = [line for line in listed.split("\n")[1:] if line and not line.startswith("filled/")]
    return [(name, f"filled/{name}" if (ICONS / f"filled/{name}.svg").is_file() else "") for name in [*names, "tag"]]


def tone_names() -> Mapping[str, str]:
    """Return the pigments, in the order in which they are offered."""
    return {
        "azurite": gettext("石青"),
        "malachite": gettext("石绿"),
        "gamboge": gettext("藤黄"),
        "ochre": gettext("赭石"),
        "cinnabar": gettext("朱砂"),
        "carmine": gettext("胭脂"),
        "wisteria": gettext("藤紫"),
        "ink": gettext("墨"),
    }


def look_names() -> Mapping[str, str]:
    return {"filled": gettext("填色"), "plain": gettext("描边"), "deep": gettext("深色底")}


def demote_names() -> Mapping[str, str]:
    return {"now": gettext("马上生效"), "review": gettext("先进待复核")}


def owner_names() -> Mapping[str, str]:
    return {"any": gettext("谁都可以"), "senior": gettext("资深同事")}
