"""What is advised next: what goes together, when they answer, what is learned."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from zhike.core.affinity import baskets
from zhike.core.answering import Touch, habit
from zhike.core.next_action import Candidate, Kind, Reason, Verdicts, ordered, rests_until

ZONE = ZoneInfo("Asia/Shanghai")


def test_lift_counts_those_who_bought_both_among_those_who_bought_anything():
    # 20 customers: 10 bought a, 8 of them b as well; 2 bought b alone; c is bought by everybody; d by 3 of the 10.
    orders = [(number, "a") for number in range(10)]
    orders += [(number, "b") for number in (*range(8), 18, 19)]
    orders += [(number, "c") for number in range(20)]
    orders += [(number, "d") for number in range(3)]
    [rule] = [one for one in baskets(orders).rules({"a"}) if one.other == "b"]
    assert (rule.both, rule.having, rule.buyers, rule.everyone, rule.lift, rule.share) == (8, 10, 10, 20, 1.6, 0.8)
    assert rule.sure == pytest.approx(0.490, abs=0.001)
    # c is bought as often without a, d by too few, and what they have already is not offered again.
    assert [one.other for one in baskets(orders).rules({"a", "c"})] == ["b"]
    assert baskets(orders).rules({"a", "b", "c"}) == []


def test_the_hour_is_that_of_most_answers():
    def at(day: int, hour: int) -> datetime:
        return datetime(2026, 11, day, hour, 30, tzinfo=ZONE).astimezone(UTC)

    touches = [
        Touch("call.made", at(3, 10)),  # a Tuesday
        Touch("call.made", at(4, 11), "未接通"),
        Touch("message.sent", at(10, 10)),
        Touch("message.received", at(10, 11)),
        Touch("email.sent", at(12, 15)),  # never answered
        Touch("call.received", at(17, 23)),  # outside of working hours
        Touch("visit.made", at(19, 14)),
    ]
    found = habit(touches, ZONE)
    assert found is not None
    assert (found.weekday, found.on_weekday, found.hour, found.in_hour, found.answers) == (2, 3, 10, 3, 4)
    assert habit(touches[:2], ZONE) is None


def test_what_is_mostly_dismissed_sinks_and_what_rests_is_left_out():
    candidates = [
        Candidate(Kind.CONTACT, "call", 0.6),
        Candidate(Kind.AGAIN, "滤芯", 0.5),
        Candidate(Kind.CROSS, "主机", 0.4),
    ]

    def subjects(learned: dict[str, Verdicts], resting: list[tuple[str, str]]) -> list[str]:
        return [one.subject for one in ordered(candidates, learned, resting)]

    assert Verdicts().factor == 1
    assert Verdicts(accepted=1, dismissed=5).factor == 0.5
    assert subjects({}, []) == ["call", "滤芯", "主机"]
    assert subjects({"contact": Verdicts(1, 5), "cross": Verdicts(4, 0)}, []) == ["主机", "滤芯", "call"]
    assert subjects({}, [("again", "滤芯"), ("cross", "别的")]) == ["call", "主机"]


def test_a_reason_says_how_long_an_advice_rests():
    assert rests_until(Reason.NOT_NOW, date(2026, 11, 19)) == date(2026, 12, 3)
    assert rests_until(Reason.HAS_IT, date(2026, 11, 19)) == date(2027, 11, 19)
