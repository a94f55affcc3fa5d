"""How often something comes again: what people write, and what they read of it."""

from __future__ import annotations

import pytest

from zhike.core.recurrence import in_words, read_words

SAID = [
    ("每天", "FREQ=DAILY", "每天", "every day"),
    ("每 10 天", "FREQ=DAILY;INTERVAL=10", "每 10 天", "every 10 days"),
    ("每个工作日", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "每个工作日", "every weekday"),
    ("每周", "FREQ=WEEKLY", "每周", "every week"),
    ("每两周", "FREQ=WEEKLY;INTERVAL=2", "每 2 周", "every 2 weeks"),
    ("每周四和周一", "FREQ=WEEKLY;BYDAY=MO,TH", "每周一、周四", "every Mon and Thu"),
    ("每周日", "FREQ=WEEKLY;BYDAY=SU", "每周日", "every Sun"),
    ("每月15号", "FREQ=MONTHLY;BYMONTHDAY=15", "每月 15 日", "monthly on the 15"),
    ("每月最后一天", "FREQ=MONTHLY;BYMONTHDAY=-1", "每月最后一天", "monthly on the last day"),
    ("每个季度", "FREQ=MONTHLY;INTERVAL=3", "每季度", "every quarter"),
    ("每半年", "FREQ=MONTHLY;INTERVAL=6", "每 6 个月", "every 6 months"),
    ("每年", "FREQ=YEARLY", "每年", "every year"),
    ("不重复", "", "", ""),
    ("", "", "", ""),
    ("每月 40 日", None, "", ""),
    ("有空的时候", None, "", ""),
    ("every 3 months", "FREQ=MONTHLY;INTERVAL=3", "每季度", "every quarter"),
    ("Every Mon, Wed and Fri", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "每周一、周三、周五", "every Mon and Wed and Fri"),
    ("monthly on the 1st", "FREQ=MONTHLY;BYMONTHDAY=1", "每月 1 日", "monthly on the 1"),
    ("freq=daily;count=3", "FREQ=DAILY;COUNT=3", "FREQ=DAILY;COUNT=3", "FREQ=DAILY;COUNT=3"),
]


@pytest.mark.parametrize(("said", "rule", "zh", "en"), SAID)
def test_what_is_written_is_read_and_said_again(said, rule, zh, en):
    assert read_words(said) == rule
    if rule:
        assert (in_words(rule, "zh"), in_words(rule, "en")) == (zh, en)
        assert read_words(zh) == read_words(en) == rule
