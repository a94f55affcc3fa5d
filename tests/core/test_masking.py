"""What is left of a masked value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.core.masking import mask_email, mask_id, mask_phone, mask_text


@pytest.mark.parametrize(
    ("number", "left"),
    [
        ("13812341234", "138****1234"),
        ("+8613812341234", "138****1234"),
        ("+86 138 1234 1234", "138****1234"),
        ("+16502530000", "+165****0000"),
        ("02162881234", "021****1234"),
        ("10086", "****86"),
        ("无", "无***"),
        ("", ""),
    ],
)
def test_of_a_number_the_middle_goes(number, left):
    assert mask_phone(number) == left


@pytest.mark.parametrize(
    ("address", "left"),
    [("zhou@x.cn", "z***@x.cn"), ("z@x.cn", "z***@x.cn"), ("@x.cn", "***@x.cn"), ("zhou", "z***"), ("", "")],
)
def test_of_an_address_the_name_goes(address, left):
    assert mask_email(address) == left


@pytest.mark.parametrize(
    ("number", "left"),
    [("110101199003071234", "110101********1234"), ("1101011990", "1***"), ("G12345678", "G***"), ("", "")],
)
def test_of_an_identity_number_the_birthday_goes(number, left):
    assert mask_id(number) == left


@given(st.text(min_size=2))
def test_of_a_text_only_its_first_character_is_told(text):
    assert mask_text(text) == text[0] + "***"


@given(st.text(alphabet="0123456789", min_size=8, max_size=15))
def test_numbers_that_differ_in_the_middle_look_alike(digits):
    other = digits[:3] + "0" * (len(digits) - 7) + digits[-4:]

    assert mask_phone(digits) == mask_phone(other)
