"""`zhike check audit`: the audit log followed from its first entry, and the seals of the timeline read again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.language import say
from zhike.cli.session import installation
from zhike.core.errors import ZhikeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhike.audit.chain import Chain, Head
    from zhike.timeline.sealing import Sealed


class NoHead(ZhikeError):
    code = "no_head"


def run(
    *,
    head: Annotated[
        str,
        typer.Option(
            metavar="NUMBER:HASH",
            help=say(
                "上次检查说出的编号和摘要：它还应当在链上，末尾才没有被截去。",
                "Number and hash that an earlier check has said: still on the chain, or its end was cut off.",
            ),
        ),
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help=say("输出一个 JSON 对象。", "Print one JSON object."))
    ] = False,
) -> None:
    with installation():
        from zhike.audit.chain import read_chain  # noqa: PLC0415
        from zhike.timeline.sealing import check_seals  # noqa: PLC0415

        chain, seals = read_chain(_head(head)), check_seals()
    is_sound = chain.broken is None and seals.broken is None
    if as_json:
        typer.echo(json.dumps({"ok": is_sound, **_document(chain, seals)}, ensure_ascii=False))
    else:
        typer.echo("\n".join(_lines(chain, seals)))
    raise typer.Exit(0 if is_sound else 1)


def _head(text: str) -> Head | None:
    from zhike.audit.chain import Head  # noqa: PLC0415

    if not text:
        return None
    number, colon, digest = text.partition(":")
    if not (colon and number.isascii() and number.isdigit() and digest):
        raise NoHead(f"{text} 应写成 编号:摘要。", f"{text} should be NUMBER:HASH.")
    return Head(int(number), digest)


def _document(chain: Chain, seals: Sealed) -> dict[str, object]:
    return {
        "head": chain.head._asdict(),
        "broken": chain.broken._asdict() if chain.broken else None,
        "timeline": {
            "stretches": seals.stretches,
            "events": seals.events,
            "last": seals.last,
            "broken": seals.broken._asdict() if seals.broken else None,
        },
    }


def _lines(chain: Chain, seals: Sealed) -> Iterator[str]:
    number, digest = chain.head
    if chain.broken is None:
        yield say(
            f"✓ 审计日志完整：{number} 条，最后一条是 {number}:{digest}。",
            f"✓ The audit log is whole: {number} entries, the last is {number}:{digest}.",
        )
    else:
        yield say(
            f"✗ 审计日志从第 {chain.broken.number} 条起不可信：{_what(chain.broken.what)}。",
            f"✗ The audit log cannot be trusted from entry {chain.broken.number} on: {_what(chain.broken.what)}.",
        )
    if seals.broken is None:
        yield say(
            f"✓ 时间线与封存时一致：{seals.stretches} 段，{seals.events} 件事，到编号 {seals.last}。",
            f"✓ The timeline is as it was sealed: {seals.stretches} stretches, {seals.events} events, up to {seals.last}.",
        )
    else:
        first, last = seals.broken[:2]
        yield say(
            f"✗ 时间线在编号 {first} 到 {last} 之间被改过，没有抹去或合并的记录能解释。",
            f"✗ The timeline was changed between {first} and {last}, and no erasure or merge explains it.",
        )


def _what(what: str) -> str:
    return {
        "changed": say("内容被改过", "it was changed"),
        "missing": say("它不见了", "it is missing"),
        "unlinked": say("它不接着前一条", "it does not follow the one before"),
        "cut": say("链的末尾被截去了", "the end of the chain was cut off"),
    }[what]
