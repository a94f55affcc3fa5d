from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from zhike.base import clock

MOMENT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def test_the_past_is_told_for_as_long_as_the_block_runs(settings):
    settings.ZHIKE_NOW = MOMENT
    with clock.at(MOMENT - timedelta(days=90)):
        assert clock.now() == MOMENT - timedelta(days=90)
        with pytest.raises(ValueError, match="broken"), clock.at(MOMENT - timedelta(days=30)):
            raise ValueError("broken")
        assert clock.now() == MOMENT - timedelta(days=90)
    assert clock.now() == MOMENT
