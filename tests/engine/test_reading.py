"""Event and customer files become typed rows; what cannot is refused with line and reason."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from zhike.core.facts import FieldType, custom_field
from zhike.core.text import Text
from zhike.engine.columns import Use, check_mapping, columns_for, parse_mapping
from zhike.engine.customers import NAMES as CUSTOMER_NAMES
from zhike.engine.customers import OWN, read_customers
from zhike.engine.errors import FileError, OptionError
from zhike.engine.events import NAMES as EVENT_NAMES
from zhike.engine.events import Reading, read_events
from zhike.engine.files import open_table
from zhike.engine.polars import LINE
from zhike.engine.rejects import Rejects

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def rejects():
    with Rejects() as found:
        yield found


@pytest.fixture
def events(tmp_path, rejects):
    def read(text, **options):
        path = tmp_path / "e.csv"
        path.write_text(text, encoding="utf-8")
        return read_events(open_table(path), Reading(zone=SHANGHAI, **options), rejects)

    return read


@pytest.fixture
def customers(tmp_path, rejects):
    def read(text, mapping=None, **options):
        path = tmp_path / "c.csv"
        path.write_text(text, encoding="utf-8")
        return read_customers(open_table(path), mapping or {}, rejects, **options)

    return read


def refused(rejects):
    return [(item.row.line, item.row.reason.en) for item in rejects.samples]


def test_events_are_typed(events):
    found = events(
        "customer_id,occurred_at,kind,amount\n C1 ,2026-03-01,order.placed,12.50\nC2,2026-03-02,call.made,\n", digits=2
    )
    assert found.frame.rows() == [
        ("C1", date(2026, 3, 1), "order.placed", 1250),
        ("C2", date(2026, 3, 2), "call.made", 0),
    ]
    assert (found.rows, found.negative, found.without_amount) == (2, 0, 0)


def test_a_negative_order_is_a_refund_of_its_absolute_value_and_counted(events):
    found = events("customer_id,occurred_at,amount\nC1,2026-03-01,-300\nC1,2026-03-01,500\n", kind="order.placed")
    assert found.frame.rows() == [
        ("C1", date(2026, 3, 1), "order.refunded", 300),
        ("C1", date(2026, 3, 1), "order.placed", 500),
    ]
    assert found.negative == 1


def test_a_refund_with_a_sign_is_the_same_refund(events):
    found = events("customer_id,occurred_at,kind,amount\nC1,2026-03-01,order.refunded,-300\n")
    assert found.frame.rows() == [("C1", date(2026, 3, 1), "order.refunded", 300)]


def test_an_order_without_an_amount_is_counted(events):
    found = events("customer_id,occurred_at,amount\nC1,2026-03-01,\n", kind="order.placed")
    assert (found.frame["amount"].to_list(), found.without_amount) == ([0], 1)


REFUSED = [
    ("no customer", ",2026-03-01,order.placed,1,", "the customer's id is missing"),
    ("no date", "C1,,order.placed,1,", "the date is missing"),
    ("no date at all", "C1,soon,order.placed,1,", "not a date (expected as in 2026-03-31)"),
    ("a day that is none", "C1,2026-02-29,order.placed,1,", "not a date (expected as in 2026-03-31)"),
    ("the year 9999", "C1,9999-12-31,order.placed,1,", "the year is not between 1900 and 2100"),
    ("no kind", "C1,2026-03-01,,1,", "the kind is missing"),
    ("a kind of words", "C1,2026-03-01,An Order,1,", "the kind is not of the form order.placed"),
    ("10^30", f"C1,2026-03-01,order.placed,{10**30},", "the amount is too large"),
    ("no number", "C1,2026-03-01,order.placed,x,", "the amount is not a number"),
    ("dollars", "C1,2026-03-01,order.placed,1,USD", "the currency is USD, not CNY, and there are no rates here"),
]


@pytest.mark.parametrize(("_case", "row", "reason"), REFUSED, ids=[case for case, _, _ in REFUSED])
def test_a_row_that_cannot_be_used_is_named(events, rejects, _case, row, reason):
    found = events(f"customer_id,occurred_at,kind,amount,currency\nC0,2026-03-01,order.placed,1,cny\n{row}\n")
    assert found.frame["customer"].to_list() == ["C0"]
    assert refused(rejects) == [(3, reason)]
    assert rejects.samples[0].row.cells == tuple(row.split(","))


def test_dates_of_several_kinds_may_stand_in_one_file(events, rejects):
    found = events(
        "customer_id,occurred_at\nC1,2026-03-01 08:30:00\nC2,20260301\nC3,2026/3/1\nC4,2026-03-01T23:00:00Z\n",
        kind="order.placed",
    )
    assert sorted(found.frame.select("customer", "day").rows()) == [
        ("C1", date(2026, 3, 1)),
        ("C2", date(2026, 3, 1)),
        ("C3", date(2026, 3, 1)),
        ("C4", date(2026, 3, 2)),
    ]
    assert len(rejects) == 0


@pytest.mark.parametrize("first", ["0000-01-01", "0001-01-01", "9999-12-31"])
def test_a_file_that_begins_with_an_impossible_year_goes_on(events, rejects, first):
    found = events(f"customer_id,occurred_at\nC1,{first}\nC2,2026-03-01\n", kind="order.placed")
    assert found.frame["customer"].to_list() == ["C2"]
    assert [line for line, _ in refused(rejects)] == [2]


def test_an_instant_at_either_end_of_the_calendar_is_refused(events, rejects):
    ends = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]
    found = events("customer_id,occurred_at\nC0,2026-03-01\n" + "".join(f"C1,{end}\n" for end in ends), kind="a.b")
    assert found.frame["customer"].to_list() == ["C0"]
    assert refused(rejects) == [(line, "the year is not between 1900 and 2100") for line in (3, 4)]


def test_data_that_metrics_read_is_typed_and_checked(events, rejects):
    found = events(
        "customer_id,occurred_at,kind,seconds,score,line\n"
        "C1,2026-03-01,page.viewed,90,,\n"
        "C1,2026-03-01,survey.answered,,4.5,\n"
        "C1,2026-03-01,order.placed,,,product\n"
        "C1,2026-03-01,page.viewed,long,,\n",
        numbers={"seconds": 0, "score": 4},
        texts=("line",),
    )
    assert found.frame.select("seconds", "score", "line").rows() == [
        (90, None, None),
        (None, 45000, None),
        (None, None, "product"),
    ]
    assert refused(rejects) == [(5, "seconds is not a number")]


def test_instants_lines_and_all_other_columns_are_kept_for_an_import(events):
    found = events(
        "customer_id,occurred_at,kind,channel,shop\nC1,2026-03-01 08:30:00,order.placed,wechat,沪\nC2,2026-03-01,call.made,,\n",
        instants=True,
        everything=True,
    )
    assert found.further == ("shop",)
    assert found.frame.select("customer", "occurred_at", LINE, "channel", "extra.shop").rows() == [
        ("C1", datetime(2026, 3, 1, 0, 30, tzinfo=UTC), 2, "wechat", "沪"),
        ("C2", datetime(2026, 2, 28, 16, 0, tzinfo=UTC), 3, None, None),
    ]


def test_customers_are_typed_and_custom_columns_inferred(customers):
    found = customers(
        "id,name,kind,size,birthday,tags,age,rate,since,vip,code,blank\n"
        "C1,梧桐里,企业,large,1990/1/2,a|b, 30,0.5,2020-01-31,true,007,\n"
        "C2,晓雯,person,,,,,1,,false,12,\n"
    )
    assert found.custom == {
        "age": FieldType.INTEGER,
        "rate": FieldType.DECIMAL,
        "since": FieldType.DATE,
        "vip": FieldType.BOOL,
        "code": FieldType.TEXT,
        "blank": FieldType.TEXT,
    }
    assert found.empty == {"blank"}
    rows = list(found.frame.drop("line").iter_rows(named=True))
    assert rows[0] == {
        "id": "C1",
        "customer.name": "梧桐里",
        "customer.kind": "company",
        "customer.size": "large",
        "customer.birthday": date(1990, 1, 2),
        "customer.tags": ["a", "b"],
        "custom.age": 30,
        "custom.rate": 5000,
        "custom.since": date(2020, 1, 31),
        "custom.vip": True,
        "custom.code": "007",
        "custom.blank": None,
    }
    assert [rows[1][key] for key in ("customer.kind", "customer.tags", "custom.age")] == ["person", [], None]


def test_a_declared_type_wins_and_refuses_what_does_not_fit(customers, rejects):
    found = customers("id,code\nC1,7\nC2,x\n", declared={"code": custom_field("code", FieldType.INTEGER)})
    assert found.frame.select("id", "custom.code").rows() == [("C1", 7)]
    assert refused(rejects) == [(3, "code is “x”, which is not a whole number")]


def test_customers_without_an_id_or_with_one_twice_are_refused(customers, rejects):
    found = customers("id,name\nC1,甲\n,乙\nC1,丙\n")
    assert found.frame["id"].to_list() == ["C1"]
    assert refused(rejects) == [(3, "the id is missing"), (4, "the id C1 was already on line 2")]


@pytest.mark.parametrize(
    ("header", "mapping", "name", "column"),
    [
        ("key,name", {}, "key", "key"),
        ("Customer ID,name", {}, "Customer ID", "Customer ID"),
        ("编号,name", {"key": "编号"}, "key", "编号"),
        ("客户编号,city", {}, "客户编号", "客户编号"),
    ],
)
@pytest.mark.parametrize("id_required", [True, False])
def test_a_column_called_like_the_id_is_asked_about(customers, header, mapping, name, column, id_required):
    with pytest.raises(FileError) as refused:
        customers(f"{header}\nC1,甲\n", mapping, id_required=id_required)
    assert refused.value.message("zh") == (
        f"c.csv：没有 id 这一列。{column} 是客户编号吗？是就加 --map id={column}，不是就加 --map custom.{name}={column}。"
    )
    assert refused.value.en == (
        f"there is no column id. Is {column} the customer's id? If so, add --map id={column}; "
        f"if not, add --map custom.{name}={column}."
    )


def test_both_answers_about_such_a_column_are_taken(customers):
    assert customers("key,name\nC1,甲\n", {"id": "key"}).frame["id"].to_list() == ["C1"]
    kept = customers("key,name\nC1,甲\n", {"custom.key": "key"}, id_required=False)
    assert kept.frame["custom.key"].to_list() == ["C1"]
    beside = customers("id,key\nC1,yes\n").frame
    assert beside.select("id", "custom.key").rows() == [("C1", "yes")]


def test_a_guarded_cell_is_read_without_its_guard(customers):
    found = customers("id,name\n'=C1,'+甲\n")
    assert found.frame.select("id", "customer.name").rows() == [("=C1", "+甲")]


def test_a_mapping_names_columns(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("CustomerID,Invoice Date,AMT\n1,2,3\n", encoding="utf-8")
    table = open_table(path)
    mapping = parse_mapping(["customer_id=CustomerID", "occurred_at=invoice date", "amount=AMT"])
    check_mapping(mapping, [Use(table, EVENT_NAMES)])
    assert columns_for(table, mapping, known=("customer_id", "occurred_at", "amount"), required=()) == {
        "customer_id": "CustomerID",
        "occurred_at": "Invoice Date",
        "amount": "AMT",
    }


def test_a_wrong_mapping_says_what_was_meant(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("CustomerID,InvoiceDate\n1,2\n", encoding="utf-8")
    table = open_table(path)
    with pytest.raises(OptionError) as unknown:
        check_mapping({"customer_id": "CustmerID"}, [Use(table, EVENT_NAMES)])
    assert "是否指 CustomerID？" in unknown.value.zh
    with pytest.raises(FileError) as missing:
        columns_for(table, {}, known=("customer_id",), required=("customer_id",))
    assert missing.value.message("en") == (
        "a.csv: there is no column customer_id. The file has: CustomerID, InvoiceDate. "
        "Say which it is by --map customer_id=Column. Did you mean CustomerID?"
    )
    with pytest.raises(OptionError, match="two columns"):
        parse_mapping(["amount=a", "amount=b"])
    with pytest.raises(OptionError, match="name=Column"):
        parse_mapping(["amount"])


TWICE = "customer_id,occurred_at,kind,amount,note,amount,note\nC1,2026-03-01,order.placed,1,甲,2,乙\n"


def test_two_columns_of_a_name_that_is_read_are_refused(events):
    with pytest.raises(FileError) as refused:
        events(TWICE)
    assert refused.value.message("zh") == (
        "e.csv：有 2 列都叫 amount，不知道该读哪一列。请在文件里给它们不同的名称；"
        "要读后面的一列，也可以写 --map amount=amount_6。"
    )
    assert refused.value.en == (
        "2 columns are called amount, and only one can be read. Give them names of their own in the file, "
        "or write --map amount=amount_6 for the later one."
    )


def test_the_later_of_two_columns_is_read_when_it_is_named(events):
    assert events(TWICE, mapping={"amount": "amount_6"}).frame["amount"].to_list() == [2]


def test_two_columns_that_are_only_carried_are_both_kept(events):
    found = events(TWICE, mapping={"amount": "amount_6"}, everything=True).frame
    assert found.select("extra.note", "extra.note_7", "extra.amount").rows() == [("甲", "乙", "1")]


EVENTS = (EVENT_NAMES, None)
IMPORTED_EVENTS = (EVENT_NAMES, "")
CUSTOMERS = (CUSTOMER_NAMES, OWN)


@pytest.fixture
def check_name(tmp_path):
    """Check one name, given to the column `x` that the only file has."""
    path = tmp_path / "a.csv"
    path.write_text("x\n1\n", encoding="utf-8")

    def check(name, use):
        check_mapping({name: "x"}, [Use(open_table(path), *use)])

    return check


@pytest.mark.parametrize(
    ("name", "use", "meant"),
    [
        ("ammount", EVENTS, "amount"),
        ("Amount", EVENTS, "amount"),
        ("occured_at", IMPORTED_EVENTS, "occurred_at"),
        ("custmer id", IMPORTED_EVENTS, "customer_id"),
        ("curency", IMPORTED_EVENTS, "currency"),
        ("chanel", IMPORTED_EVENTS, "channel"),
        ("knid", IMPORTED_EVENTS, "kind"),
        ("second", IMPORTED_EVENTS, "seconds"),
        ("nmae", CUSTOMERS, "name"),
        ("creted_on", CUSTOMERS, "created_on"),
        ("tag", CUSTOMERS, "tags"),
    ],
)
def test_a_slip_in_a_name_is_refused_with_what_was_meant(check_name, name, use, meant):
    with pytest.raises(OptionError) as refused:
        check_name(name, use)
    assert refused.value.zh.startswith(f"--map {name}=x：没有 {name} 这个名称。是否指 {meant}？")
    assert refused.value.en.startswith(f"--map {name}=x: there is no name {name}. Did you mean {meant}?")


@pytest.mark.parametrize(
    ("name", "use"),
    [
        ("amount", EVENTS),
        ("score", EVENTS),
        ("store", IMPORTED_EVENTS),
        ("account", IMPORTED_EVENTS),
        ("amount2", IMPORTED_EVENTS),
        ("name2", CUSTOMERS),
        ("age", CUSTOMERS),
        ("等级", CUSTOMERS),
        ("full_name", CUSTOMERS),
        ("custom.tag", CUSTOMERS),
    ],
)
def test_a_name_of_ones_own_is_taken(check_name, name, use):
    check_name(name, use)


def test_a_name_that_nobody_would_read_is_refused(check_name):
    with pytest.raises(OptionError) as refused:
        check_name("sku", EVENTS)
    assert refused.value.zh == (
        "--map sku=x：没有 sku 这个名称。可用的名称：customer_id、occurred_at、kind、amount、currency、channel、key、"
        "line、points、score、seconds。"
    )


def test_a_field_of_ones_own_that_looks_like_a_slip_is_insisted_on(check_name):
    with pytest.raises(OptionError) as refused:
        check_name("tag", CUSTOMERS)
    assert refused.value.zh.endswith("如果是公司自己的字段，请写 custom.tag=x。")
    assert refused.value.en.endswith("For a field of your own, write custom.tag=x.")


def test_a_name_of_the_other_file_is_no_slip(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("x\n1\n", encoding="utf-8")
    events, customers = (open_table(tmp_path / name) for name in ("a.csv", "b.csv"))
    check_mapping({"tags": "x", "kind": "x"}, [Use(events, EVENT_NAMES), Use(customers, CUSTOMER_NAMES, OWN)])


def test_a_declared_choice_is_named_by_key_or_label(customers, rejects):
    choices = {"exam": Text("升学", "Exams"), "fun": Text("兴趣", "Interest")}
    goal = custom_field("goal", FieldType.CHOICE, choices=choices)
    found = customers("id,goal\nC1,升学\nC2,fun\nC3,竞赛\nC4,\n", declared={"goal": goal})
    assert found.frame["custom.goal"].to_list() == ["exam", "fun", None]
    assert refused(rejects) == [(4, "goal is “竞赛”, which is not one of the choices")]


def test_a_declared_time_is_the_companys_and_stored_in_utc(customers):
    found = customers(
        "id,seen\nC1,2026-03-01 08:30\n", declared={"seen": custom_field("seen", FieldType.DATETIME)}, zone=SHANGHAI
    )
    assert found.frame["custom.seen"].to_list() == [datetime(2026, 3, 1, 0, 30, tzinfo=UTC)]
