"""`zhike explain`: why one customer has these classes, and what would change them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.language import language, say
from zhike.cli.session import installation
from zhike.core.conditions.nodes import All, Any, Not, Test
from zhike.core.errors import ZhikeError
from zhike.core.text import is_decodable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhike.classification.queries import Reasons, Story
    from zhike.core.conditions.describe import Writer
    from zhike.core.conditions.evaluate import Explained
    from zhike.customers.models import Customer

app = typer.Typer()

SHOWN = 10


class WhichCustomer(ZhikeError):
    """Nobody, or several, of that name."""

    code = "which_customer"
    status = 404


@app.command(
    help=say(
        "说明一位客户为什么属于这些类别：每个条件看到的值，以及什么会改变类别。",
        "Say why a customer has these classes: the value that every condition saw, and what would change them.",
    )
)
def run(
    customer: Annotated[str, typer.Argument(help=say("客户的编号、ID 或名称。", "The customer's key, id or name."))],
    *,
    dimension: Annotated[
        str, typer.Option(help=say("只说这个维度，例如 value。", "Only this dimension, as in value."))
    ] = "",
    as_of: Annotated[
        str,
        typer.Option(
            "--as-of",
            metavar="DAY",
            help=say("说过去某一天结束时的情况，例如 2026-05-01。", "Tell of the end of a past day, as in 2026-05-01."),
        ),
    ] = "",
    lang: Annotated[  # noqa: ARG001  read before, by `zhike.cli.language`
        str, typer.Option(metavar="zh|en", help=say("说明的语言。", "Language of the explanation."))
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help=say("打印为一个 JSON 对象。", "Print one JSON object."))
    ] = False,
) -> None:
    _check_said(customer)
    with installation():
        from zhike.accounts.queries import company  # noqa: PLC0415
        from zhike.classification.queries import story  # noqa: PLC0415
        from zhike.cli.explain_then import tell_of  # noqa: PLC0415
        from zhike.core.conditions.describe import Writer  # noqa: PLC0415
        from zhike.privacy.profiling import bar_of  # noqa: PLC0415

        if as_of:
            tell_of(_one(customer), as_of, dimension, as_json=as_json)
            return
        told = story(None, _one(customer))
        if bar := bar_of(told.customer):
            raise WhichCustomer(*NOT_CLASSIFIED[bar])
        writer = Writer(language(), told.rules.fields, company().currency)
        dimensions = _dimensions(told, dimension)
        if as_json:
            typer.echo(json.dumps(_as_json(told, dimensions, writer), ensure_ascii=False))
        else:
            typer.echo("\n".join(_as_text(told, dimensions, writer)))


NOT_CLASSIFIED = {
    "refused": (
        "这位客户拒绝自动分类，没有规则给的类别可以说明。",
        "This customer refuses automatic classification: no rule has given a class to explain.",
    ),
    "unassessed": (
        "影响评估还没有归档，个人客户不作自动分类。管理员在「设置 → 影响评估」里看一眼、归档就开始。",
        "No impact assessment is on file, so persons are not classified. An administrator files it in the settings.",
    ),
    "child": (
        "这位客户不满十四周岁，没有监护人的同意不作自动分类。",
        "This customer is under fourteen and is not classified without a guardian's consent.",
    ),
}


def _check_said(text: str) -> None:
    if not text.strip():
        raise WhichCustomer("请说出是哪位客户：编号、ID 或名称。", "Say which customer: by its key, id or name.")
    if not is_decodable(text):
        raise WhichCustomer(
            "客户的编号或名称里有不是 UTF-8 的字节，请检查终端的编码。",
            "The customer's key or name holds bytes that are not UTF-8. Check the encoding of the terminal.",
        )


def _one(text: str) -> Customer:
    """Return the one customer that is meant."""
    from zhike.customers.queries import find_customer  # noqa: PLC0415

    found = find_customer(None, text)
    if not found:
        raise WhichCustomer(f"没有找到客户 {text}。", f"There is no customer {text}.")
    if len(found) > 1:
        named = [f"{c.name}（{c.key or c.pk}）" if language() == "zh" else f"{c.name} ({c.key or c.pk})" for c in found]
        listed, more = named[:SHOWN], "…" if len(named) > SHOWN else ""
        raise WhichCustomer(
            f"{text} 可以是好几位客户，请用编号：{'、'.join(listed)}{more}",
            f"{text} may be several customers; name one by its key: {', '.join(listed)}{more}",
        )
    return found[0]


def _dimensions(told: Story, wanted: str) -> list[str]:
    return among([scheme.dimension for scheme in told.rules.schemes if scheme.dimension in told.placements], wanted)


def among(known: list[str], wanted: str) -> list[str]:
    """Return all dimensions, or the one that is asked for."""
    if not wanted:
        return known
    if wanted not in known:
        listed = ", ".join(known)
        raise WhichCustomer(
            f"没有维度 {wanted}，有：{listed}。", f"There is no dimension {wanted}; there are: {listed}."
        )
    return [wanted]


def _as_text(told: Story, dimensions: list[str], writer: Writer) -> Iterator[str]:
    customer = told.customer
    yield say(f"{customer.name}（{customer.key or customer.pk}）", f"{customer.name} ({customer.key or customer.pk})")
    for dimension in dimensions:
        placement, reasons = told.placements[dimension], told.reasons(dimension)
        scheme = reasons.scheme
        label = scheme.get(placement.class_key).label.get(writer.language)
        yield ""
        yield f"{scheme.label.get(writer.language)}{say('：', ': ')}{label}{_undetermined(told, reasons)}"
        yield say(
            f"  {placement.since} 起 · 规则 v{placement.version.number}",
            f"  since {placement.since} · rules v{placement.version.number}",
        )
        for tried in reasons.tried:
            yield f"  {tried.class_.label.get(writer.language)}"
            yield from lines_of(tried.explained, writer, 2)
        changes = _changes(told, dimension, writer)
        if changes:
            yield say("  什么会改变它：", "  What would change it:")
            yield from (f"    {sentence}" for sentence in changes)


def _undetermined(told: Story, reasons: Reasons) -> str:
    from zhike.core.schemes import is_undetermined  # noqa: PLC0415

    if is_undetermined(reasons.scheme, reasons.class_.key, told.facts):
        return say("（未判定：还没有数据）", " (undetermined: nothing is known yet)")
    return ""


def lines_of(explained: Explained, writer: Writer, depth: int) -> Iterator[str]:
    """Yield one line a condition: met or not, what it asks, what was seen."""
    mark, indent = "✓" if explained.met else "✗", "  " * depth
    if isinstance(explained.node, Test):
        test = explained.node
        seen = writer.value(test, explained.seen)
        actual = say(f"实际 {seen}", f"it is {seen}")
        yield f"{indent}{mark} {writer.name(test)} {writer.bound(test)} · {actual}"
        return
    words = {All: say("同时满足", "all of"), Any: say("满足任一", "any of"), Not: say("并非", "not")}
    yield f"{indent}{mark} {words[type(explained.node)]}"
    for child in explained.children:
        yield from lines_of(child, writer, depth + 1)


def _changes(told: Story, dimension: str, writer: Writer) -> list[str]:
    from zhike.core.changes import Teller  # noqa: PLC0415

    teller = Teller(told.rules.scheme(dimension), told.rules.fields, writer.language, writer.currency)
    return [teller.sentence(change, told.as_of) for change in told.changes(dimension)]


def _as_json(told: Story, dimensions: list[str], writer: Writer) -> dict[str, object]:
    return {
        "customer": {"id": told.customer.pk, "key": told.customer.key, "name": told.customer.name},
        "as_of": told.as_of.isoformat(),
        "dimensions": {dimension: _dimension_json(told, dimension, writer) for dimension in dimensions},
    }


def _dimension_json(told: Story, dimension: str, writer: Writer) -> dict[str, object]:
    placement, reasons = told.placements[dimension], told.reasons(dimension)
    return {
        "class": placement.class_key,
        "label": reasons.scheme.get(placement.class_key).label.get(writer.language),
        "since": placement.since.isoformat(),
        "source": placement.source,
        "version": placement.version.number,
        "next_change": told.next_change(dimension),
        "conditions": [{"class": tried.class_.key, **node_json(tried.explained, writer)} for tried in reasons.tried],
        "changes": _changes(told, dimension, writer),
    }


def node_json(explained: Explained, writer: Writer) -> dict[str, object]:
    from zhike.core.facts import value_to_json  # noqa: PLC0415

    if isinstance(explained.node, Test):
        test = explained.node
        return {
            "met": explained.met,
            "fact": str(test.ref),
            "condition": writer.test(test),
            "seen": value_to_json(explained.seen),
        }
    form = {All: "all", Any: "any", Not: "not"}[type(explained.node)]
    return {"met": explained.met, form: [node_json(child, writer) for child in explained.children]}
