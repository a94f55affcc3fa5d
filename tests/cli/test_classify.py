from __future__ import annotations

import csv
import signal
import subprocess
import time

import pytest

from tests.cli.running import ZHIKE, environment, zhike
from zhike.cli.main import main
from zhike.engine.files import open_table

EVENTS = """customer_id,occurred_at,kind,amount
ann,2026-01-10,order.placed,150000
ann,2026-02-10,order.placed,90000
ann,2026-02-20,order.refunded,20000
bob,2025-11-01,order.placed,5000
new,2026-03-01 23:59,order.placed,5000
new,2026-03-02,order.placed,5000
later,2026-03-02,order.placed,5000
"""
PACK = """
pack: small
version: 1
label: {zh: 小, en: Small}
dimensions:
  - key: value
    label: {zh: 客户价值, en: Value}
    classes:
      - key: high
        label: {zh: 高价值, en: High value}
        when:
          any:
            - {field: metric.revenue, over: {days: 60}, op: gte, value: 200000}
            - {field: customer.tags, op: has_any, value: [重点]}
      - key: low
        label: {zh: 低价值, en: Low value}
        when: {field: metric.days_since_order, op: gt, value: 90}
    default: {key: regular, label: {zh: 普通, en: Standard}}
  - key: care
    label: {zh: 关怀, en: Care}
    classes:
      - key: call
        label: {zh: 打电话, en: Call}
        when: {all: [{field: class.value, op: eq, value: high}, {field: custom.vip, op: eq, value: true}]}
    default: {key: none, label: {zh: 无, en: None}}
"""
CUSTOMERS = "id,name,tags,vip\nzoe,卓依,重点|老,true\nann,安,,true\nbob,鲍,,false\n"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "events.csv").write_text(EVENTS, encoding="utf-8")
    (tmp_path / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    (tmp_path / "small.yaml").write_text(PACK, encoding="utf-8")
    return tmp_path


def classify(folder, *options, events="events.csv", **more):
    chosen = ["--events", str(folder / events)] if events else []
    return zhike(folder, "classify", *chosen, "--as-of", "2026-03-01", *options, **more)


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def small(folder, *options):
    pack = ("--customers", str(folder / "customers.csv"), "--pack", str(folder / "small.yaml"))
    return classify(folder, *pack, "--out", str(folder / "out.csv"), *options)


def test_each_customer_has_a_row_with_classes_and_next_changes(files):
    done = small(files)
    assert done.returncode == 0, done.stderr
    assert rows(files / "out.csv") == [
        {"id": "zoe", "value": "high", "care": "call", "value.next_change": "", "care.next_change": ""},
        # 240 000 − 20 000 within 60 days; the order of 10 January leaves the window 60 days later.
        {
            "id": "ann",
            "value": "high",
            "care": "call",
            "value.next_change": "2026-03-11",
            "care.next_change": "2026-03-11",
        },
        {"id": "bob", "value": "low", "care": "none", "value.next_change": "", "care.next_change": ""},
        {"id": "new", "value": "regular", "care": "none", "value.next_change": "2026-05-31", "care.next_change": ""},
    ]


def test_the_reasons_hold_the_values_that_were_seen(files):
    small(files, "--explain", "--lang", "zh")
    found = {row["id"]: row for row in rows(files / "out.csv")}
    assert found["ann"]["value.why"] == "近 60 天成交额 ¥2,200，不低于 ¥2,000"
    assert found["zoe"]["value.why"] == "标签 老、重点，符合「标签含有「重点」」"
    assert found["bob"]["value.why"] == "距上次下单 120 天，高于 90 天"
    assert (
        found["new"]["value.why"]
        == "不属于高价值：近 60 天成交额 ¥50，低于 ¥2,000；不属于低价值：距上次下单 0 天，不超过 90 天"
    )
    assert found["ann"]["care.why"] == "客户价值是高价值；vip 是"


def test_the_reasons_are_there_in_english(files):
    small(files, "--explain", "--lang", "en")
    found = {row["id"]: row for row in rows(files / "out.csv")}
    assert found["ann"]["value.why"] == "Revenue in the last 60 days ¥2,200, at least ¥2,000"
    assert found["zoe"]["value.why"].startswith("Tags ")


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_every_form_of_output_holds_the_same(files, form):
    out = files / f"out.{form}"
    done = classify(files, "--out", str(out))
    assert done.returncode == 0, done.stderr
    table = open_table(out)
    assert table.columns[:4] == ("id", "status", "activity", "value")
    cells = [row[:4] for piece in table.pieces() for row in piece.read().frame.rows()]
    assert cells == [
        ("ann", "won", "active", "high"),
        ("bob", "won", "dormant", "low"),
        ("new", "won", "new", "regular"),
    ]


def test_ids_that_look_like_formulas_are_guarded_and_come_back(files):
    (files / "e.csv").write_text(
        "customer_id,occurred_at,kind\n=1+1,2026-01-01,order.placed\n+8613800138000,2026-01-01,order.placed\n",
        encoding="utf-8",
    )
    classify(files, "--out", str(files / "out.csv"), events="e.csv")
    assert [row["id"] for row in rows(files / "out.csv")] == ["'+8613800138000", "'=1+1"]
    again = zhike(files, "classify", "--customers", str(files / "out.csv"), "--out", str(files / "again.csv"))
    assert again.returncode == 0, again.stderr
    assert [row["id"] for row in rows(files / "again.csv")] == ["'+8613800138000", "'=1+1"]


def test_sizes_are_printed_and_notes_go_to_the_error_stream(files):
    done = classify(files)
    assert "3 customers as of 2026-03-01, pack Retail" in done.stdout
    assert "Won won" in done.stdout
    assert done.stderr == "· 2 events after 2026-03-01 do not count\n"


def test_refused_rows_are_written_beside_the_result(files):
    (files / "e.csv").write_text(
        "customer_id,occurred_at,kind,amount\na,2026-01-01,order.placed,1\nb,soon,order.placed,1\nc,2026-01-01\n",
        encoding="utf-8",
    )
    done = classify(files, "--out", str(files / "out.csv"), events="e.csv")
    assert done.returncode == 0
    assert "2 rows were not used" in done.stderr
    with (files / "out.rejected.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [
            ["file", "line", "reason", "row"],
            ["e.csv", "3", "not a date (expected as in 2026-03-31)", "b", "soon", "order.placed", "1"],
            ["e.csv", "4", "has 2 cells, not 4", "c", "2026-01-01"],
        ]


def test_the_columns_of_a_foreign_log_are_mapped(files):
    (files / "shop.csv").write_text(
        "CustomerID,InvoiceDate,amt\n17850,2010-12-01 08:26:00,139.12\n17850,2010-12-02 08:26:00,-39.12\n",
        encoding="utf-8",
    )
    options = ["--map", "customer_id=CustomerID", "--map", "occurred_at=InvoiceDate", "--map", "amount=amt"]
    options += ["--kind", "order.placed", "--unit", "major", "--timezone", "Europe/London", "--currency", "GBP"]
    options += ["--explain", "--out", str(files / "out.csv"), "--as-of", "2011-09-01"]
    done = zhike(files, "classify", "--events", str(files / "shop.csv"), *options)
    assert done.returncode == 0, done.stderr
    assert "1 order of a negative amount was read as a refund" in done.stderr
    assert rows(files / "out.csv")[0]["value"] == "low"
    assert "£100, below £200" in rows(files / "out.csv")[0]["value.why"]


def test_columns_of_one_name_are_told(files):
    (files / "e.csv").write_text(
        "customer_id,occurred_at,kind,amount,note,note\na,2026-01-01,order.placed,1,x,y\n", encoding="utf-8"
    )
    done = classify(files, "--lang", "zh", events="e.csv")
    assert done.returncode == 0
    assert "· e.csv 有同名的列：后一个 note 读作 note_6\n" in done.stderr


def test_today_is_the_day_when_none_is_given(files):
    done = zhike(files, "classify", "--events", str(files / "events.csv"), ZHIKE_NOW="2026-03-02T16:30:00+00:00")
    assert "as of 2026-03-03" in done.stdout


BAD = [
    ("no file", [], "give a file by --events or --customers."),
    ("no such file", ["--events", "nowhere.csv"], "nowhere.csv: there is no such file."),
    ("no such column", ["--events", "events.csv", "--map", "amount=amt"], "has no column amt"),
    ("no such name", ["--events", "events.csv", "--map", "ammount=amount"], "no name ammount. Did you mean amount?"),
    ("a column is missing", ["--events", "customers.csv"], "there is no column customer_id"),
    ("spark", ["--events", "events.csv", "--engine", "spark"], "--engine spark is not there yet"),
    ("no such engine", ["--events", "events.csv", "--engine", "dask"], "there is no engine dask"),
    ("no such pack", ["--events", "events.csv", "--pack", "retial"], "Did you mean retail?"),
    ("a day that is none", ["--events", "events.csv", "--as-of", "2026-02-30"], "--as-of is a day"),
    ("a day far off", ["--events", "events.csv", "--as-of", "9999-12-31", "--report", "r.html"], "--as-of is a day"),
    ("no such zone", ["--events", "events.csv", "--timezone", "Mars"], "there is no time zone Mars"),
    ("no such unit", ["--events", "events.csv", "--unit", "cents"], "--unit is major or minor"),
    ("no such form", ["--events", "events.csv", "--out", "out.txt"], "--out ends in .csv, .xlsx or .parquet"),
    ("no such folder", ["--events", "events.csv", "--out", "no/out.csv"], "there is no such folder"),
    ("over the input", ["--events", "events.csv", "--out", "events.csv"], "already another file of this run"),
    ("no kind", ["--events", "events.csv", "--kind", "order"], "--kind is as in order.placed"),
    ("no currency", ["--events", "events.csv", "--currency", "YUAN"], "--currency is a code of three letters"),
]


@pytest.mark.parametrize(("_case", "options", "sentence"), BAD, ids=[case for case, _, _ in BAD])
def test_bad_input_is_one_sentence_and_exit_code_2(files, monkeypatch, capsys, _case, options, sentence):
    monkeypatch.chdir(files)
    monkeypatch.setattr("zhike.cli.language._language", "en")  # so that it is put back
    before = sorted(path.name for path in files.iterdir())
    with pytest.raises(SystemExit) as done:
        main(["classify", "--lang", "en", *options])
    said = capsys.readouterr()
    assert (done.value.code, said.out) == (2, "")
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert sorted(path.name for path in files.iterdir()) == before


def test_a_name_that_cannot_be_written_is_refused(files):
    done = classify(files, "--lang", "zh", "--out", str(files / "\udcff.csv"))
    assert done.returncode == 2
    assert done.stderr.endswith("\\udcff.csv：文件名里有不是 UTF-8 的字节，请换一个名字。\n")
    assert sorted(files.glob("*.csv")) == [files / "customers.csv", files / "events.csv"]


def test_a_file_without_one_usable_row_is_refused_with_the_reason(files):
    (files / "e.csv").write_text("customer_id,occurred_at,kind\na,x,order.placed\nb,y,order.placed\n", encoding="utf-8")
    done = classify(files, "--lang", "zh", "--out", str(files / "out.csv"), events="e.csv")
    assert done.returncode == 2
    assert done.stderr == "e.csv：2 行没有一行能用；2 行不是日期（应如 2026-03-31）。\n"
    assert not (files / "out.csv").exists()


def test_an_interrupted_run_leaves_nothing(files):
    with (files / "long.csv").open("w", encoding="utf-8") as log:
        log.write("customer_id,occurred_at,kind,amount\n")
        log.writelines(f"c{n % 90_000},2026-01-{n % 28 + 1:02},order.placed,{n}\n" for n in range(2_000_000))
    out = files / "out"
    out.mkdir()
    command = [ZHIKE, "classify", "--events", str(files / "long.csv"), "--out", str(out / "o.csv")]
    with subprocess.Popen(command, env=environment(files), stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        while not list(out.iterdir()) and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 130
    assert list(out.iterdir()) == []


def test_a_quantile_is_found_among_the_customers_of_the_run(files):
    pack = PACK.replace("over: {days: 60}, op: gte, value: 200000", "op: gte, value: {quantile: 0.75}")
    (files / "small.yaml").write_text(pack, encoding="utf-8")
    result = small(files, "--explain")
    assert result.returncode == 0, result.stderr
    # 220,000, 5,000 and 5,000: three quarters of the three reach as far as the best.
    found = {row["id"]: (row["value"], row["value.why"]) for row in rows(files / "out.csv")}
    assert found["ann"][0] == "high"
    assert "at least ¥2,200" in found["ann"][1]
    assert found["new"][0] == "regular"


def test_a_quantile_of_nobody_is_refused(files):
    pack = PACK.replace("over: {days: 60}, op: gte, value: 200000", "op: gte, value: {quantile: 0.75}")
    (files / "small.yaml").write_text(pack.replace("metric.revenue", "metric.payments"), encoding="utf-8")
    result = small(files)
    assert result.returncode == 2
    assert "no customer has a value of metric.payments yet" in result.stderr
    assert not (files / "out.csv").exists()
