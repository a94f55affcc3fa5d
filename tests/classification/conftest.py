from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def frames(monkeypatch):
    """Let even a handful be placed by frames, as many are; `test_batch` holds the two together."""
    from zhike.classification import few  # Django is not set up yet where this file is read

    monkeypatch.setattr(few, "MOST", 0)
