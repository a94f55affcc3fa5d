"""`zhike pack` as a person types it: look, compare, export, change, merge."""

from __future__ import annotations

import json
from subprocess import CompletedProcess
from typing import TYPE_CHECKING

import pytest

from tests.cli.running import installed, zhike
from zhike.base.postgres import Postgres
from zhike.cli.main import main
from zhike.core.packs import parse_pack
from zhike.packs import FOLDER, load_data, load_pack, shipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("packs")  # they share one installation


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with installed("zhike-pck-") as home, Postgres(home / "postgres"):
        yield home


@pytest.fixture
def here(capsys):
    """Run a command that needs no installation in this process, in English unless said otherwise."""

    def run(*arguments):
        language = () if "--lang" in arguments else ("--lang", "en")
        with pytest.raises(SystemExit) as left:
            main([*arguments, *language])
        return CompletedProcess(arguments, left.value.code or 0, *capsys.readouterr())

    return run


@pytest.fixture
def general(home):
    """Put the general pack in force, as it ships."""
    assert zhike(home, "pack", "install", "general").returncode == 0
    return home


def edited(path, text, *replacements):
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return str(path)


GENERAL = (FOLDER / "general.yaml").read_text(encoding="utf-8")
RICHER = ("value: 20000000}", "value: 30000000}")
RICHEST = ("value: 20000000}", "value: 90000000}")
SLOWER = ("cadence_days: 45", "cadence_days: 60")
NEXT = ("version: 1", "version: 2")


def test_the_shipped_packs_are_listed(here):
    said = here("pack", "list", "--lang", "zh").stdout
    assert [line.split()[0] for line in said.splitlines()] == shipped()
    assert "realestate  房产  客户状态、购房意向、资金、适配户型、通勤" in said
    assert "b2b  B2B  Status, Value, Intent" in here("pack", "list", "--lang", "en").stdout


def test_a_pack_is_shown_in_sentences(here):
    chinese = here("pack", "show", "b2b", "--lang", "zh").stdout
    english = here("pack", "show", "b2b", "--lang", "en").stdout
    assert chinese.startswith("企业客户（b2b v1）\n")
    assert "  position         行业地位：龙头、头部、一般、新进入者\n" in chinese
    assert "  重点  high\n    近 365 天成交额不低于 ¥500,000（前 20%）\n    联系周期：14 天\n" in chinese
    assert "  普通  regular\n    其余\n" in chinese
    assert "  风险客户挽留  at_risk\n    由什么开始：有隐患\n    步骤：主管致电、上门给方案\n" in chinese
    assert english.startswith("B2B (b2b v1)\n")
    assert "  Key account  high\n    revenue of at least ¥500,000 in the last 365 days (the top 20%)\n" in english
    assert "    contact every: 14 days\n    methods: visit, call\n    who serves: somebody senior\n" in english


def test_an_unknown_pack_is_named(here):
    for command in (["show", "b2"], ["diff", "general", "b2"], ["merge", "general", "b2", "general"]):
        said = here("pack", *command)
        assert (said.returncode, said.stdout) == (2, "")
        assert "there is no pack or file named b2." in said.stderr


def test_packs_are_compared(here, tmp_path):
    same = here("pack", "diff", "general", str(FOLDER / "general.yaml"))
    assert (same.returncode, same.stdout) == (0, "general v1 and general v1 do not differ.\n")
    new = edited(tmp_path / "new.yaml", GENERAL, RICHER, NEXT)
    told = here("pack", "diff", "general", new, "--lang", "zh")
    rest = "，或者（近 365 天至少下单 6 次，并且最近 90 天内下过单）"
    assert told.returncode == 1
    assert told.stdout == (
        "general v1 → general v2\n"
        "~ 客户价值 › 高价值 › 条件\n"
        f"    - 近 365 天成交额不低于 ¥200,000{rest}\n"
        f"    + 近 365 天成交额不低于 ¥300,000{rest}\n"
    )
    found = here("pack", "diff", "general", new, "--json")
    assert found.returncode == 1
    data = json.loads(found.stdout)
    assert (data["a"], data["b"]["version"]) == ({"name": "general", "pack": "general", "version": 1}, 2)
    (difference,) = data["differences"]
    assert difference["path"] == "dimensions.value.classes.high.when"
    assert difference["kind"] == "changed"
    assert difference["name"] == {"zh": "客户价值 › 高价值 › 条件", "en": "Value › High value › condition"}
    assert difference["new"]["en"].startswith("revenue of at least ¥300,000 in the last 365 days, or (")


