"""`zhike import`, `zhike explain` and `zhike pack` as a person runs them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import xlsxwriter

from tests.cli.running import installed, zhike
from zhike.base.postgres import Postgres
from zhike.cli.import_ import _targets
from zhike.cli.import_files import Wishes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("import")  # they share one installation

LOG = "Customer,When,Paid\nA-1,2026-01-05 10:00,120.50\nA-1,2026-01-06 10:00,-20.50\nB-2,2026-01-07,80\nB-2,never,80\n"
COLUMNS = ("--map", "customer_id=Customer", "--map", "occurred_at=When", "--map", "amount=Paid")
ORDERS = ("--as", "events", "--kind", "order.placed", "--unit", "major", *COLUMNS)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """An installation whose server runs all the while, as that of `zhike serve` does."""
    with installed("zhike-imp-") as home, Postgres(home / "postgres"):
        yield home


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(LOG)
    return path


def import_log(home, log, *more):
    refused = log.with_name("refused.csv")
    return zhike(home, "import", str(log), *ORDERS, "--rejected", str(refused), *more), refused


def test_order_log_is_imported_once_and_explained(home, log):
    first, refused = import_log(home, log, "--json")

    assert (first.returncode, first.stderr) == (0, "")
    found = json.loads(first.stdout)
    assert isinstance(found.pop("id"), int)
    assert found == {
        "rows": 4,
        "rejected": 1,
        "customers_created": 2,
        "customers_changed": 0,
        "customers_unchanged": 0,
        "contact_details_dropped": 0,
        "fields_created": [],
        "events_created": 3,
        "events_known": 0,
        "orders_read_as_refunds": 1,
        "columns_renamed": {},
        "created": 3,
        "updated": 0,
        "unchanged": 0,
        "skipped": 0,
        "review": 0,
        "file_of_verdicts": str(refused),
        "rejected_file": str(refused),
    }
    lines = refused.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "file,line,reason,row"
    assert lines[1].startswith("orders.csv,5,")

    again, _ = import_log(home, log, "--json")
    assert json.loads(again.stdout)["events_created"] == 0
    assert json.loads(again.stdout)["events_known"] == 3

    told = zhike(home, "explain", "A-1", "--json")
    assert told.returncode == 0
    answer = json.loads(told.stdout)
    assert answer["customer"]["name"] == "A-1"
    assert answer["dimensions"]["status"]["class"] == "won"
    seen = {c["fact"]: c["seen"] for c in _leaves(answer["dimensions"]["value"]["conditions"])}
    assert seen["metric.revenue@365"] in {0, 10_000}  # the orders are a year old one day

    english = zhike(home, "explain", "A-1", "--lang", "en").stdout
    chinese = zhike(home, "explain", "A-1", "--lang", "zh").stdout
    assert "Status: Won" in english
    assert "客户状态：成交" in chinese

    past = zhike(home, "explain", "A-1", "--as-of", "2026-01-05", "--dimension", "value", "--json")
    found = json.loads(past.stdout)
    assert (found["as_of"], list(found["dimensions"])) == ("2026-01-05", ["value"])
    then = found["dimensions"]["value"]
    assert (then["told"], then["class"], then["version"], then["version_came_later"]) == (None, "regular", 1, True)
    assert {c["fact"]: c["seen"] for c in _leaves(then["conditions"])}["metric.revenue@365"] == 12_050
    in_words = zhike(home, "explain", "A-1", "--as-of", "2026-01-05", "--lang", "zh").stdout
    assert "A-1（A-1） · 2026-01-05 的情况" in in_words
    assert "那天还没有判定过" in in_words
    for day, sentence in (
        ("2026-01-04", "There was no such customer on 2026-01-04: the record began on 2026-01-05.\n"),
        ("soon", "--as-of is a date such as 2026-05-01, not soon.\n"),
        ("2999-01-01", "2999-01-01 has not come yet.\n"),
    ):
        refused = zhike(home, "explain", "A-1", "--as-of", day)
        assert (refused.returncode, refused.stderr) == (2, sentence)


def _leaves(conditions):
    for condition in conditions:
        if "fact" in condition:
            yield condition
        for form in ("all", "any", "not"):
            yield from _leaves(condition.get(form, []))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--as", "events"), "orders.csv: there is no column customer_id."),
        ((*ORDERS, "--currency", "USD"), "The company's currency is CNY;"),
        (("--as", "events", "--map", "amount"), "--map is written name=Column"),
        ((*ORDERS, "--map", "chanel=Paid"), "--map chanel=Paid: there is no name chanel. Did you mean channel?"),
        (("--as", "customers", "--map", "nmae=Customer"), "--map nmae=Customer: there is no name nmae."),
        (("--as", "customers", "--map", "name=Nom"), "--map name=Nom: orders.csv has no column Nom."),
    ],
)
def test_what_cannot_be_imported_is_one_sentence(home, log, arguments, sentence):
    refused = zhike(home, "import", str(log), *arguments)

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(sentence), refused.stderr
    assert "Traceback" not in refused.stderr


def test_file_without_one_usable_row_fails(home, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("customer_id,occurred_at,kind\na,soon,order.placed\n", encoding="utf-8")

    refused = zhike(home, "import", str(path), "--as", "events", "--rejected", str(tmp_path / "refused.csv"))

    assert refused.returncode == 2
    assert refused.stdout.startswith("Read 1 rows.\nRefused 1 rows;")


def test_missing_file_is_one_sentence(home):
    refused = zhike(home, "import", "/gone.csv", "--as", "customers")

    assert (refused.returncode, refused.stderr) == (2, "/gone.csv: there is no such file.\n")


def test_customers_are_imported_with_their_fields(home, tmp_path):
    path = tmp_path / "customers.csv"
    path.write_text("id,name,city,seats\nC-3,上海梧桐里,上海,3\n", encoding="gb18030")

    first = zhike(home, "import", str(path), "--as", "customers")
    again = zhike(home, "import", str(path), "--as", "customers")

    made = first.stdout.splitlines()
    assert made[:3] == ["Read 1 rows.", "Customers: 1 new, 0 changed, 0 unchanged.", "New custom fields: seats."]
    assert made[3].startswith("To take it back: zhike import --undo ")
    assert again.stdout == "Read 1 rows.\nCustomers: 0 new, 0 changed, 1 unchanged.\n"
    assert "上海梧桐里 (C-3)" in zhike(home, "explain", "wutongli").stdout


def test_columns_of_one_name_are_told(home, tmp_path):
    path = tmp_path / "customers.csv"
    path.write_text("id,name,备注,备注\nC-4,苏州河畔,老客户,\n", encoding="utf-8")

    told = zhike(home, "import", str(path), "--as", "customers").stdout
    as_json = zhike(home, "import", str(path), "--as", "customers", "--json").stdout

    assert told.startswith("customers.csv has columns of one name: the later 备注 is read as 备注_4.\nRead 1 rows.\n")
    assert json.loads(as_json)["columns_renamed"] == {"备注_4": "备注"}


def test_what_is_stored_is_what_the_rules_give(home, log):
    log.write_text(LOG.replace("A-1", "E-5").replace("B-2", "F-6"))  # customers that no other test counts
    import_log(home, log)

    checked = zhike(home, "check", "placements", "--json")
    found = json.loads(checked.stdout)
    assert (checked.returncode, found["ok"], found["differences"]) == (0, True, [])
    assert found["customers"] == found["compared_with_core"] > 0
    some = zhike(home, "check", "placements", "--sample", "1")
    assert (some.returncode, some.stdout) == (
        0,
        "Compared 1 customers, 1 of them with the core as well: no difference.\n",
    )
    assert json.loads(zhike(home, "check", "--json").stdout)["checks"]


def test_nobody_of_that_name(home):
    refused = zhike(home, "explain", "nobody")

    assert (refused.returncode, refused.stderr) == (2, "There is no customer nobody.\n")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("", "Say which customer: by its key, id or name.\n"),
        (" ", "Say which customer: by its key, id or name.\n"),
        (
            "张\udcff",
            "The customer's key or name holds bytes that are not UTF-8. Check the encoding of the terminal.\n",
        ),
    ],
)
def test_customer_that_is_not_said_is_asked_for(home, said, sentence):
    refused = zhike(home, "explain", said)

    assert (refused.returncode, refused.stdout, refused.stderr) == (2, "", sentence)


def test_another_pack_places_everyone_anew(home):
    listed = zhike(home, "pack", "list")
    assert [line.split()[0] for line in listed.stdout.splitlines()] == [
        "b2b",
        "b2c",
        "education",
        "general",
        "realestate",
        "retail",
    ]

    installed = zhike(home, "pack", "install", "retail")

    assert installed.returncode == 0, installed.stderr
    assert "is in force: 3 dimensions" in installed.stdout
    assert zhike(home, "pack", "install", "nothing").returncode == 2


def test_customers_are_tried_imported_again_and_taken_back(home, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("客户编号,客户名称,手机,备注\nD-1,梧桐里,13712345678,\nD-2,晓雯,123,x\n", encoding="gb18030")
    told = ("--json", "--rejected", str(tmp_path / "refused.csv"), "--verdicts", str(tmp_path / "verdicts.csv"))

    tried = json.loads(zhike(home, "import", str(path), "--dry-run", *told).stdout)
    assert "D-1" not in zhike(home, "explain", "D-1").stdout
    done = json.loads(zhike(home, "import", str(path), "--match", "id,phone", "--on-match", "fill", *told).stdout)

    wanted = {"rows": 2, "created": 1, "updated": 0, "unchanged": 0, "skipped": 0, "review": 0, "rejected": 1}
    assert {name: tried[name] for name in wanted} == wanted
    assert {name: done[name] for name in wanted} == wanted
    assert done["file_of_verdicts"] == str(tmp_path / "verdicts.csv")
    verdicts = (tmp_path / "verdicts.csv").read_text(encoding="utf-8-sig").splitlines()
    assert verdicts == [
        "line,verdict,reason,客户编号,客户名称,手机,备注",
        "2,created,,D-1,梧桐里,13712345678,",
        "3,rejected,Phone: 123 cannot be a telephone number,D-2,晓雯,123,x",
    ]
    refused = (tmp_path / "refused.csv").read_text(encoding="utf-8-sig").splitlines()
    assert refused == [
        "客户编号,客户名称,手机,备注,reason",
        "D-2,晓雯,123,x,Phone: 123 cannot be a telephone number",
    ]
    again = json.loads(zhike(home, "import", str(path), *told).stdout)
    assert (again["created"], again["unchanged"]) == (0, 1)

    undone = zhike(home, "import", "--undo", str(done["id"]), "--json")
    assert json.loads(undone.stdout) == {"id": done["id"], "undone": 1, "conflicts": []}
    assert zhike(home, "explain", "D-1").returncode == 2
    assert zhike(home, "import", "--undo", "999999").stderr == "There is no import 999999.\n"


def test_each_sheet_is_named_with_what_it_holds(tmp_path):
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, head in {"客户": ("客户名称",), "订单": ("customer_id", "occurred_at"), "a=b": ("客户名称",)}.items():
            book.add_worksheet(name).write_row(0, 0, head)

    found = _targets([path], "", ["客户", "订单=events", "a=b"], Wishes())

    assert [(one.layout.sheet, one.what, one.is_log, one.stem) for one in found] == [
        ("客户", "", False, "book.客户"),
        ("订单", "events", True, "book.订单"),
        ("a=b", "", False, "book.a=b"),
    ]
    assert [one.stem for one in _targets([path], "", [""], Wishes())] == ["book"]
