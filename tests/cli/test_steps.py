from __future__ import annotations

import pytest

from zhike.cli.steps import Steps


def test_each_step_is_told_once_where_there_is_no_terminal(capsys):
    with Steps({"read": "Reading"}, tells_lines=True) as steps:
        for done in range(3):
            steps("read", done, 2)
        steps("orders.csv", 0, 1)  # no name of its own: it says what it is

    assert capsys.readouterr() == ("", "Reading\norders.csv\n")


@pytest.mark.parametrize("vanishes", [False, True])
def test_nothing_is_said_into_a_pipe_unasked(capsys, vanishes):
    with Steps(vanishes=vanishes) as steps:
        steps("read", 1, 1)

    assert capsys.readouterr() == ("", "")