def test_the_rules_in_force_are_exported_and_read_back_the_same(general, tmp_path):
    out = tmp_path / "own.yaml"
    written = zhike(general, "pack", "export", "--out", str(out))
    assert (written.returncode, written.stdout, written.stderr) == (0, "", f"Wrote {out}\n")
    assert load_pack(str(out)) == load_pack("general")
    printed = zhike(general, "pack", "export")
    assert printed.stdout == out.read_text(encoding="utf-8")
    assert zhike(general, "pack", "diff", "installed", str(out)).returncode == 0

    nowhere = zhike(general, "pack", "export", "--out", str(tmp_path / "gone" / "own.yaml"))
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert "No such file or directory" in nowhere.stderr


def test_fields_are_exported_with_their_choices_in_order(home, tmp_path):
    assert zhike(home, "pack", "install", "b2b").returncode == 0
    out = tmp_path / "own.yaml"
    zhike(home, "pack", "export", "--out", str(out))
    assert load_pack(str(out)) == load_pack("b2b")
    assert list(load_data(str(out))["fields"]["purchase_cycle"]["choices"]) == [
        "monthly",
        "quarterly",
        "half_year",
        "yearly",
        "project",
    ]


def test_a_new_edition_is_merged_into_rules_that_were_changed(home, tmp_path):
    own = edited(tmp_path / "own.yaml", GENERAL, RICHER)
    assert zhike(home, "pack", "install", own, "--base", "general").returncode == 0

    new = edited(tmp_path / "new.yaml", GENERAL, NEXT, SLOWER)
    out = tmp_path / "merged.yaml"
    merged = zhike(home, "pack", "merge", "original", new, "--out", str(out))
    assert (merged.returncode, merged.stdout) == (0, "")
    assert f"zhike pack install {out} --base {new}" in merged.stderr
    expected = edited(tmp_path / "expected.yaml", GENERAL, NEXT, SLOWER, RICHER)
    assert load_pack(str(out)) == load_pack(expected)

    assert zhike(home, "pack", "install", str(out), "--base", new).returncode == 0
    again = zhike(home, "pack", "merge", "original", new)
    assert parse_pack(load_data(str(out))) == load_pack(expected)
    assert again.stdout == out.read_text(encoding="utf-8")


def test_what_both_changed_is_listed_and_nothing_is_written(here, tmp_path):
    new, own = edited(tmp_path / "new.yaml", GENERAL, NEXT, RICHER), edited(tmp_path / "own.yaml", GENERAL, RICHEST)
    out = tmp_path / "merged.yaml"
    asked = here("pack", "merge", "general", new, own, "--out", str(out), "--lang", "zh")
    assert asked.returncode == 1
    first, base, theirs, ours = asked.stdout.splitlines()
    assert first == "! 客户价值 › 高价值 › 条件  dimensions.value.classes.high.when"
    assert base.startswith("    BASE    近 365 天成交额不低于 ¥200,000，")
    assert theirs.startswith("    THEIRS  近 365 天成交额不低于 ¥300,000，")
    assert ours.startswith("    OURS    近 365 天成交额不低于 ¥900,000，")
    assert asked.stderr == "1 处两边都改了，什么都没有写。用 --ours 或 --theirs 决定，或者先改其中一边。\n"
    assert not out.exists()

    both = here("pack", "merge", "general", new, own, "--ours", "--theirs")
    assert (both.returncode, both.stderr) == (2, "choose one of --ours and --theirs.\n")
    for word, side in (("--ours", own), ("--theirs", new)):
        assert here("pack", "merge", "general", new, own, word, "--out", str(out)).returncode == 0
        assert load_pack(str(out)).schemes == load_pack(side).schemes
        assert load_pack(str(out)).version == 2


def test_a_merge_that_is_no_pack_is_refused(here, tmp_path):
    """They take a dimension away that a class of ours has begun to read."""
    own = edited(
        tmp_path / "own.yaml",
        GENERAL,
        ("{field: metric.tickets, over: {days: 90}, op: gte, value: 1}", "{field: class.type, op: eq, value: person}"),
    )
    start = GENERAL.index("\n  # Who buys. How large")
    new = edited(tmp_path / "new.yaml", GENERAL[:start] + "\n", NEXT)
    out = tmp_path / "merged.yaml"
    said = here("pack", "merge", "general", new, own, "--out", str(out))
    assert said.returncode == 2
    assert "there is no field class.type" in said.stderr
    assert not out.exists()
