from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests import conformance
from tests.conformance import AS_OF, CUSTOM, VALUES, ZONE
from tests.engine.frames import NO_EVENTS, cell
from zhike.core.conditions.evaluate import PYTHON, holds
from zhike.core.conditions.nodes import EVERYONE, NO_ONE, Not, leaves
from zhike.core.conditions.resolve import resolve
from zhike.core.facts import FieldType, Ref
from zhike.engine import polars
from zhike.engine.conditions import FRAMES, expression
from zhike.engine.facts import build, needed


def frame_answers(node, rows, as_of=AS_OF):
    """Ask the condition of a frame that holds these facts."""
    columns = {"customer": (FieldType.INTEGER, list(range(len(rows))))}
    for ref, type_ in {test.ref: test.type for test in leaves(node)}.items():
        columns[str(ref)] = (type_, [cell(row[ref], type_) for row in rows])
    fields = [item for item in needed(leaves(node)) if item.ref.source != "metric"]
    frame = build(polars.typed_columns(columns), NO_EVENTS, fields, as_of)
    return frame.with_columns(expression(resolve(node, as_of, ZONE)).alias("answer"))["answer"].to_list()


def test_the_frames_have_exactly_the_kernel():
    assert set(FRAMES) == set(PYTHON)


@pytest.mark.parametrize("case", conformance.cases(), ids=lambda case: case.name)
def test_a_case_has_the_answer_that_a_person_expects(case):
    assert frame_answers(case.node, [case.facts.values()], case.facts.as_of) == [case.expected]


@pytest.mark.parametrize("key", CUSTOM)
def test_every_operator_answers_as_the_core_around_every_bound(key):
    ref, type_ = Ref(key), CUSTOM[key]
    missing = frozenset() if type_ is FieldType.SET else None
    rows = [{ref: missing if value is None else value} for value in VALUES[type_]]
    for test in conformance.tests_of(ref, type_):
        for node in (test, Not(test)):
            expected = [holds(node, conformance.facts(row)) for row in rows]
            assert frame_answers(node, rows) == expected, node


@settings(max_examples=50, deadline=None)
@given(conformance.trees, conformance.records)
def test_any_tree_answers_as_the_core(node, record):
    assert frame_answers(node, [record]) == [holds(node, conformance.facts(record))]


def test_constants_answer_for_everyone_and_no_one():
    assert frame_answers(EVERYONE, [{}, {}]) == [True, True]
    assert frame_answers(NO_ONE, [{}, {}]) == [False, False]
