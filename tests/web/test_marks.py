from __future__ import annotations

import pytest

from zhike.web.customers.marks import marked, marked_phone, snippet


def shown(name: str, query: str) -> str:
    return "".join(f"[{part.text}]" if part.found else part.text for part in marked(name, query))


@pytest.mark.parametrize(
    ("name", "query", "expected"),
    [
        ("上海梧桐里酒店", "梧桐", "上海[梧桐]里酒店"),
        ("上海梧桐里酒店", "wtl", "上海[梧桐里]酒店"),
        ("上海梧桐里酒店", "WuTong", "上海[梧桐]里酒店"),
        ("上海梧桐里酒店", "tongl", "上海梧[桐里]酒店"),
        ("上海梧桐里酒店", "梧桐 jd", "上海[梧桐]里[酒店]"),
        ("上海梧桐里酒店", "wt里", "上海[梧桐里]酒店"),
        ("上海梧桐里酒店", "梧tong里", "上海[梧桐里]酒店"),
        ("上海 梧桐 里", "h梧t", "上[海] [梧桐] 里"),
        ("重庆长安", "zhongqing", "[重庆]长安"),
        ("单田芳", "stf", "[单田芳]"),
        ("上海梧桐里酒店", "8000", "上海梧桐里酒店"),
        ("上海梧桐里酒店", "", "上海梧桐里酒店"),
        ("Ann Lee", "nle", "An[n] [Le]e"),
        ("Ann Lee", "lee", "Ann [Lee]"),
        ("𠮷野家 R2", "r2", "𠮷野家 [R2]"),
        ("", "x", ""),
    ],
)
def test_a_search_marks_what_it_found(name, query, expected):
    assert shown(name, query) == expected


def test_the_list_marks_the_name(alice, hotel):
    assert "上海<mark>梧桐里</mark>酒店管理" in alice.get("/customers/?q=wtl").text


def as_shown(parts) -> str:
    return "".join(f"[{part.text}]" if part.found else part.text for part in parts)


@pytest.mark.parametrize(
    ("number", "query", "expected"),
    [
        ("138 **** 8000", "8000", "138 **** [8000]"),
        ("138 **** 8000", "+86 8000", "138 **** [8000]"),
        ("138 **** 8000", "0013", "138 **** 8000"),
        ("138 **** 8000", "梧桐", "138 **** 8000"),
        ("021-6234 5678", "62345", "021-[6234] [5]678"),
    ],
)
def test_a_number_is_marked_in_the_digits_that_are_shown(number, query, expected):
    assert as_shown(marked_phone(number, query)) == expected


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("客户想续签 R20", ["续签", "r20"], "客户想[续签] [R20]"),
        ("一" * 40 + "续签" + "二" * 80, ["续签"], "…" + "一" * 12 + "[续签]" + "二" * 46 + "…"),
        ("ＡＢＣ\n\n价目表", ["abc"], "[ＡＢＣ] 价目表"),
        ("", ["x"], ""),
    ],
)
def test_a_snippet_shows_the_words_where_they_stand(text, words, expected):
    assert as_shown(snippet(text, words)) == expected
