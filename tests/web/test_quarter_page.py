"""季度评估 as a page: what is found, what is written, what two leaders do at once, and what is closed."""

from __future__ import annotations

from datetime import date

import pytest

from tests.classification.deciding import NOW, TODAY, pack
from tests.classification.scoring import LONG_AGO, happens, make_standing
from tests.scenes import rules_in_force

PATH = "/classes/review/2026-Q3/"


@pytest.fixture(autouse=True)
def rules_of_value(people, settings):
    from zhike.accounts.actions import set_company

    settings.ZHIKE_NOW = NOW
    set_company(by=None, name="清源水科技", timezone="Asia/Shanghai", currency="CNY")
    rules_in_force(pack())


@pytest.fixture
def bob(people, signed_in):
    return signed_in(people.bob)


def save(client, version=1, notes="高价值分得开", decisions="观望并入潜在"):
    return client.post(PATH, {"version": version, "notes": notes, "decisions": decisions})


def close(client, version=1, findings=1):
    return client.post(f"{PATH}close/", {"version": version, "findings": findings})


def review():
    from zhike.classification.models import QuarterReview

    return QuarterReview.objects.get()


def test_it_shows_the_quarter_that_waits(bob, people):
    def shown():
        return str(bob.get("/classes/review/").context["quarter"])

    assert shown() == "2026-Q4"
    make_standing(("high", LONG_AGO))
    assert shown() == "2026-Q3"
    assert close(bob).status_code == 302
    assert shown() == "2026-Q4"


def test_each_figure_stands_beside_that_of_the_quarter_before(bob):
    customers = [make_standing(("high", LONG_AGO)) for _ in range(4)]
    make_standing(("low", LONG_AGO), ("high", date(2026, 7, 20)))
    happens(customers[0], "order.placed", date(2026, 5, 5), 100_00)
    happens(customers[0], "order.placed", date(2026, 8, 5), 150_00)
    happens(customers[1], "order.placed", date(2026, 8, 5), 150_00)

    value = bob.get(PATH).context["sections"][0]
    cells = {
        head.key: (cell.value, cell.change, cell.direction, cell.verdict)
        for head, cell in zip(bob.get(PATH).context["heads"], value.rows[0].cells, strict=True)
    }
    assert cells == {
        "size": ("5", "1", 1, 0),
        "override_rate": ("0.0%", "持平", 0, 0),
        "flip_rate": ("0.0%", "", 0, 0),
        "conversion": ("50.0%", "25.0 pt", 1, 1),
        "average_order": ("¥150", "¥50", 1, 1),
        "repurchase": ("0.0%", "持平", 0, 0),
        "retention": ("50.0%", "25.0 pt", 1, 1),
        "revenue_share": ("100.0%", "持平", 0, 0),
    }


def test_leaders_write_and_are_sent_back_to_what_they_wrote(bob, people):
    assert save(bob).headers["Location"] == PATH
    assert (review().notes, review().decisions, review().by) == ("高价值分得开", "观望并入潜在", people.bob)
    assert "观望并入潜在" in bob.get(PATH).text


def test_who_was_overtaken_keeps_their_words_and_sees_the_others(bob, people, signed_in):
    save(bob)
    ada = signed_in(people.ada)
    refused = save(ada, notes="都不准", decisions="")
    assert refused.status_code == 409
    assert "Bob 在你打开之后保存过。两份都在下面，合在一起再保存" in refused.text
    assert "都不准" in refused.text
    assert '<dd class="zk-words">高价值分得开</dd>' in refused.text
    assert 'name="version" value="2"' in refused.text
    assert save(ada, version=2, notes="高价值分得开，其余不准").status_code == 302


def test_a_form_that_misses_its_version_is_refused_with_the_words_kept(bob):
    refused = bob.post(PATH, {"notes": "别丢", "decisions": ""})
    assert refused.status_code == 422
    assert "这一页已经过时，请重新打开再保存。" in refused.text
    assert "别丢" in refused.text
    assert save(bob, notes="长" * 10_001).status_code == 422


def test_salespeople_read_and_find_nothing_to_press(bob, people, signed_in):
    save(bob)
    alice = signed_in(people.alice)
    text = alice.get(PATH).text
    assert "观望并入潜在" in text
    assert 'name="notes"' not in text
    assert save(alice).status_code == 403
    assert close(alice, version=2).status_code == 403


def test_closing_freezes_the_page(bob, people):
    customer = make_standing(("high", LONG_AGO))
    save(bob)
    bob.get(PATH)
    assert close(bob, version=2).headers["Location"] == PATH
    happens(customer, "order.placed", date(2026, 8, 5), 100)
    page = bob.get(PATH)
    assert page.context["sections"][0].rows[0].cells[3].value == "0.0%"
    assert 'name="notes"' not in page.text
    assert "Bob 今天 10:00 定稿" in page.text
    assert save(bob, version=3, notes="改口").status_code == 409
    assert close(bob, version=3).status_code == 409
    assert review().notes == "高价值分得开"


def test_a_quarter_that_is_not_over_cannot_be_closed(bob):
    page = bob.get("/classes/review/2026-Q4/")
    assert "季度结束以后可以定稿" in page.text
    assert 'id="close"' not in page.text
    assert bob.post("/classes/review/2026-Q4/close/", {"version": 1}).status_code == 422


@pytest.mark.parametrize(
    ("quarter", "status", "message"),
    [
        ("2027-Q1", 400, "2027-Q1 还没有开始"),
        ("1899-Q4", 400, "季度写成 2026-Q3 这样，1899-Q4 不行"),
        ("soon", 404, ""),
    ],
)
def test_a_quarter_that_cannot_be_is_refused_in_words(bob, quarter, status, message):
    refused = bob.get(f"/classes/review/{quarter}/")
    assert refused.status_code == status
    assert message in refused.text


def test_without_rules_it_says_what_to_do(bob):
    from zhike.classification.models import Scheme

    Scheme.objects.update(current=None)
    assert "请管理员安装一个分类包。" in bob.get(PATH).text


def test_it_speaks_english(people, signed_in):
    people.bob.language = "en"
    people.bob.save()
    make_standing(("high", TODAY))
    text = signed_in(people.bob).get("/classes/review/2026-Q4/").text
    assert "Q4 2026: quarterly review" in text
    assert "small print: against Q3 2026" in text
