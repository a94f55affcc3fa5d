"""The benchmarks of the pages run, count and print; how fast they are is for `zhike bench` to say."""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress

import pytest
import typer

from zhike.cli.bench import company, export, followups, live, pages, search

pytestmark = pytest.mark.django_db(transaction=True)


def figures_of(monkeypatch, capsys, bench, **sizes):
    """Run one benchmark in the test's own database and return its figures by key."""

    @contextmanager
    def here():
        yield company.Company()

    monkeypatch.setattr(bench, "new_company", here)
    with suppress(typer.Exit):  # a limit was missed on a busy machine: not what is tested here
        bench.run(as_json=True, **sizes)
    return json.loads(capsys.readouterr().out)["figures"]


def test_pages_ask_as_often_of_many_as_of_few(monkeypatch, capsys):
    monkeypatch.setattr(pages, "ROLES", {"sales": pages.ROLES["sales"]})
    found = figures_of(monkeypatch, capsys, pages, customers=[1_000, 1_050], rounds=6)
    queries = {key: figure for key, figure in found.items() if key.endswith("_queries")}
    assert set(queries) == {f"{page}_queries" for page in pages.PAGES} - {"scorecard_queries"}
    assert [key for key, figure in queries.items() if figure["missed"]] == []
    assert {key for key in found if key.endswith("_growth")} == {f"{page}_growth" for page in pages.DAILY}
    assert found["1050_sales_save_p95"]["limit"] == pages.LIMIT_MS


@pytest.mark.parametrize(
    ("bench", "sizes", "keys"),
    [
        (search, {"customers": 1_000, "rounds": 10}, {"few_note_p95", "rename_p95"}),
        (export, {"customers": 1_000, "events": 1_000}, {"csv", "xlsx", "tag", "undo"}),
        (live, {"customers": 1_000, "events": 1_000, "rounds": 20}, {"ratio", "growth"}),
    ],
    ids=["search", "export", "live"],
)
def test_a_benchmark_runs(monkeypatch, capsys, bench, sizes, keys):
    monkeypatch.setattr(search, "ROLES", {"few": search.ROLES["few"]})
    monkeypatch.setattr(search, "NEEDLES", {"note": search.NEEDLES["note"]})
    assert keys <= set(figures_of(monkeypatch, capsys, bench, **sizes))


def test_the_pages_of_following_up_are_asked_for_by_each_role(monkeypatch, capsys):
    monkeypatch.setattr(followups, "A_SALESPERSON", 100)
    monkeypatch.setattr(followups, "WARM_UP", 0)
    found = figures_of(monkeypatch, capsys, followups, customers=300, tasks=900, rounds=1)
    rows = {key.removesuffix("_queries") for key in found if key.endswith("_queries")}
    assert {"sales_home", "manager_team", "manager_work", "admin_company", "admin_days_team"} <= rows
    assert "sales_team" not in rows
    assert found["manager_team_p95"]["limit"] == followups.LIMIT_MS
    assert {"finish_p95", "ladder", "ladder_again", "tallies", "manager_bar"} <= set(found)
