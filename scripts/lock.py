"""Write the exact versions of every package into pyproject.toml: `make lock`.

The lock is two lists there instead of uv.lock, which would name the host of a registry.
"""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = ROOT / "pyproject.toml"


def main() -> None:
    text = PYPROJECT.read_text(encoding="utf-8")
    for name in ("constraint-dependencies", "build-constraint-dependencies"):
        text = fill(text, name, [])
    PYPROJECT.write_text(text, encoding="utf-8")

    (ROOT / "uv.lock").unlink(missing_ok=True)
    uv("lock", "--upgrade")
    locked = uv("export", "--all-groups", "--no-hashes", "--no-emit-project", "--no-annotate")
    build = tomllib.loads(text)["build-system"]["requires"]
    built = uv("pip", "compile", "--universal", "--no-annotate", "--no-header", "-", given=build)

    text = fill(text, "constraint-dependencies", pins(locked))
    text = fill(text, "build-constraint-dependencies", pins(built))
    PYPROJECT.write_text(text, encoding="utf-8")
    uv("sync")


def uv(*arguments: str, given: list[str] | None = None) -> str:
    done = subprocess.run(
        ["uv", *arguments],
        cwd=ROOT,
        input="\n".join(given or []),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def pins(requirements: str) -> list[str]:
    """Keep lines such as `polars==2.1.0 ; python_version >= "3.12"`."""
    return sorted(line.strip() for line in requirements.splitlines() if re.match(r"[\w.-]+==", line))


def fill(text: str, name: str, entries: list[str]) -> str:
    """Replace the list `name` in the text of pyproject.toml."""
    block = "".join(f"    {quoted(entry)},\n" for entry in entries)
    value = f"[\n{block}]" if entries else "[]"
    filled, count = re.subn(rf"(?m)^{name} = \[(?:\]|\n(?:    .*\n)*\])", lambda _: f"{name} = {value}", text)
    assert count == 1, name
    return filled


def quoted(entry: str) -> str:
    return f"'{entry}'" if '"' in entry else f'"{entry}"'


if __name__ == "__main__":
    main()
