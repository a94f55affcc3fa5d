"""Address cards as phones and programs write them."""

from __future__ import annotations

import pytest

from zhike.engine.files import open_table
from zhike.engine.vcards import COLUMNS


def read(path):
    rows, refused = [], []
    for piece in open_table(path).pieces():
        block = piece.read()
        rows += [
            {name: cell for name, cell in zip(COLUMNS, row, strict=False) if cell} for row in block.frame.iter_rows()
        ]
        refused += [(one.line, one.reason.en) for one in block.rejected]
    return rows, refused


def write(tmp_path, data):
    path = tmp_path / "contacts.vcf"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def quoted(text, charset):
    return "".join(f"={byte:02X}" for byte in text.encode(charset))


@pytest.mark.parametrize("charset", ["UTF-8", "GB2312", "GBK", "Big5"])
def test_quoted_printable_of_an_old_phone_is_read_in_its_charset(tmp_path, charset):
    name = "張三" if charset == "Big5" else "张三"
    first, rest = quoted(name[0], charset), quoted(name[1:], charset)
    card = (
        "BEGIN:VCARD\r\nVERSION:2.1\r\n"
        f"N;CHARSET={charset};ENCODING=QUOTED-PRINTABLE:{first};{rest};;;\r\n"
        f"ORG;CHARSET={charset};ENCODING=QUOTED-PRINTABLE:{first}=\r\n{rest}\r\n"
        "TEL;CELL;PREF:13812345678\r\nTEL;HOME;FAX:02112345678\r\nTEL;WORK:021-12345678\r\n"
        "PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJRg\r\n ABAQAAAQABAAD\r\nEND:VCARD\r\n"
    )
    assert read(write(tmp_path, card)) == (
        [{"姓名": name, "公司": name, "手机": "13812345678", "电话": "021-12345678"}],
        [],
    )


def test_later_versions_with_groups_folding_and_escapes(tmp_path):
    card = (
        "BEGIN:VCARD\nVERSION:4.0\nFN:John\\, Doe\nN:Doe;John;;;\nitem1.ORG:Acme\\; Sons;Sales\nTITLE:Buyer\n"
        'TEL;VALUE=uri;TYPE="cell,voice":tel:+1-418-262-6501;ext=1\nEMAIL;TYPE=work:j@acme.com\nEMAIL;PREF=1:k@acme.com\n'
        "ADR;TYPE=work:;Suite 2;Main St 1;Springfield;IL;62701;USA\nBDAY:19850412\nCATEGORIES:VIP,Fair\n"
        "NOTE:one\\ntwo and a lo\n ng one\nX-WECHAT:doe_j\nEND:VCARD\n"
    )
    (row,), refused = read(write(tmp_path, card))
    assert refused == []
    assert row == {
        "姓名": "John, Doe",
        "公司": "Acme; Sons",
        "部门": "Sales",
        "职务": "Buyer",
        "手机": "+1-418-262-6501",
        "邮箱": "j@acme.com",
        "其他邮箱": "k@acme.com",
        "微信": "doe_j",
        "国家": "USA",
        "省份": "IL",
        "城市": "Springfield",
        "地址": "Main St 1 Suite 2",
        "邮编": "62701",
        "生日": "19850412",
        "分组": "VIP|Fair",
        "备注": "one\ntwo and a long one",
    }


def test_a_card_that_names_nobody_or_never_ends_is_refused_by_its_line(tmp_path):
    text = "BEGIN:VCARD\nVERSION:3.0\nNOTE:x\nEND:VCARD\nBEGIN:VCARD\nFN:甲\nBEGIN:VCARD\nFN:乙\nEND:VCARD\nBEGIN:VCARD\nFN:丙\n"
    rows, refused = read(write(tmp_path, text))
    assert [row["姓名"] for row in rows] == ["乙"]
    assert refused == [
        (1, "names nobody, and no way to reach anybody"),
        (5, "has no END:VCARD"),
        (10, "has no END:VCARD"),
    ]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        pytest.param("BDAY:--0412", {"备注": "生日：4 月 12 日"}, id="without a year"),
        pytest.param("BDAY:--04-12", {"备注": "生日：4 月 12 日"}, id="with a dash"),
        pytest.param("BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12", {"备注": "生日：4 月 12 日"}, id="of an iPhone"),
        pytest.param("NOTE:x\nBDAY:1985-04", {"备注": "x\n生日：1985-04"}, id="without a day"),
        pytest.param("BDAY:1985-04-12T10:00", {"生日": "1985-04-12"}, id="whole"),
        pytest.param("BDAY:heute", {"生日": "heute"}, id="none"),
    ],
)
def test_a_birthday_without_a_year_is_kept_in_the_note(tmp_path, line, kept):
    card = f"BEGIN:VCARD\nVERSION:4.0\nFN:甲\n{line}\nEND:VCARD\n"
    assert read(write(tmp_path, card)) == ([{"姓名": "甲", **kept}], [])


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_a_whole_file_in_another_encoding(tmp_path, encoding):
    text = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:欧阳;锋;;;\r\nTEL:13812345678\r\nEND:VCARD\r\n" * 3
    rows, refused = read(write(tmp_path, text.encode(encoding)))
    assert (rows, refused) == ([{"姓名": "欧阳锋", "电话": "13812345678"}] * 3, [])
