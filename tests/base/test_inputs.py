from __future__ import annotations

import math
from datetime import date

import pytest

from zhike.base.inputs import Invalid, plain


def test_data_is_kept_as_json_holds_it():
    data = {"a": [1, 2.5, None, True, "x"], "day": date(2026, 11, 20), 3: "three"}
    assert plain(data, deepest=3) == {"a": [1, 2.5, None, True, "x"], "day": "2026-11-20", "3": "three"}


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"a": [math.nan]}, "a[0]"),
        ({"a": math.inf}, "a"),
        ({"a": "\0"}, "a"),
        ({"a": "\ud800"}, "a"),
        ({"\0": 1}, ""),
        ({"a": {1, 2}}, "a"),
        ({"a": b"x"}, "a"),
        ({"a": {"b": {"c": 1}}}, ""),
    ],
)
def test_what_no_database_keeps_is_refused_with_its_place(data, path):
    with pytest.raises(Invalid) as caught:
        plain(data, deepest=2)
    assert caught.value.path == path
