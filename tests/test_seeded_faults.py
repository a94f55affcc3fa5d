"""The proof that agreement can fail: one fault in one evaluator at a time, and the suite must notice each.

A fault is planted where the evaluator is written; then the very tests run that guard it, and one
of them has to fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw
import pytest
from django.db import transaction
from django.db.models import Q
from django.db.models.lookups import IsNull

from tests.classification import test_condition_q as database
from tests.classification import test_edges as stored
from tests.conformance import AGES, AS_OF, CUSTOM, SHARES, ZONE
from tests.core import test_conditions as python
from tests.engine import test_conformance as frames
from tests.engine import test_edges as edges
from zhike.classification import candidates, condition_q
from zhike.classification import facts as stored_facts
from zhike.core import folds, history, projection
from zhike.core.conditions import evaluate
from zhike.core.conditions import quantiles as core_quantiles
from zhike.core.conditions.operators import KERNEL
from zhike.engine import conditions, damping
from zhike.engine import facts as engine_facts
from zhike.engine import quantiles as engine_quantiles

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("seeded-faults")]

# The operator that stands in for another: off by the bound, or too narrow, or too wide.
MISTAKEN = {
    "lt": "lte",
    "lte": "lt",
    "gt": "gte",
    "gte": "gt",
    "contains": "starts_with",
    "starts_with": "contains",
    "ends_with": "contains",
    "has_any": "has_all",
    "has_all": "has_any",
    "in": "is_set",
}
NOBODY = {
    "python": lambda _fact, _value: False,
    "frames": lambda column, _test: column.is_null(),
    "database": lambda column, _value: IsNull(column, True),
}
TABLES = {"python": evaluate.PYTHON, "frames": conditions.FRAMES, "database": condition_q.LOOKUPS}


def over(values, test: Callable[..., object], *more) -> Callable[[], None]:
    """Return a check that runs a test for each value that it is parametrised with, each on an empty database."""

    def check() -> None:
        for value in values:
            with transaction.atomic():
                test(value, *more)
                transaction.set_rollback(True)

    return check


grid_of_frames = over(CUSTOM, frames.test_every_operator_answers_as_the_core_around_every_bound)
grid_of_own_fields = over(CUSTOM, database.test_own_fields_agree_on_every_operator_and_bound)


def grid_of_database() -> None:
    grid_of_own_fields()
    for key, type_, values in database.COLUMNS:  # tags are an array here, not JSON
        over([key], database.test_columns_agree_on_every_operator_and_bound, type_, values)()


CHECKS = {"python": grid_of_frames, "frames": grid_of_frames, "database": grid_of_database}


def is_noticed(check: Callable[[], None]) -> None:
    with pytest.raises(AssertionError):
        check()


def test_a_mistake_is_planted_for_every_operator_of_every_evaluator():
    assert {*MISTAKEN, "is_set"} == set(KERNEL)
    assert set(TABLES) == set(CHECKS) == set(NOBODY)


@pytest.mark.parametrize("evaluator", TABLES)
@pytest.mark.parametrize("op", KERNEL)
def test_an_operator_taken_for_another_is_noticed(evaluator, op, monkeypatch):
    table = TABLES[evaluator]
    monkeypatch.setitem(table, op, NOBODY[evaluator] if op == "is_set" else table[MISTAKEN[op]])
    is_noticed(CHECKS[evaluator])


@pytest.mark.parametrize("op", ["is_set", "has_any", "has_all"])
def test_a_mistake_with_sets_of_own_fields_is_noticed(op, monkeypatch):
    table = condition_q._JSON_SETS
    monkeypatch.setitem(table, op, NOBODY["database"] if op == "is_set" else table[MISTAKEN[op]])
    is_noticed(grid_of_database)


def test_a_negation_that_loses_the_missing_is_noticed_in_the_frames(monkeypatch):
    without_filling = lambda test: conditions.FRAMES[test.op](conditions._column(test), test)  # noqa: E731
    monkeypatch.setattr(conditions, "_test", without_filling)
    is_noticed(grid_of_frames)


def test_a_negation_that_loses_the_missing_is_noticed_in_the_database(monkeypatch):
    compiled = condition_q._compiled

    def plainly_negated(node, as_of, classes):
        return (
            ~Q(compiled(node.node, as_of, classes))
            if isinstance(node, database.Not)
            else compiled(node, as_of, classes)
        )

    monkeypatch.setattr(condition_q, "_compiled", plainly_negated)
    is_noticed(grid_of_database)


def test_a_missing_value_that_satisfies_is_noticed_in_the_core(monkeypatch):
    monkeypatch.setattr(evaluate, "holds_resolved", lambda _node, _facts: True)
    is_noticed(over(CUSTOM, frames.test_every_operator_answers_as_the_core_around_every_bound))
    with pytest.raises(AssertionError):
        python.test_a_missing_value_satisfies_no_positive_test()


def test_text_compared_as_it_was_written_is_noticed(monkeypatch):
    monkeypatch.setattr(evaluate, "fold", lambda text: text)
    is_noticed(grid_of_frames)


def one_day_more(items, as_of, days):
    return folds.in_window(items, as_of, days and days + 1)


core_edges = over(AGES, edges.test_the_core_places_and_looks_ahead_as_arithmetic_says)


def test_a_window_of_one_day_more_is_noticed_in_the_core(monkeypatch):
    monkeypatch.setattr(history, "in_window", one_day_more)
    is_noticed(core_edges)


def test_a_window_that_is_left_a_day_late_is_noticed_in_the_core(monkeypatch):
    fading = projection.fading
    monkeypatch.setattr(projection, "fading", lambda metric, items, days: fading(metric, items, days + 1))
    is_noticed(core_edges)


def test_a_window_of_one_day_more_is_noticed_in_what_is_stored(monkeypatch, settings):
    monkeypatch.setattr(stored_facts, "in_window", one_day_more)
    customers = stored.company(settings)
    stored.install_pack(pack=stored.conformance.EDGES, by=None)
    is_noticed(lambda: stored.test_placing_one_by_one_stores_what_arithmetic_says(customers))


def test_a_window_of_one_day_more_is_noticed_in_the_frames(monkeypatch):
    inside = engine_facts._inside
    monkeypatch.setattr(engine_facts, "_inside", lambda ago, metric, days: inside(ago, metric, days and days + 1))
    is_noticed(edges.test_the_frames_count_the_days_of_a_window_as_arithmetic_does)


def test_holding_for_one_day_less_is_noticed_in_the_core(monkeypatch):
    damp = projection.damp
    monkeypatch.setattr(
        projection, "damp", lambda runs, hold, **more: damp(runs, lambda key: max(1, hold(key) - 1), **more)
    )
    is_noticed(core_edges)


@pytest.mark.parametrize("fault", ["_hold", "unsettled"])
def test_holding_that_is_not_counted_is_noticed_in_the_frames(fault, monkeypatch):
    if fault == "_hold":
        monkeypatch.setattr(damping, "_hold", lambda _column, _hold_days: nw.lit(1))
    else:
        from zhike.engine import place as engine_place

        monkeypatch.setattr(engine_place, "unsettled", lambda frame, *_: frame.head(0).select("customer"))
    is_noticed(edges.test_the_frames_place_and_look_ahead_as_arithmetic_says)


def test_the_last_class_instead_of_the_first_is_noticed_in_the_core(monkeypatch):
    monkeypatch.setattr(history, "place", lambda scheme, _facts: scheme.default)
    is_noticed(core_edges)


def test_the_last_class_instead_of_the_first_is_noticed_in_the_frames(monkeypatch):
    from zhike.engine import place as engine_place

    monkeypatch.setattr(engine_place, "first_match", lambda scheme, _answers: nw.lit(scheme.default.key))
    is_noticed(edges.test_the_frames_place_and_look_ahead_as_arithmetic_says)


def test_a_class_read_wrongly_is_noticed_in_the_database(monkeypatch, settings):
    customers = stored.company(settings)
    stored.install_pack(pack=stored.conformance.EDGES, by=None)
    monkeypatch.setattr(
        condition_q, "_class", lambda test: condition_q.Exists(stored.Placement.objects.filter(dimension=test.ref.name))
    )
    is_noticed(lambda: stored.test_the_database_finds_them_by_what_is_stored(customers))


def test_a_class_of_another_dimension_that_is_not_handed_on_is_noticed_in_the_database(monkeypatch, settings):
    customers = stored.company(settings)
    stored.install_pack(pack=stored.conformance.EDGES, by=None)
    case = stored.class_case
    monkeypatch.setattr(stored, "class_case", lambda scheme, as_of, zone, _classes: case(scheme, as_of, zone))
    is_noticed(lambda: stored.test_the_database_finds_them_by_classes_that_are_not_stored(customers))


def test_a_quantile_between_two_values_is_noticed_in_the_frames(monkeypatch):
    def rounded_down(values, share):
        return sorted(values)[int(share * len(values)) - 1]

    monkeypatch.setattr(engine_quantiles, "quantile", rounded_down)
    is_noticed(over(SHARES, edges.test_a_quantile_is_the_number_that_counting_gives))


def test_a_quantile_between_two_values_is_noticed_in_the_core(monkeypatch):
    monkeypatch.setattr(core_quantiles, "ceil", int)
    is_noticed(over(SHARES, edges.test_a_quantile_is_the_number_that_counting_gives))


def test_a_quantile_between_two_values_is_noticed_in_the_database(monkeypatch, settings):
    monkeypatch.setattr(
        candidates._Quantile, "template", "percentile_cont(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    )
    with pytest.raises(AssertionError):
        stored.test_the_database_gives_the_quantile_that_counting_gives(SHARES[2], settings)


def test_days_since_counted_from_tomorrow_is_noticed_in_the_database(monkeypatch):
    monkeypatch.setattr(condition_q._DaysSince, "template", "NULLIF(GREATEST(1 + %(expressions)s, -1), -1)")
    with pytest.raises(AssertionError):
        database.test_metrics_agree_on_every_operator_and_bound(
            database.Ref("metric.days_since_order"), database.FieldType.INTEGER
        )


def test_without_a_fault_the_checks_pass():
    assert (AS_OF, ZONE) == (edges.AS_OF, edges.ZONE)
    for check in (grid_of_frames, grid_of_database, core_edges):
        check()
