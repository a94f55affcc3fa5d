"""Imports in the browser: brought in, read otherwise, mapped, tried, carried out, looked through, taken back."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import make_customer
from zhike.customers.models import Customer, CustomField
from zhike.imports.models import Import
from zhike.imports.spool import folder

TEXT = (
    "客户编号,客户名称,手机,性质,级别\nC1,梧桐里,13812345678,企业,A\nC2,晓雯,13912345678,个体户,B\nC3,文通,123,企业,A\n"
)


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def bob(people, rules, signed_in):
    return signed_in(people.bob)


def bring(client, text=TEXT, name="客户.csv", **more):
    data = text if isinstance(text, bytes) else text.encode("gb18030")
    return client.post("/imports/", {"key": str(uuid4()), "file": SimpleUploadedFile(name, data), **more})


def brought(client, text=TEXT, **more):
    response = bring(client, text, **more)
    assert response.status_code == 302, response.text
    return response.url, Import.objects.latest("pk")


def plan(imported, **changed):
    """Return what the form would send: what was guessed, some of it otherwise."""
    places = {name: number for number, name in enumerate(imported.columns)}
    data = {f"to-{places[name]}": use[0] for name, use in imported.plan["uses"].items()}
    return {
        **data,
        "what": imported.what,
        "match": imported.plan["match"],
        "on_match": "update",
        "owner": "me",
        **changed,
    }


def test_a_file_is_led_through_to_its_end_and_taken_back(bob):
    assert "还没有导入过文件" in bob.get("/imports/").text
    url, imported = brought(bob)
    page = bob.get(url).text
    assert all(word in page for word in ("gb18030", "梧桐里", "每一列是什么", "1 个词还不知道是什么", "新字段：单选"))

    response = bob.post(f"{url}plan/", plan(imported, **{"word-3-1": "person", "try": "1"}), follow=True)
    assert "试运行完成" in response.text
    (refused,) = response.context["troubles"]
    assert [(line.row.line, line.said) for line in refused.lines] == [(4, "电话：123 不可能是电话号码")]
    assert (Customer.objects.count(), CustomField.objects.count()) == (0, 0)
    imported.refresh_from_db()
    assert (imported.created, imported.rejected) == (2, 1)

    done = bob.post(f"{url}run/", follow=True).text
    assert all(word in done for word in ("已导入", f"{url}after/", "撤销这次导入"))
    after = bob.get(f"{url}after/", headers={"HX-Request": "true"}).text
    assert all(word in after for word in ("新客户暂时归到", "把握", "企业"))
    shown = bob.get(f"{url}after/").context["after"].dimensions
    lines = {one.label: [(line.chip.label, line.size, line.confidence) for line in one.lines] for one in shown}
    assert lines["活跃度"] == [("未判定", 2, None)]  # nobody knows yet, and the list says so too
    assert lines["客户类型"] == [("企业", 1, 100), ("个人", 1, 100)]
    assert dict(Customer.objects.values_list("key", "kind")) == {"C1": "company", "C2": "person"}
    assert set(Customer.objects.values_list("owner__name", flat=True)) == {"Bob"}
    assert "123 不可能是电话号码" in bob.get(f"{url}rows/rejected/").text
    verdicts = bob.get(f"{url}verdicts.csv")
    assert verdicts["Content-Security-Policy"] == "sandbox"
    assert "attachment" in verdicts["Content-Disposition"]
    body = b"".join(verdicts.streaming_content).decode("utf-8-sig")
    assert body.splitlines()[1] == "2,新建,,C1,梧桐里,13812345678,企业,A"

    bob.post(f"{url}undo/")
    imported.refresh_from_db()
    assert (imported.state, Customer.objects.count()) == ("undone", 0)


def test_the_same_form_twice_brings_one_file_in(bob):
    key = str(uuid4())
    first = bring(bob, key=key)
    second = bring(bob, key=key)
    assert first.url == second.url
    other = bring(bob, "客户名称\n甲\n", key=key)
    assert (other.status_code, "已经上传过另一个文件" in other.text) == (422, True)
    assert Import.objects.count() == 1
    assert len(list(folder().iterdir())) == 2


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b""),
        ("a.pHaR", b"\x00\x01\x02\x03" * 200),
        ("a.xlsx", b"PK\x03\x04garbage"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 200),
    ],
)
def test_what_is_no_list_is_refused_in_a_sentence_and_nothing_is_kept(bob, name, data):
    response = bring(bob, data, name=name)
    assert response.status_code == 422
    assert 'role="alert"' in response.text
    assert not Import.objects.exists()
    assert list(folder().iterdir()) == []


@pytest.mark.parametrize(
    "name", ["../../db.sqlite3", "a\0b.csv", "x" * 300 + ".csv", "a\u202egnp.csv", "CON", "a\r\nb.csv"]
)
def test_names_of_files_are_only_shown(bob, name):
    _, imported = brought(bob, name=name)
    assert imported.stored_as.isalnum()
    assert len(imported.file_name) <= 120
    assert not set(imported.file_name) & set("/\\\r\n\0\u202e")
    assert {path.name for path in folder().iterdir()} == {imported.stored_as, f"{imported.stored_as}.rows"}


def test_cells_are_shown_as_text(bob):
    url, _ = brought(bob, '客户名称,手机\n"<script>alert(1)</script>",123\n=cmd|1,13812345678\n')
    page = bob.get(url).text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    bob.post(f"{url}plan/", plan(Import.objects.get(), **{"try": "1"}))
    assert "<script>alert(1)" not in bob.get(f"{url}rows/rejected/").text
    body = b"".join(bob.get(f"{url}verdicts.csv").streaming_content).decode("utf-8-sig")
    assert "'=cmd|1" in body


def test_a_file_is_read_again_as_the_person_says(bob):
    url, imported = brought(bob)
    bob.post(f"{url}layout/", {"encoding": "cp1252", "separator": "", "header": "2"})
    imported.refresh_from_db()
    assert (imported.layout["found_encoding"], imported.total, "客户名称" in imported.columns) == ("cp1252", 2, False)
    refused = bob.post(f"{url}layout/", {"encoding": "klingon"})
    assert refused.status_code == 422
    bob.post(f"{url}layout/", {})
    imported.refresh_from_db()
    assert imported.columns[1] == "客户名称"


def test_rows_are_taken_for_something_else(bob):
    url, imported = brought(bob)
    bob.post(f"{url}plan/", {**plan(imported), "what": "contacts"})
    imported.refresh_from_db()
    assert imported.what == "contacts"


def test_words_become_new_choices_of_a_field(bob):
    url, imported = brought(bob)
    number = imported.columns.index("级别")
    bob.post(f"{url}plan/", plan(imported, **{f"to-{number}": "new:choice", "word-3-1": "-"}))
    bob.post(f"{url}run/")
    url, imported = brought(bob, TEXT.replace(",B", ",VIP"))
    assert "加为新选项" in bob.get(url).text
    response = bob.post(
        f"{url}plan/", plan(imported, **{f"word-{number}-1": "+", "word-3-1": "-", "try": "1"}), follow=True
    )
    assert "试运行完成" in response.text
    field = CustomField.objects.get()
    assert [choice["zh"] for choice in field.choices] == ["A", "B"]
    bob.post(f"{url}run/")
    field.refresh_from_db()
    assert [choice["zh"] for choice in field.choices] == ["A", "B", "VIP"]
    assert Customer.objects.get(key="C2").custom[field.key] == field.choices[2]["key"]


def test_a_plan_that_cannot_be_is_said_beside_what_was_chosen(bob):
    url, imported = brought(bob)
    response = bob.post(f"{url}plan/", {**plan(imported), "to-0": "name", "to-4": "", "try": "1"})
    assert response.status_code == 422
    assert "有两列都是客户名称" in response.text
    assert 'value="name" selected' in response.text


def test_doubtful_rows_are_decided_on_their_page(bob, people):
    held = make_customer("梧桐里", owner=people.alice, key="A1", phone="13812345678")
    url, imported = brought(bob)
    bob.post(f"{url}plan/", plan(imported, **{"word-3-1": "-"}))
    bob.post(f"{url}run/")
    page = bob.get(f"{url}rows/review/").text
    assert "编号不同" in page
    assert f"2:same:{held.pk}" in page
    bob.post(f"{url}rows/review/", {"decide": f"2:same:{held.pk}"})
    imported.refresh_from_db()
    assert (imported.review, imported.updated) == (0, 1)
    assert bob.post(f"{url}rows/review/", {"decide": "2:new"}).status_code == 409
    assert bob.post(f"{url}rows/review/", {"decide": "x"}).status_code == 404


def test_pages_of_others_are_not_there(bob, alice, people, signed_in):
    url, _ = brought(bob)
    for client in (alice, signed_in(people.carol), signed_in(people.ada)):
        assert client.get(url).status_code == 404
        assert client.post(f"{url}run/").status_code == 404
    assert alice.get("/imports/").status_code == 403
    assert "/imports/" not in alice.get("/customers/").text
    assert Import.objects.get().state == "draft"


def test_events_are_joined_by_telephone_and_voided_by_undo(bob, people):
    customer = make_customer("梧桐里", owner=people.alice, phone="13812345678")
    text = '手机,下单时间,订单金额,订单号\n138 1234 5678,2026-03-01,"1,200.50",O1\n13812345678,2026-03-02,-20,O2\n13999999999,2026-03-02,5,O3\n'
    url, imported = brought(bob, text)
    assert imported.what == "events"
    sent = plan(imported, kind="order.placed", unit="major")
    assert "试运行完成" in bob.post(f"{url}plan/", {**sent, "try": "1"}, follow=True).text
    assert customer.events.filter(kind__startswith="order").count() == 0
    bob.post(f"{url}run/")
    imported.refresh_from_db()
    assert (imported.created, imported.rejected) == (2, 1)
    found = set(customer.events.filter(kind__startswith="order").values_list("kind", "amount"))
    assert found == {("order.placed", 120_050), ("order.refunded", 2_000)}
    bob.post(f"{url}undo/")
    assert customer.events.filter(kind="event.voided").count() == 2
