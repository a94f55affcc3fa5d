"""`zhike check audit` on an installation that is sound and on one that somebody has tampered with."""

from __future__ import annotations

import json

import pytest

from tests.factories import make_user
from zhike.audit.chain import Head

pytestmark = pytest.mark.django_db


@pytest.fixture
def check(monkeypatch, capsys):
    """Run the command against the database of the test, which is set up already."""
    from contextlib import nullcontext

    import typer

    from zhike.cli import check_audit

    monkeypatch.setattr(check_audit, "installation", nullcontext)

    def run(**given: object) -> tuple[int, str]:
        with pytest.raises(typer.Exit) as left:
            check_audit.run(**{"head": "", "as_json": False, **given})
        return left.value.exit_code, capsys.readouterr().out

    return run


def test_a_sound_log_says_its_head(check):
    from tests.audit.test_chain import chained
    from zhike.audit.chain import read_chain

    make_user()
    chained()
    _number, digest = read_chain().head

    assert check() == (
        0,
        f"✓ 审计日志完整：1 条，最后一条是 1:{digest}。\n✓ 时间线与封存时一致：0 段，0 件事，到编号 0。\n",
    )
    assert check(head=f"1:{digest}")[0] == 0
    assert check(head="2:abc")[0] == 1
    code, text = check(as_json=True)
    assert (code, json.loads(text)["head"]) == (0, Head(1, digest)._asdict())


def test_the_first_broken_entry_is_named(check):
    from tests.audit.test_chain import chained, rewrite

    make_user()
    make_user()
    chained()
    rewrite("UPDATE audit_entry SET door = 'page' WHERE number = 2")

    code, text = check()
    assert (code, text.splitlines()[0]) == (1, "✗ 审计日志从第 2 条起不可信：内容被改过。")
