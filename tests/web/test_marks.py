from __future__ import annotations

import pytest

from zhike.web.customers.marks import marked


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
