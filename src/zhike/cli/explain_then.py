"""`zhike explain --as-of`: a customer's classes on a past day, as told then and as the records give them now."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import typer

from zhike.cli.explain import among, lines_of, node_json
from zhike.cli.language import language, say
from zhike.core.errors import ZhikeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from zhike.classification.then import Then
    from zhike.core.conditions.describe import Writer
    from zhike.customers.models import Customer


class WhichDay(ZhikeError):
    """No day, or one of which nothing can be told."""

    code = "which_day"
    status = 400


def tell_of(customer: Customer, text: str, dimension: str, *, as_json: bool) -> None:
    """Print what was told of a customer on a day, and what today's records give."""
    from zhike.accounts.queries import company  # noqa: PLC0415
    from zhike.classification.then import then  # noqa: PLC0415
    from zhike.core.conditions.describe import Writer  # noqa: PLC0415

    ours = company()
    found = then(None, customer, _day(text, ours.zone))
    if found.began and found.day < found.began:
        raise WhichDay(
            f"{found.day} 还没有这位客户，档案从 {found.began} 开始。",
            f"There was no such customer on {found.day}: the record began on {found.began}.",
        )
    writer = Writer(language(), found.rules.fields, ours.currency)
    dimensions = among([scheme.dimension for scheme in found.rules.schemes], dimension)
    if as_json:
        typer.echo(json.dumps(_as_json(found, dimensions, writer), ensure_ascii=False))
    else:
        typer.echo("\n".join(_as_text(found, dimensions, writer)))


def _day(text: str, zone: ZoneInfo) -> date:
    from zhike.base.clock import today  # noqa: PLC0415

    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise WhichDay(
            f"--as-of 要写成 2026-05-01 这样的日期，这里是 {text[:20]}。",
            f"--as-of is a date such as 2026-05-01, not {text[:20]}.",
        ) from None
    if day > today(zone):
        raise WhichDay(f"{day} 还没有到。", f"{day} has not come yet.")
    return day


def _as_text(found: Then, dimensions: list[str], writer: Writer) -> Iterator[str]:
    customer = found.customer
    name = say(f"{customer.name}（{customer.key or customer.pk}）", f"{customer.name} ({customer.key or customer.pk})")
    yield say(f"{name} · {found.day} 的情况", f"{name} · as of {found.day}")
    for dimension in dimensions:
        scheme, version = found.rules.scheme(dimension), found.rules.versions[dimension].number
        yield ""
        yield f"{scheme.label.get(writer.language)}{say('：', ': ')}{_label(found, dimension, found.class_of(dimension), writer)}"
        told = found.told.get(dimension)
        if told is None:
            yield say("  那天还没有判定过", "  nothing had been told yet")
        elif found.differs(dimension):
            was = _label(found, dimension, told.class_key, writer)
            yield say(f"  那天显示的是{was}，{told.since} 起", f"  what was told that day: {was}, since {told.since}")
        else:
            yield say(f"  {told.since} 起，与那天显示的相同", f"  since {told.since}, as was told that day")
        early = say("（那天还没有规则，按最早的）", " (there were no rules yet; by the first)")
        yield say(f"  规则 v{version}", f"  rules v{version}") + (early if dimension in found.early else "")
        for tried in found.reasons(dimension).tried:
            yield f"  {tried.class_.label.get(writer.language)}"
            yield from lines_of(tried.explained, writer, 2)


def _label(found: Then, dimension: str, key: str, writer: Writer) -> str:
    """Return what people call a class; of one that the rules of that day do not have, its key."""
    classes = found.rules.scheme(dimension).classes
    return next((class_.label.get(writer.language) for class_ in classes if class_.key == key), key)


def _as_json(found: Then, dimensions: list[str], writer: Writer) -> dict[str, object]:
    customer = found.customer
    return {
        "customer": {"id": customer.pk, "key": customer.key, "name": customer.name},
        "as_of": found.day.isoformat(),
        "dimensions": {dimension: _dimension_json(found, dimension, writer) for dimension in dimensions},
    }


def _dimension_json(found: Then, dimension: str, writer: Writer) -> dict[str, object]:
    told = found.told.get(dimension)
    key = found.class_of(dimension)
    return {
        "told": {"class": told.class_key, "since": told.since.isoformat(), "source": told.source} if told else None,
        "class": key,
        "label": _label(found, dimension, key, writer),
        "by_rules": found.computed(dimension),
        "version": found.rules.versions[dimension].number,
        "version_came_later": dimension in found.early,
        "conditions": [
            {"class": tried.class_.key, **node_json(tried.explained, writer)}
            for tried in found.reasons(dimension).tried
        ],
    }
