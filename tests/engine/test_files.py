from __future__ import annotations

import codecs
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from zhike.core.facts import FieldType
from zhike.engine.dialect import names_of
from zhike.engine.errors import FileError
from zhike.engine.files import BLOCK, NO_HEADER, Layout, open_table
from zhike.engine.output import Outputs
from zhike.engine.polars import typed_columns
from zhike.engine.polars import write_parquet as save_parquet
from zhike.engine.sheets import sheet_names

TEXT = '客户编号,名称,备注\nC1,梧桐里,好\nC2,"文通,路","两\n行"\nC3,晓雯,\n'
ROWS = [("C1", "梧桐里", "好", 2), ("C2", "文通,路", "两\n行", 3), ("C3", "晓雯", None, 5)]


def read(path):
    """Return the rows and the refused rows of a file."""
    rows, refused = [], []
    for piece in open_table(path).pieces():
        block = piece.read()
        rows += block.frame.rows()
        refused += block.rejected
    return rows, refused


def write(path, data):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("gb18030", b""),
        ("gbk", b""),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_encoding_separator_and_newline_gives_the_same_rows(tmp_path, encoding, mark, separator, newline):
    text = TEXT.replace(",", separator).replace(f"文通{separator}路", "文通,路").replace("\n", newline)
    path = write(tmp_path / "a.csv", mark + text.encode(encoding))
    rows, refused = read(path)
    assert [tuple(c.replace("\r\n", "\n") if isinstance(c, str) else c for c in row) for row in rows] == ROWS
    assert refused == []


def test_western_accents_are_read_as_such(tmp_path):
    assert read(write(tmp_path / "a.csv", "id,city\n1,Málaga\n2,Besançon\n".encode("latin-1")))[0] == [
        ("1", "Málaga", 2),
        ("2", "Besançon", 3),
    ]


def test_a_title_and_notes_above_the_header_are_skipped_and_lines_stay_true(tmp_path):
    path = write(tmp_path / "a.csv", "客户资料导出\n导出时间：2025-12-31\n\nid,name,city\n1,甲,沪\n2,乙\n3,丙,京\n")
    table = open_table(path)
    assert table.columns == ("id", "name", "city")
    rows, refused = read(path)
    assert rows == [("1", "甲", "沪", 5), ("3", "丙", "京", 7)]
    assert [(r.line, r.reason.zh) for r in refused] == [(6, "有 2 格，应为 3 格")]


IRREGULAR = [
    ("a short row", "3,x\n", "has 2 cells, not 3"),
    ("a long row", "3,x,y,z\n", "has 4 cells, not 3"),
    ("a NUL", "3,\0,y\n", "holds a NUL character"),
    ("a huge cell", f"3,{'x' * 200_000},y\n", "a cell is longer than 131,072 characters"),
    ("an open quote", '3,"x,y\n', "a quote is not closed"),
]


@pytest.mark.parametrize(("_case", "row", "reason"), IRREGULAR, ids=[case for case, _, _ in IRREGULAR])
def test_an_irregular_row_is_named_by_its_line_and_the_others_are_kept(tmp_path, _case, row, reason):
    path = write(tmp_path / "a.csv", f"id,b,c\n1,x,y\n2,x,y\n{row}4,x,y\n5,x,y\n")
    rows, refused = read(path)
    assert [cells[0] for cells in rows] == ["1", "2", "4", "5"]
    assert [cells[-1] for cells in rows] == [2, 3, 5, 6]
    assert [(r.line, r.reason.en) for r in refused] == [(4, reason)]


def test_broken_bytes_refuse_their_row_and_not_the_file(tmp_path):
    good = "".join(f"{n},客户名称{n}\n" for n in range(3, 50))
    path = write(tmp_path / "a.csv", "id,name\n1,甲\n".encode() + b"2,\xe4\xb9\n" + good.encode())
    rows, refused = read(path)
    assert len(rows) == 48
    assert [(r.line, r.reason.en) for r in refused] == [(3, "holds bytes that cannot be decoded")]


def test_trailing_empty_cells_are_no_fault(tmp_path):
    assert read(write(tmp_path / "a.csv", "a,b\n1,2,,\n3,4\n")) == ([("1", "2", 2), ("3", "4", 3)], [])


def test_blank_lines_are_passed_over_and_counted(tmp_path):
    assert read(write(tmp_path / "a.csv", "a,b\n1,2\n\n3,4\n\n")) == ([("1", "2", 2), ("3", "4", 4)], [])


def test_a_stray_quote_inside_a_cell_is_text(tmp_path):
    assert read(write(tmp_path / "a.csv", 'a,b\n1,5" 管\n2,说"好"\n'))[0] == [("1", '5" 管', 2), ("2", '说"好"', 3)]


