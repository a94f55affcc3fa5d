from __future__ import annotations

from datetime import timedelta

import pytest

from tests.packs.told import AS_OF, classes, story
from zhike.packs import load_pack

EDUCATION = load_pack("education")

# dimension, class, what happened; pairs around each bound. A delivery is a lesson given.
CASES = [
    ("status", "prospect", ""),
    ("status", "prospect", "call@3, call@9"),
    ("status", "interested", "inquiry@59"),
    ("status", "prospect", "inquiry@60"),
    ("status", "interested", "seminar@3, call@2"),
    ("status", "engaged", "quote@44, call@45"),
    ("status", "prospect", "quote@44, call@46"),
    ("status", "prospect", "quote@45, call@45"),
    ("status", "engaged", "open@300, call@45"),
    ("status", "prospect", "open@300, call@46"),
    ("status", "engaged", "called@44, called@40, call@44, call@43"),
    ("status", "interested", "called@45, called@40, call@44, call@43"),
    ("status", "interested", "called@44, called@40, call@45, call@43"),
    ("status", "interested", "inquiry@50, quote@50, open@50, call@44, lost@44, called@1"),
    ("status", "engaged", "inquiry@50, quote@40, open@50, call@44, lost@45, called@1"),
    ("status", "engaged", "quote@40, open@50, open@46, lost@44, call@1"),
    ("status", "won", "order 3600@0"),
    ("status", "won", "contract@900"),
    ("status", "won", "pay 500@20"),
    ("status", "won", "order 3600@365, order 3600@365"),
    ("status", "loyal", "order 3600@900, order 3600@365"),
    ("status", "won", "order 3600@900, order 3600@366"),
    ("status", "loyal", "order 3600@900, referral@364"),
    ("status", "won", "order 3600@900, referral@365"),
    ("status", "prospect", "referral@3"),
    ("intent", "undetermined", ""),
    ("intent", "watching", "call@3"),
    ("intent", "hot", "inquiry@13"),
    ("intent", "warm", "inquiry@14"),
    ("intent", "warm", "inquiry@44"),
    ("intent", "watching", "inquiry@45"),
    ("intent", "watching", "inquiry@59"),
    ("intent", "lost", "inquiry@60"),
    ("intent", "watching", "inquiry@60, call@59"),
    ("intent", "watching", "inquiry@60, page 60@59"),
    ("intent", "lost", "inquiry@300, call@60, page 60@60"),
    ("intent", "hot", "called@13, called@3"),
    ("intent", "warm", "called@14, called@3"),
    ("intent", "hot", "page 60@1, page 60@5, page 60@13"),
    ("intent", "warm", "page 60@1, page 60@5, page 60@14"),
    ("intent", "warm", "page 60@1, page 60@29"),
    ("intent", "watching", "page 60@1, page 60@30"),
    ("intent", "warm", "quote@44"),
    ("intent", "watching", "quote@45, call@3"),
    ("intent", "warm", "inquiry@13, order 3600@13"),
    ("intent", "hot", "inquiry@13, order 3600@14"),
    ("intent", "watching", "order 3600@364"),
    ("intent", "lost", "order 3600@365"),
    ("intent", "lost", "inquiry@80, open@70, lost@59, call@50"),
    ("intent", "watching", "inquiry@80, open@70, lost@60, call@50"),
    ("intent", "hot", "open@70, lost@5, inquiry@13"),
    ("intent", "lost", "open@70, lost@5, inquiry@14"),
    ("intent", "watching", "open@70, lost@5, open@4"),
    ("intent", "watching", "open@70, lost@5, order 3600@4"),
    ("attendance", "none", ""),
    ("attendance", "none", "order 3600@3"),
    ("attendance", "regular", "delivery@1, delivery@15, delivery@29"),
    ("attendance", "slack", "delivery@1, delivery@15, delivery@30"),
    ("attendance", "slack", "delivery@20"),
    ("attendance", "absent", "delivery@21"),
    ("attendance", "absent", "delivery@21, delivery@22, delivery@23, delivery@24"),
    ("attendance", "absent", "delivery@89"),
    ("attendance", "none", "delivery@90"),
]


@pytest.mark.parametrize(("dimension", "expected", "told"), CASES)
def test_what_happened_decides_the_class(dimension, expected, told):
    assert classes(EDUCATION, told)[dimension] == expected


