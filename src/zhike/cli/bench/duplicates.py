"""The search for duplicates: how right it is on a list that is known, how fast over everybody."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import Annotated

import typer

from zhike.cli.bench.everybody import run_everybody
from zhike.cli.bench.labelled import Told, mapping_of, run_labelled
from zhike.cli.language import say

CUSTOMERS = 10_000


def run(  # noqa: PLR0913  one parameter for each option
    *,
    customers: Annotated[int, typer.Option(min=1_000, help=say("客户数", "customers"))] = CUSTOMERS,
    labelled: Annotated[
        Path | None, typer.Option(help=say("已知哪些是同一客户的名单", "a list of which it is known who is who"))
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", help=say("列名=用途，可多次", "COLUMN=PART, as often as needed")),
    ] = None,
    id_column: Annotated[str, typer.Option("--id", help=say("编号那一列", "the column of ids"))] = "",
    truth: Annotated[
        Path | None, typer.Option(help=say("成对编号的 CSV 或 JSON", "CSV or JSON of pairs of ids"))
    ] = None,
    same: Annotated[str, typer.Option(help=say("同一客户值相同的列", "the column that names whose a row is"))] = "",
    same_by: Annotated[
        str, typer.Option(help=say("从编号里取出同一客户的表达式", "an expression that finds in the id whose a row is"))
    ] = "",
    label: Annotated[
        str, typer.Option(help=say("left_… 和 right_… 成对的文件里说是否相同的列", "the column of a file of pairs"))
    ] = "",
    least: Annotated[float | None, typer.Option(min=0, max=1, help=say("F1 至少", "F1 at least"))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON"))] = False,
) -> None:
    """Search a company that is made for it; with --labelled count what is found in a list against what is known of it."""
    if labelled is None:
        run_everybody(customers, as_json=as_json)
        return
    told = Told(mapping_of(columns or ()), id_column, truth, same, same_by, label)
    if sum(map(bool, (truth, same, same_by, label))) != 1:
        raise typer.BadParameter(
            say("--truth、--same、--same-by、--label 要有且只有一个", "give one of --truth, --same, --same-by, --label")
        )
    run_labelled(labelled, told, least=least, as_json=as_json)