def test_a_quoted_cell_that_crosses_a_block_stays_whole(tmp_path):
    filler = "".join(f"{n},abcdefgh\n" for n in range(BLOCK // 16))
    path = write(tmp_path / "a.csv", "id,note\n" + filler + 'Q1,"one\ntwo"\n' + filler + 'Q2,"three\n\nfour"\nlast,x\n')
    rows, refused = read(path)
    count = BLOCK // 16
    assert refused == []
    assert len(rows) == 2 * count + 3
    assert [row for row in rows if row[0].startswith("Q")] == [
        ("Q1", "one\ntwo", count + 2),
        ("Q2", "three\n\nfour", 2 * count + 4),
    ]
    assert rows[-1] == ("last", "x", 2 * count + 7)


def test_one_ragged_row_among_many_costs_only_itself(tmp_path):
    lines = [f"{n},2026-01-01,{n}\n" for n in range(300_000)]
    lines[200_000] = "200000,2026-01-01\n"
    rows, refused = read(write(tmp_path / "a.csv", "id,day,n\n" + "".join(lines)))
    assert len(rows) == 299_999
    assert [(r.line, r.cells) for r in refused] == [(200_002, ("200000", "2026-01-01"))]


def test_a_workbook_is_read_as_a_person_sees_it(tmp_path):
    path = tmp_path / "a.xlsx"
    from datetime import datetime

    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("空")
        sheet = book.add_worksheet("客户")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(1, 0, ["客户资料表"])
        sheet.write_row(2, 0, ["id", "amount", "day", "at", "vip"])
        sheet.write_row(3, 0, ["0012", 12.5])
        sheet.write_datetime(3, 2, datetime(2026, 3, 1), day)  # noqa: DTZ001  a cell knows no zone
        clock = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_datetime(3, 3, datetime(2026, 3, 1, 8, 30), clock)  # noqa: DTZ001  the same
        sheet.write_boolean(3, 4, True)
        sheet.write_row(4, 0, [7, 100])
    table = open_table(path)
    assert table.columns == ("id", "amount", "day", "at", "vip")
    rows, _ = read(path)
    assert rows == [
        ("0012", "12.5", "2026-03-01", "2026-03-01 08:30:00", "true", 4),
        ("7", "100", None, None, None, 5),
    ]


def test_parquet_keeps_its_values(tmp_path):
    from datetime import date

    path = tmp_path / "a.parquet"
    frame = typed_columns(
        {
            "id": (FieldType.TEXT, ["C1", None]),
            "n": (FieldType.INTEGER, [5, None]),
            "day": (FieldType.DATE, [date(2026, 3, 1), None]),
            "tags": (FieldType.SET, [["a", "b"], []]),
            "vip": (FieldType.BOOL, [True, False]),
        }
    )
    save_parquet(frame, path)
    assert read(path)[0] == [("C1", "5", "2026-03-01", "a|b", "true", 1), (None, None, None, "", "false", 2)]


def _zip(path, parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def test_a_workbook_that_unpacks_to_far_more_than_it_is_is_refused(tmp_path):
    path = _zip(tmp_path / "a.xlsx", {"xl/sharedStrings.xml": b"a" * (64 << 20)})
    with pytest.raises(FileError, match="unreasonable size"):
        open_table(path)


@pytest.mark.parametrize("corner", ["XFD1048576", "ZZZ2", "B9999999"])
def test_a_workbook_of_a_few_cells_far_apart_is_refused(tmp_path, corner):
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        book.add_worksheet().write_row(0, 0, ["id", "name"])
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    far = f'<row r="2"><c r="{corner}"><v>1</v></c></row></sheetData>'
    parts[sheet] = parts[sheet].replace(b"</sheetData>", far.encode())
    with pytest.raises(FileError, match=r"too far apart|columns"):
        open_table(_zip(tmp_path / "b.xlsx", parts))


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    with pytest.raises(FileError, match="not a readable Excel workbook"):
        open_table(_zip(tmp_path / "a.xlsx", {"content.xml": b"<a/>"}))


UNREADABLE = [
    ("nothing", b"", "empty"),
    ("blank lines", b"\n\n \n", "empty"),
    ("a half zip", b"PK\x03\x04abc", "damaged"),
    ("no parquet", b"PAR1abc", "Parquet"),
    ("a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "recognised|neither text"),
]


@pytest.mark.parametrize(("_case", "data", "sentence"), UNREADABLE, ids=[case for case, _, _ in UNREADABLE])
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path, _case, data, sentence):
    with pytest.raises(FileError, match=sentence):
        list(open_table(write(tmp_path / "a", data)).pieces())


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(FileError, match="no such file"):
        open_table(tmp_path / "a.csv")
    with pytest.raises(FileError, match="a folder"):
        open_table(tmp_path)


@pytest.mark.parametrize(
    ("cells", "columns", "renamed"),
    [
        (["a", "b", "a"], ("a", "b", "a_3"), {"a_3": "a"}),
        (["a", "a_3", "a", "a"], ("a", "a_3", "a_4", "a_5"), {"a_4": "a", "a_5": "a"}),
        (["a", "", " a "], ("a", "column_2", "a_3"), {"a_3": "a"}),
        (["", "column_1"], ("column_1", "column_1_2"), {"column_1_2": "column_1"}),
    ],
)
def test_columns_of_one_name_get_names_of_their_own(cells, columns, renamed):
    assert names_of(cells) == (columns, renamed)


TRADITIONAL = "客戶編號,公司名稱,備註\nC1,臺北旅遊服務有限公司,請盡快聯絡\nC2,高雄電腦軟體公司,還沒回覆\n"


def test_traditional_characters_in_big5_are_told_from_simplified_ones(tmp_path):
    path = write(tmp_path / "a.csv", TRADITIONAL.encode("big5"))
    assert open_table(path).encoding == "cp950"
    assert [row[1] for row in read(path)[0]] == ["臺北旅遊服務有限公司", "高雄電腦軟體公司"]
    assert open_table(write(tmp_path / "b.csv", TEXT.encode("gb18030"))).encoding == "gb18030"


def test_what_a_person_says_of_the_layout_counts(tmp_path):
    path = write(tmp_path / "a.csv", TRADITIONAL.encode("big5"))
    told = open_table(path, Layout(encoding="gb18030", header=2, separator=","))
    assert told.encoding == "gb18030"
    assert "公司名稱" not in told.columns
    bare = open_table(write(tmp_path / "b.csv", "C1,甲\nC2,乙\n"), Layout(header=NO_HEADER))
    assert bare.columns == ("column_1", "column_2")
    with pytest.raises(FileError, match="there is no encoding klingon"):
        open_table(path, Layout(encoding="klingon"))


def document(path, rows):
    """Write an OpenDocument spreadsheet, as its text is."""
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    spaces = f'xmlns:office="{office}office:1.0" xmlns:table="{office}table:1.0" xmlns:text="{office}text:1.0"'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", kind, zipfile.ZIP_STORED)
        entry = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        manifest = f'<manifest:manifest xmlns:manifest="{office}manifest:1.0">{entry}</manifest:manifest>'
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr(
            "content.xml",
            f'{rows[0]}<office:document-content {spaces} office:version="1.2"><office:body><office:spreadsheet>'
            f'<table:table table:name="客户">{rows[1]}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def cell(text, repeated=1):
    return (
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{repeated}">'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


def test_an_opendocument_is_read_and_its_empty_edge_costs_nothing(tmp_path):
    edge = '<table:table-cell table:number-columns-repeated="16382"/>'
    rows = f"<table:table-row>{cell('编号')}{cell('名称')}{edge}</table:table-row>"
    rows += f"<table:table-row>{cell('C1')}{cell('梧桐里')}</table:table-row>"
    rows += f'<table:table-row table:number-rows-repeated="1048574">{edge}</table:table-row>'
    path = document(tmp_path / "a.ods", ("", rows))
    assert open_table(path).columns == ("编号", "名称")
    assert read(path) == ([("C1", "梧桐里", 2)], [])


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        ("", f'<table:table-row table:number-rows-repeated="1000000">{cell("x", 1000)}</table:table-row>'),
        ('<!DOCTYPE a [<!ENTITY b "bbbb">]>', f"<table:table-row>{cell('&b;')}</table:table-row>"),
        ("", "<table:table-row>"),
    ],
    ids=["cells that repeat without end", "entities of its own", "broken"],
)
def test_a_hostile_opendocument_is_refused(tmp_path, head, rows):
    with pytest.raises(FileError):
        open_table(document(tmp_path / "a.ods", (head, rows)))


def test_another_sheet_is_read_when_it_is_named(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, word in (("空", ""), ("一", "甲"), ("二", "乙")):
            sheet = book.add_worksheet(name)
            if word:
                sheet.write_row(0, 0, ["id", "name"])
                sheet.write_row(1, 0, ["1", word])
    assert sheet_names(path) == ["一", "二"]
    assert [row for piece in open_table(path, Layout(sheet="二")).pieces() for row in piece.read().frame.rows()] == [
        ("1", "乙", 2)
    ]
    with pytest.raises(FileError, match="there is no sheet 三"):
        open_table(path, Layout(sheet="三"))


def test_whoever_interrupts_while_a_draft_is_made_leaves_none(tmp_path, monkeypatch):
    make = Path.touch

    def interrupted(self):
        make(self)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "touch", interrupted)
    with pytest.raises(KeyboardInterrupt), Outputs() as outputs:
        outputs.place_for(tmp_path / "o.csv")
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_that_is_what_is_said(tmp_path):
    with pytest.raises(FileError, match="there is no such folder"), Outputs() as outputs:
        outputs.place_for(tmp_path / "none" / "o.csv")
