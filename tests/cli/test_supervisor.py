from __future__ import annotations

import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from zhike.cli.supervisor import Child
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def look_until_dead(monkeypatch, capfd) -> Callable[[str, str], str]:
    """Start a child that runs this code, wait for its death and return what is said of it."""

    def look(code: str, language: str) -> str:
        monkeypatch.setattr("zhike.cli.language._language", language)
        child = Child(Text("网站", "web"), [sys.executable, "-c", code], env={})
        child.look()
        while child.is_running:
            time.sleep(0.01)
        child.look()
        child.kill()
        return capfd.readouterr().err

    return look


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("raise SystemExit(3)", "退出码 3", "exit code 3"),
        (f"import os; os.kill(os.getpid(), {int(signal.SIGKILL)})", "收到 SIGKILL", "SIGKILL"),
        ("import os; os.kill(os.getpid(), 40)", "收到 signal 40", "signal 40"),
    ],
)
def test_the_death_of_a_process_is_told_in_both_languages(look_until_dead, code, zh, en):
    assert look_until_dead(code, "zh") == f"zhike: 网站进程结束了（{zh}），0 秒后重新启动\n"
    assert look_until_dead(code, "en") == f"zhike: the web process ended ({en}); starting it again in 0 s\n"
