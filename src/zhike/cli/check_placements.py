"""`zhike check placements`: facts and classes worked out again and compared with what is stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.language import say
from zhike.cli.session import installation
from zhike.cli.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhike.classification.audit import Audit, Difference

SHOWN = 50


def run(
    *,
    sample: Annotated[
        int,
        typer.Option(
            min=0,
            help=say("只看随机抽的这么多位客户；0 是全部。", "Only so many customers, drawn by lot; 0 is everyone."),
        ),
    ] = 0,
    as_json: Annotated[
        bool, typer.Option("--json", help=say("输出一个 JSON 对象。", "Print one JSON object."))
    ] = False,
) -> None:
    with installation(), Steps({"audit": say("重新计算", "Working out again")}, vanishes=True) as steps:
        from zhike.classification.audit import audit  # noqa: PLC0415

        found = audit(sample=sample or None, progress=lambda done, total: steps("audit", done, total))
        if as_json:
            typer.echo(json.dumps(_document(found), ensure_ascii=False))
        else:
            typer.echo("\n".join(_lines(found)))
    raise typer.Exit(1 if found.differences else 0)


def _document(found: Audit) -> dict[str, object]:
    return {
        "ok": not found.differences,
        "customers": found.customers,
        "compared_with_core": found.by_core,
        "differences": [difference._asdict() for difference in found.differences],
    }


def _lines(found: Audit) -> Iterator[str]:
    for difference in found.differences[:SHOWN]:
        yield f"✗ {_sentence(difference)}"
    more = len(found.differences) - SHOWN
    if more > 0:
        yield say(f"  还有 {more} 处。", f"  {more} more.")
    looked = say(
        f"比较了 {found.customers} 位客户，其中 {found.by_core} 位另用逐个计算核对",
        f"Compared {found.customers} customers, {found.by_core} of them with the core as well",
    )
    if found.differences:
        customers = len({difference.customer for difference in found.differences})
        yield looked + say(
            f"：{customers} 位有 {len(found.differences)} 处不同。",
            f": {len(found.differences)} differences of {customers} customers.",
        )
    else:
        yield looked + say("，没有不同。", ": no difference.")


def _sentence(one: Difference) -> str:
    why = {
        "new": say("还没有判定过", "not placed yet"),
        "due": say("已经到期，后台还没有处理", "due, and the worker has not come to it"),
        "rules": say("规则刚换，还在收尾", "the rules have just changed"),
        "ahead": say("按走快的时钟判定过", "placed by a clock that ran ahead"),
    }.get(one.why, say("原因不明", "for no reason known"))
    return say(
        f"客户 {one.customer} · {one.where} · {one.what}：存的是 {one.stored}，算得 {one.computed}（{why}）",
        f"customer {one.customer} · {one.where} · {one.what}: stored {one.stored}, computed {one.computed} ({why})",
    )
