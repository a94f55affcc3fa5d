from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.cli.running import zhike

EVENTS = """customer_id,occurred_at,kind,amount
ann,2026-01-10,order.placed,1500000
ann,2026-02-10,order.placed,900000
bob,2025-11-01,order.placed,5000
<b>eve</b>,soon,order.placed,1
cat,2026-02-20,order.placed,-2000
"""


class Page(HTMLParser):
    """Collects what a reader sees and every address that the page names."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in {"src", "href", "action", "data"}]

    def handle_data(self, data):
        if data.strip():
            self.words.append(" ".join(data.split()))


@pytest.fixture
def report(tmp_path):
    (tmp_path / "events.csv").write_text(EVENTS, encoding="utf-8")

    def write(*options):
        path = tmp_path / "report.html"
        arguments = ["--events", str(tmp_path / "events.csv"), "--as-of", "2026-03-01", "--report", str(path), *options]
        done = zhike(tmp_path, "classify", *arguments)
        assert done.returncode == 0, done.stderr
        page = Page()
        text = path.read_text(encoding="utf-8")
        page.feed(text)
        return text, page

    return write


def test_the_report_is_one_page_that_loads_nothing(report):
    text, page = report()
    assert page.addresses == []
    assert "script" not in page.tags
    assert not re.search(r"url\(|@import|https?://", text)


def test_the_report_shows_sizes_value_crossings_and_notes(report):
    _, page = report("--lang", "en")
    found = page.words
    assert found[found.index("Customers") + 1] == "3"
    assert found[found.index("Revenue in the last 365 days") + 1] == "¥24.0K"
    assert found[found.index("Rows not used") + 1 : found.index("Rows not used") + 3] == ["1", "of 5 read"]
    for heading in ("Last order × revenue", "RFM", "Value by class", "Class × class", "Data quality"):
        assert heading in found
    assert "1 order of a negative amount was read as a refund" in found
    assert "not a date (expected as in 2026-03-31)" in found


def test_the_report_speaks_chinese(report):
    text, page = report("--lang", "zh")
    assert '<html lang="zh-CN">' in text
    assert "客户分类报告" in page.words
    assert "各类别的价值" in page.words


def test_what_a_file_says_is_shown_and_never_obeyed(report):
    text, page = report()
    assert "b" not in page.tags[page.tags.index("details") :]
    assert "&lt;b&gt;eve&lt;/b&gt;" in text


def test_a_report_of_nobody_is_a_page_too(tmp_path):
    (tmp_path / "events.csv").write_text("customer_id,occurred_at,kind,amount\n", encoding="utf-8")
    path = tmp_path / "report.html"
    done = zhike(tmp_path, "classify", "--events", str(tmp_path / "events.csv"), "--report", str(path))
    assert done.returncode == 0, done.stderr
    assert "Customer classes" in path.read_text(encoding="utf-8")
