"""Histories of every sort, for what the engine and the core must say alike."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from tests.conformance import ZONE
from zhike.core.events import Event
from zhike.core.facts import CUSTOMER_FIELDS, FieldType, Ref
from zhike.core.history import Fixed, History
from zhike.core.metrics import METRICS

AS_OF = date(2026, 3, 1)
FIELDS = {Ref(f.key): f.type for f in CUSTOMER_FIELDS}
KINDS = sorted({kind for m in METRICS.values() for kind in (*m.kinds, *m.minus)} | {"class.changed"})
COMMON = ["order.placed", "order.refunded", "page.viewed", "deal.opened", "deal.won", "survey.answered", "quote.sent"]

days = st.one_of(
    st.integers(-3, 800).map(lambda n: AS_OF - timedelta(days=n)),
    st.sampled_from([AS_OF - timedelta(days=n) for n in (0, 1, 13, 14, 29, 30, 59, 60, 89, 90, 91, 364, 365, 366)]),
)
data = st.fixed_dictionaries(
    {},
    optional={
        "line": st.sampled_from(["product", "service", "other"]),
        "seconds": st.integers(0, 900),
        "score": st.sampled_from([1, 2, 5, "4.5", "3.3333"]),
        "points": st.integers(0, 50),
    },
)
events = st.builds(
    Event,
    kind=st.one_of(st.sampled_from(COMMON), st.sampled_from(KINDS)),
    day=days,
    amount=st.one_of(st.integers(0, 30_000_000), st.sampled_from([0, 1, 199_999, 200_000, 20_000_000])),
    data=data,
)
dates = st.one_of(
    st.none(),
    st.dates(date(1980, 1, 1), date(2027, 1, 1)),
    st.sampled_from([date(2004, 2, 29), date(1999, 2, 28), date(2000, 3, 1), AS_OF, AS_OF + timedelta(days=40)]),
)
fields = st.fixed_dictionaries(
    {
        "customer.kind": st.sampled_from([None, "company", "person"]),
        "customer.size": st.sampled_from([None, "small"]),
        "customer.region": st.sampled_from([None, "华东", " ＶＩＰ"]),
        "customer.birthday": dates,
        "customer.created_on": dates,
        "customer.tags": st.sampled_from([frozenset(), frozenset({"黑名单"})]),
    }
)


def _history(values, events, fixed, standing):
    full = {ref: frozenset() if type_ is FieldType.SET else None for ref, type_ in FIELDS.items()}
    given = full | {Ref(key): value for key, value in values.items()}
    return History(given, events, ZONE, fixed=fixed, standing=standing)


fixed = st.builds(
    Fixed,
    st.sampled_from(["high", "low"]),
    st.one_of(st.none(), st.integers(1, 400).map(lambda n: AS_OF + timedelta(days=n))),
)
fixes = st.fixed_dictionaries({}, optional={"value": fixed})
standings = st.fixed_dictionaries(
    {},
    optional={
        "value": st.sampled_from(["high", "low", "regular", "gone"]),
        "care": st.sampled_from(["fresh", "plain"]),
    },
)
histories = st.lists(
    st.builds(_history, fields, st.lists(events, max_size=12), fixes, standings), min_size=1, max_size=8
)