@pytest.mark.parametrize(
    ("status", "intent", "told"),
    [
        ("prospect", "undetermined", ""),
        ("engaged", "watching", "call@45"),
        ("prospect", "watching", "call@46"),
        ("engaged", "hot", "called@13"),
        ("engaged", "warm", "called@14"),
    ],
)
def test_a_test_taken_is_a_step_as_long_as_they_are_in_touch(status, intent, told):
    found = classes(EDUCATION, told, custom={"test_score": 0})
    assert found["status"] == status
    # A score of 0 is no evidence in itself: the number says nothing of wanting to enrol.
    assert found["intent"] == intent


@pytest.mark.parametrize(
    ("expected", "goal"),
    [
        ("undetermined", None),
        ("exam", "exam"),
        ("contest", "contest"),
        ("career", "career"),
        ("interest", "interest"),
    ],
)
def test_what_they_want_to_learn_is_their_goal(expected, goal):
    assert classes(EDUCATION, "", custom={"goal": goal})["goal"] == expected


@pytest.mark.parametrize(
    ("expected", "ability", "score"),
    [
        ("undetermined", None, None),
        ("support", None, 59),
        ("steady", None, 60),
        ("steady", None, 84),
        ("advanced", None, 85),
        ("advanced", "strong", 30),
        ("support", "weak", 99),
        ("steady", "steady", 99),
        ("steady", "steady", 30),
    ],
)
def test_the_teachers_word_goes_before_the_mark(expected, ability, score):
    assert classes(EDUCATION, "", custom={"ability": ability, "test_score": score})["ability"] == expected


@pytest.mark.parametrize(
    ("expected", "ahead"),
    [
        ("running", 46),
        ("due", 45),
        ("due", 1),
        ("due", 0),
        ("overdue", -1),
        ("overdue", -60),
        ("ended", -61),
    ],
)
def test_the_end_of_the_course_decides_the_renewal(expected, ahead):
    ends = AS_OF + timedelta(days=ahead)
    assert classes(EDUCATION, "", custom={"course_ends": ends})["renewal"] == expected


def test_without_an_end_there_is_no_renewal_to_speak_of():
    assert classes(EDUCATION, "order 3600@3")["renewal"] == "undetermined"


# Whole customers: every dimension, and what time alone will change in it.
STORIES = [
    (
        "nothing is known",
        {"told": ""},
        {"status": "prospect", "intent": "undetermined", "goal": "undetermined"}
        | {"ability": "undetermined", "attendance": "none", "renewal": "undetermined"},
    ),
    (
        "a mother asked last week and came to the trial",
        {
            "told": "inquiry@8, call@7, seminar@3, call@2, quote@2",
            "custom": {"goal": "exam", "test_score": 72},
        },
        {"status": "engaged → interested@44", "intent": "hot → warm@11", "goal": "exam"}
        | {"ability": "steady", "attendance": "none", "renewal": "undetermined"},
    ),
    (
        "a boy who programs comes every week; the course ends in two months",
        {
            "told": "order 4800@300, order 5200@120, call@20, called@19, "
            "delivery@2, delivery@9, delivery@16, delivery@23, delivery@30",
            "custom": {"goal": "contest", "ability": "strong", "course_ends": AS_OF + timedelta(days=60)},
        },
        {"status": "loyal → won@246", "intent": "warm → watching@26", "goal": "contest"}
        | {"ability": "advanced", "attendance": "regular → slack@14", "renewal": "running → due@15"},
    ),
    (
        "a girl stays away from class six weeks before her course ends",
        {
            "told": "order 2600@200, call@50, delivery@25, delivery@32, delivery@39",
            "custom": {"goal": "interest", "course_ends": AS_OF + timedelta(days=40)},
        },
        {"status": "won", "intent": "watching → lost@165", "goal": "interest"}
        | {"ability": "undetermined", "attendance": "absent → none@65", "renewal": "due → overdue@41"},
    ),
    (
        "a clerk finished a year ago and has not been heard of",
        {
            "told": "inquiry@500, order 9800@480, delivery@400, call@390",
            "custom": {"goal": "career", "ability": "weak", "course_ends": AS_OF - timedelta(days=380)},
        },
        {"status": "won", "intent": "lost", "goal": "career"}
        | {"ability": "support", "attendance": "none", "renewal": "ended"},
    ),
    (
        "a father said no in the spring",
        {"told": "inquiry@60, call@58, open@55, call@50, lost@40", "custom": {"test_score": 90}},
        {"status": "prospect", "intent": "lost", "goal": "undetermined"}
        | {"ability": "advanced", "attendance": "none", "renewal": "undetermined"},
    ),
]


@pytest.mark.parametrize(("_who", "given", "expected"), STORIES, ids=[who for who, *_ in STORIES])
def test_a_customer_is_placed_in_every_dimension(_who, given, expected):
    assert story(EDUCATION, **given) == expected
