"""A task typed in one line."""

from __future__ import annotations

from datetime import date, time

import pytest

from zhike.core.task_words import Said, read_task

TODAY = date(2026, 11, 19)  # a Thursday


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("补发合同附件", Said("补发合同附件")),
        ("明天 15:00 给沈工打电话 !", Said("给沈工打电话", date(2026, 11, 20), time(15), "call", is_urgent=True)),
        ("明天下午3点 拜访梧桐里", Said("拜访梧桐里", date(2026, 11, 20), time(15), "visit")),
        ("下周三 开会过方案", Said("开会过方案", date(2026, 11, 25), None, "meeting")),
        ("发微信问水质 +3", Said("发微信问水质", date(2026, 11, 22), None, "message")),
        ("visit the hotel next Wed 10am", Said("visit the hotel", date(2026, 11, 25), time(10), "visit")),
        ("寄 3 台样机", Said("寄 3 台样机")),
        ("明天", Said("明天")),
        ("发邮件 9:30", Said("发邮件", None, time(9, 30), "email")),
        ("25:00 看看", Said("25:00 看看")),
        ("紧急 回访", Said("回访", None, None, "call", is_urgent=True)),
    ],
)
def test_days_times_and_urgency_are_taken_from_the_ends(line, said):
    assert read_task(line, TODAY) == said
