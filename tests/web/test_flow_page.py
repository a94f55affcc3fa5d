"""流动: the matrix, the customers behind each number, the bars, the file; only what one may see."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.factories import make_customer

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
PATH = "/classes/value/flow/?from=2026-10-01&to=2026-10-31"


@pytest.fixture
def company(settings, people, rules):
    """In October two of Alice's three became high; Charlie's one did too; one of hers began only then."""
    from zhike.timeline.actions import record

    def on(month, day):
        settings.ZHIKE_NOW = datetime(2026, month, day, 2, tzinfo=UTC)

    on(5, 1)
    made = [make_customer(name, owner=people.alice) for name in ("甲酒店", "乙咖啡", "丙书店")]
    made.append(make_customer("丁茶业", owner=people.charlie))
    on(9, 29)
    record(made[2], "order.placed", by=None, amount=24_000_000)
    on(10, 6)
    record(made[0], "order.placed", by=None, amount=24_000_000)
    on(10, 7)
    record(made[3], "order.placed", by=None, amount=24_000_000)
    on(10, 20)
    made.append(make_customer("戊门诊", owner=people.alice))
    record(made[1], "order.placed", by=None, amount=24_000_000)
    settings.ZHIKE_NOW = NOW
    return made


def table(page):
    """Return {(class before, class after): customers} of the cells that are not 0."""
    matrix = page.context["matrix"]
    names = [chip.label for chip in matrix.heads]
    return {
        (line.chip.label if line.chip else None, name): cell.customers
        for line in matrix.lines
        for name, cell in zip(names, line.cells, strict=True)
        if cell.customers
    }


def test_it_counts_who_went_where(people, company, signed_in):
    page = signed_in(people.ada).get(PATH)
    assert table(page) == {("普通", "高价值"): 3, ("高价值", "高价值"): 1, (None, "普通"): 1}
    matrix = page.context["matrix"]
    assert (matrix.customers, list(matrix.totals)) == (5, [4, 0, 1])
    assert [(line.customers, [cell.share for cell in line.cells]) for line in matrix.lines] == [
        (1, [100, 0, 0]),
        (0, [0, 0, 0]),
        (3, [100, 0, 0]),
        (1, [0, 0, 100]),
    ]
    assert "最大的流动：普通 → 高价值 3 位，占普通的 100%。" in page.text
    assert "2026-09-30 与 2026-10-31 结束时显示的类别" in page.text


def test_each_sees_their_own(people, company, signed_in):
    assert table(signed_in(people.alice).get(PATH)) == {
        ("普通", "高价值"): 2,
        ("高价值", "高价值"): 1,
        (None, "普通"): 1,
    }
    assert table(signed_in(people.charlie).get(PATH)) == {("普通", "高价值"): 1}
    assert "还没有可比的客户" in signed_in(people.carol).get("/classes/value/flow/?from=2026-01-01&to=2026-02-01").text


def test_every_number_leads_to_its_customers(people, company, signed_in):
    for who in (people.ada, people.alice):
        client = signed_in(who)
        for path in (PATH, "/classes/value/flow/?from=2026-10-01&to=2026-11-20"):
            cells = [c for line in client.get(path).context["matrix"].lines for c in line.cells if c.customers]
            for cell in cells:
                assert len(client.get(f"/customers/?{cell.query}").context["rows"]) == cell.customers, cell


def test_the_numbers_are_those_that_were_told_on_each_day(people, company, signed_in):
    """The set-wise statement says what the pages of one customer say."""
    from zhike.classification.flow import flows
    from zhike.classification.then import then
    from zhike.core.quarters import Period

    first = date(2026, 10, 1)
    for days in (1, 6, 7, 20, 31):
        period = Period(first, first + timedelta(days=days - 1))
        expected: dict[tuple[str | None, str | None], int] = {}
        for customer in company:
            told = [then(None, customer, day).told.get("value") for day in (period.before, period.last)]
            key = tuple(one.class_key if one else None for one in told)
            if key != (None, None):
                expected[key] = expected.get(key, 0) + 1
        assert {one[:2]: one.customers for one in flows(people.ada, "value", period).flows} == expected


def test_bars_show_who_came_and_went_each_week(people, company, signed_in):
    steps = signed_in(people.ada).get(PATH).context["steps"]
    high, regular = steps
    assert (high.chip.label, high.entered, high.left) == ("高价值", 3, 0)
    assert (regular.chip.label, regular.entered, regular.left) == ("普通", 0, 3)
    assert [(bar.day, bar.entered) for bar in high.bars if bar.entered] == [
        (date(2026, 10, 5), 2),
        (date(2026, 10, 19), 1),
    ]
    assert high.bars[0].day == date(2026, 9, 28)


def test_a_long_period_is_drawn_by_month(people, company, signed_in):
    page = signed_in(people.ada).get("/classes/value/flow/?from=2025-01-01&to=2026-11-20")
    assert page.context["step"] == "month"
    (high, _) = page.context["steps"]
    assert [(bar.day, bar.entered) for bar in high.bars if bar.entered] == [
        (date(2026, 9, 1), 1),
        (date(2026, 10, 1), 3),
    ]


def test_the_file_has_a_row_for_each_flow(people, company, signed_in):
    response = signed_in(people.ada).get("/classes/value/flow.csv?from=2026-10-01&to=2026-10-31")
    assert response["Content-Disposition"] == 'attachment; filename="value-2026-10-01-2026-10-31.csv"'
    assert response.content.decode("utf-8-sig").splitlines() == [
        "2026-09-30,2026-10-31,客户数,占比",
        "高价值,高价值,1,1.0000",
        "普通,高价值,3,1.0000",
        "还没有类别,普通,1,1.0000",
    ]


def test_it_is_found_from_the_dimension(people, company, signed_in):
    assert 'href="/classes/value/flow/"' in signed_in(people.alice).get("/classes/value/").text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/classes/nonsense/flow/", 404),
        ("/classes/nonsense/flow.csv", 404),
        ("/classes/value/flow/?from=2026-11-01&to=2026-10-01", 400),
        ("/classes/value/flow/?from=x&to=2026-10-01", 400),
        ("/classes/value/flow.csv?to=2027-01-01&from=2026-01-01", 400),
        ("/classes/value/flow/", 200),
    ],
)
def test_what_cannot_be_shown_is_refused(alice, path, status):
    assert alice.get(path).status_code == status


def test_it_rejects_post(alice):
    assert alice.post("/classes/value/flow/").status_code == 405
