"""The commands of both READMEs do what they say, word by word."""

from __future__ import annotations

import re
import shlex
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.cli.running import PATIENCE_SECONDS, ZHIKE, environment

ROOT = Path(__file__).parent.parent.parent


def commands(readme: str) -> list[list[str]]:
    """Return every `uv run zhike …` of the blocks, without `uv run`."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    lines = "\n".join(re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)).replace("\\\n", " ")
    return [shlex.split(line)[3:] for line in lines.splitlines() if line.startswith("uv run zhike ")]


def run(folder: Path, home: Path, words: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ZHIKE, *words],
        cwd=folder,
        env=environment(home),
        input="correct horse\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )


@pytest.mark.parametrize(
    ("readme", "header"), [("README.md", "客户编号,下单时间,金额"), ("README.en.md", "CustomerID,Date,Total")]
)
def test_the_readme_classifies_a_file_of_orders(tmp_path, readme, header):
    (tmp_path / "orders.csv").write_text(f"{header}\nA1,2026-10-01 10:00,1280.50\n", encoding="utf-8")
    [classify] = [words for words in commands(readme) if words[0] == "classify"]

    done = run(tmp_path, tmp_path, classify)

    assert done.returncode == 0, done.stderr
    assert "A1,won,active,regular," in (tmp_path / "classes.csv").read_text(encoding="utf-8")
    assert (tmp_path / "report.html").stat().st_size > 10_000


def test_both_readmes_name_the_same_commands():
    verbs = [[words[0] for words in commands(readme)] for readme in ("README.md", "README.en.md")]
    assert verbs == [["demo", "classify", "user", "import", "import", "serve"]] * 2


def test_the_readme_fills_an_installation(tmp_path):
    (tmp_path / "customers.csv").write_text("id,name\nA1,上海甲\n", encoding="utf-8")
    (tmp_path / "orders.csv").write_text("customer_id,occurred_at,amount\nA1,2026-10-01,100\n", encoding="utf-8")
    fills = [words for words in commands("README.md") if words[0] in {"user", "import"}]
    with tempfile.TemporaryDirectory(prefix="zhike-readme-", dir="/tmp") as home:  # short, for the socket
        said = [run(tmp_path, Path(home), words).stdout for words in fills]
    assert said == [
        "Added 我 <me@example.com> as Administrator.\n",
        "Read 1 rows.\nCustomers: 1 new, 0 changed, 0 unchanged.\nTo take it back: zhike import --undo 1\n",
        "Read 1 rows.\nRecorded 1 events; 0 were imported before.\nTo take it back: zhike import --undo 2\n",
    ]
