"""The process that does the background work."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = "import os; from zhike.base.worker import NICENESS, step_back; step_back(); print(os.nice(0) - NICENESS)"


def test_it_leaves_the_processor_to_those_who_wait_for_a_page():
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert int(ended.stdout) == os.nice(0)
