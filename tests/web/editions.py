"""A newer edition of the general pack, as a test writes it: shipped for the length of that test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.core.pack_sides import changed
from zhike.packs import load_data

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import pytest

type Change = Callable[[dict[str, Any]], None]


def ship(monkeypatch: pytest.MonkeyPatch, *changes: Change, version: int = 2) -> dict[str, Any]:
    """Have the general pack delivered in another edition; return its data."""
    import zhike.packs

    def numbered(data: dict[str, Any]) -> None:
        data["version"] = version

    edition = changed(numbered, *changes, of=load_data("general"))
    before = zhike.packs._shipped_data
    monkeypatch.setattr(zhike.packs, "_shipped_data", lambda name: edition if name == "general" else before(name))
    return edition


def change_here(*changes: Change) -> None:
    """Change the rules in force, as people do after a pack was put in force."""
    from zhike.classification.actions.packs import install_pack
    from zhike.classification.packs import original_pack, present_pack

    original = original_pack()
    assert original is not None
    install_pack(pack=changed(*changes, of=present_pack()), base=original.data, by=None)
