"""The layers hold, and the lists that repeat the folders agree with them."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "zhike"
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS, INSIDE_APPS = CONTRACTS[0], CONTRACTS[1]
# What may be missing when its user says `zhike.core` or `zhike.engine` and nothing else.
FRAMEWORKS = {"django", "procrastinate", "psycopg"}


def packages() -> set[str]:
    return {folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").exists()}


def apps() -> set[str]:
    return {name for name in packages() if find_spec(f"zhike.{name}.models")}


def imports(file: Path) -> set[str]:
    """Return the top-level modules that a file imports, for types or to run."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                found.update(alias.name.partition(".")[0] for alias in names)
            case ast.ImportFrom(module=str(module)):
                found.add(module.partition(".")[0])
    return found


def test_contracts_are_kept():
    linted = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout


def test_every_package_stands_in_one_layer():
    layers = [name.strip(" ()") for line in LAYERS["layers"] for name in line.split("|")]
    assert sorted(layers) == sorted(packages())


def test_every_app_has_its_inner_layers_and_is_installed():
    from django.conf import settings

    inside = {name.removeprefix("zhike.") for name in INSIDE_APPS["containers"]}
    installed = {n.removeprefix("zhike.") for n in settings.INSTALLED_APPS if n.startswith("zhike.")}
    assert inside == apps()
    assert apps() | {"base", "web"} == installed


@pytest.mark.parametrize("file", sorted((PACKAGE / "core").rglob("*.py")), ids=lambda f: f.name)
def test_core_imports_the_standard_library_alone(file: Path):
    assert imports(file) <= sys.stdlib_module_names | {"zhike"}


@pytest.mark.parametrize("module", ["zhike.core.packs", "zhike.engine", "zhike.cli.main", "zhike.cli.classify"])
def test_work_without_a_database_loads_no_framework(module: str):
    assert find_spec(module), f"{module} has moved; name its successor here"
    program = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert FRAMEWORKS.isdisjoint(loaded)


def test_every_command_has_its_module():
    from zhike.cli.main import COMMANDS

    missing = [name for name, (module, _) in COMMANDS.items() if find_spec(module) is None]
    assert missing == []


def test_no_file_is_too_long_to_read():
    long = {
        str(file.relative_to(ROOT)): lines
        for file in PACKAGE.rglob("*")
        if file.suffix in {".py", ".js", ".css", ".html"}
        and file.parent.name not in {"migrations", "vendor"}
        and (lines := file.read_text(encoding="utf-8").count("\n")) > 400
    }
    assert long == {}


def test_no_committed_file_names_a_registry():
    hosts = "registry[.]npm|py[p]i[.]org|python[h]osted"  # a pattern that does not match itself
    named = subprocess.run(
        ["git", "grep", "-lE", hosts],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert named.stdout == ""
