"""A list of which it is known who is who, held against what the search for duplicates finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import typer

from zhike.cli.bench.figures import Figures, seconds
from zhike.cli.language import language, say
from zhike.core.errors import ZhikeError
from zhike.core.text import Text
from zhike.engine.duplicates.labelled import (
    PARTS,
    Labelled,
    Measured,
    group_by,
    measure,
    measure_pairs,
    pairs_in_groups,
    read_rows,
    read_truth,
    record_of,
    require_columns,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_SHOWN = 20


class Told(NamedTuple):
    """How a file is read, and which of its rows are one: by a column, by what an expression finds in the ids, by pairs."""

    mapping: dict[str, str]
    id_column: str = ""
    truth: Path | None = None
    same: str = ""
    same_by: str = ""
    label: str = ""


def mapping_of(given: Iterable[str]) -> dict[str, str]:
    """Return column → part from COLUMN=PART."""
    found: dict[str, str] = {}
    for entry in given:
        column, is_given, part = entry.rpartition("=")
        if not is_given or part not in PARTS:
            parts = "、".join(PARTS)
            raise typer.BadParameter(
                say(
                    f"--map {entry}：要写 列名=用途，用途是：{parts}",
                    f"--map {entry}: give COLUMN=PART, one of {parts}",
                )
            )
        found[column] = part
    if not found:
        raise typer.BadParameter(
            say("请用 --map 列名=用途 说明有哪些列", "say with --map COLUMN=PART what the columns are")
        )
    return found


def run_labelled(path: Path, told: Told, *, least: float | None, as_json: bool) -> None:
    """Print precision, recall and F1 of a file; below `least` end with exit code 1."""
    try:
        found = _pairwise(path, told) if told.label else _list(path, told)
    except ZhikeError as error:
        typer.echo(error.message(language()), err=True)
        raise typer.Exit(2) from None
    figures = found.figures
    for key, label, measured in found.measured:
        figures.add(f"{key}precision", Text(f"{label.zh}准确率", f"precision{label.en}"), measured.precision)
        figures.add(f"{key}recall", Text(f"{label.zh}召回率", f"recall{label.en}"), measured.recall)
        figures.add(f"{key}f1", Text(f"{label.zh}F1", f"F1{label.en}"), measured.f1)
    figures.finish(as_json=as_json)
    best = found.measured[0][2]
    if not as_json:
        for mark, pairs in ((say("不该有", "wrong"), best.wrong), (say("没找到", "missed"), best.missed)):
            for one, other in pairs[:_SHOWN]:
                typer.echo(f"{mark}: {found.names[one]} – {found.names[other]}")
    if least is not None and best.f1 < least:
        raise typer.Exit(1)


class _Found(NamedTuple):
    figures: Figures
    measured: list[tuple[str, Text, Measured]]
    names: list[str]


def _list(path: Path, told: Told) -> _Found:
    rows = read_rows(path)
    id_column = told.id_column or next(iter(rows[0]), "") if rows else ""
    require_columns(rows, [*told.mapping, id_column, *([told.same] if told.same else [])], path)
    ids = [row[id_column] for row in rows]
    if told.truth is not None:
        truth = read_truth(told.truth, ids)
    elif told.same:
        truth = pairs_in_groups(row[told.same] for row in rows)
    else:
        truth = pairs_in_groups(group_by(told.same_by, ids))
    labelled = Labelled([record_of(place, row, told.mapping) for place, row in enumerate(rows)], truth)
    measured: list[Measured] = []
    taken = seconds(lambda: measured.append(measure(labelled)))
    figures = Figures("duplicates", {"rows": len(rows), "pairs": len(truth), "found": measured[0].found})
    figures.add("seconds", Text("查找用时", "search"), taken, "s")
    joined = measure(labelled, joined=True)
    return _Found(figures, [("", Text("", ""), measured[0]), ("joined_", Text("成组后", " in groups"), joined)], ids)


def _pairwise(path: Path, told: Told) -> _Found:
    rows = read_rows(path)
    columns = [f"{side}_{column}" for side in ("left", "right") for column in told.mapping]
    require_columns(rows, [*columns, told.label], path)
    # Two rows of one line are two records: the right ones are counted on from the left.
    pairs = [
        (
            record_of(place, row, told.mapping, "left_"),
            record_of(len(rows) + place, row, told.mapping, "right_"),
        )
        for place, row in enumerate(rows)
    ]
    measured = measure_pairs(pairs, [row[told.label] for row in rows])
    figures = Figures("duplicates", {"rows": len(rows), "pairs": measured.true, "found": measured.found})
    return _Found(figures, [("", Text("", ""), measured)], [f"{place + 1}" for place in range(len(rows))])
