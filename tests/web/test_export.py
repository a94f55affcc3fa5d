"""Customers in a file: what the person may see, nothing that computes, and nobody else's to fetch."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, timedelta
from uuid import uuid4

import pytest
import python_calamine

from tests.factories import SHANGHAI, make_customer, make_event
from zhike.accounts.actions import set_company
from zhike.base.clock import now, today
from zhike.core.facts import FieldType
from zhike.customers.actions.fields import define_field
from zhike.customers.models import Customer
from zhike.engine.safe import from_cell
from zhike.jobs.actions.running import run_job
from zhike.jobs.actions.tidying import remove_expired
from zhike.jobs.files import folder
from zhike.jobs.models import Job

# What a spreadsheet would compute, and what it would spoil.
RISKY = ["=1+1", "+8613800138000", "-5", "@x", "\tTAB", "\rCR", "＝1", "＋1", "'=1", '=HYPERLINK("x")', "-1+1|cmd"]


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def given(columns=("name",), form="csv", count=1, **more):
    return {"count": count, "key": str(uuid4()), "form": form, "columns": list(columns), **more}


def export(client, query="every=1", **more):
    """Export and return the rows of the file as text, and as the workbook has them."""
    response = client.post(f"/customers/export/?{query}", given(**more), follow=True)
    assert response.status_code == 200, response.text
    return fetch(client, Job.objects.order_by("pk").last())


def fetch(client, job):
    response = client.get(f"/jobs/{job.pk}/file/")
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def rows(content):
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sheet(content):
    return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def test_the_columns_of_the_list_are_offered_first_and_any_may_be_chosen(alice, hotel):
    page = alice.get("/customers/export/?every=1").text
    for key in ("name", "class.value", "revenue", "contacted_at", "owner"):
        assert f'value="{key}" class="form-check-input" id=' in page
    content = export(alice, columns=["owner", "phone", "name", "class.value", "revenue", "next_contact_on"])
    assert rows(content) == [
        ["名称", "电话", "客户价值", "近 365 天成交", "负责人", "下次联系"],
        ["上海梧桐里酒店管理", "'+8613800138000", "客户价值：高价值", "240000.00", "Alice", ""],
    ]


def test_in_csv_nothing_evaluates_and_values_come_back_exactly(alice, people):
    define_field(key="note", type_=FieldType.TEXT, by=None)
    define_field(key="grade", type_=FieldType.INTEGER, by=None)
    for value in RISKY:
        Customer.objects.filter(pk=make_customer("x", owner=people.alice, custom={"grade": -7}).pk).update(name=value)
    content = export(alice, columns=["name", "custom.grade"], count=len(RISKY))
    found = rows(content)[1:]
    assert sorted(from_cell(name) for name, _ in found) == sorted(RISKY)
    assert {grade for _, grade in found} == {"-7"}
    for name, _ in found:
        assert name == "-5" or name[0] not in "=+-@\t\r＝＋－＠"


def test_in_a_workbook_text_is_text_and_numbers_and_days_are_what_they_are(alice, people):
    """Amounts, negative ones too, stay numbers; phones keep their plus."""
    define_field(key="since", type_=FieldType.DATE, by=None)
    define_field(key="rate", type_=FieldType.DECIMAL, by=None)
    customer = make_customer(
        "=1+1", owner=people.alice, phone="+86 138 0013 8000", custom={"since": "2020-02-29", "rate": "-1.5"}
    )
    make_event(customer, "order.placed", today(SHANGHAI), amount=100)
    make_event(customer, "order.refunded", today(SHANGHAI), amount=123_450)
    keys = ["name", "phone", "revenue", "contacted_at", "custom.since", "custom.rate"]
    content = export(alice, columns=keys, form="xlsx")
    assert sheet(content)[1] == ["=1+1", "+8613800138000", -1233.5, "", date(2020, 2, 29), -1.5]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert b"<f" not in parts.read("xl/worksheets/sheet1.xml")


def test_amounts_follow_the_currency_of_the_company(alice, hotel):
    set_company(by=None, name="清源水科技", timezone="Asia/Shanghai", currency="JPY")
    assert rows(export(alice, columns=["revenue"]))[1] == ["24000000"]


def test_last_contacts_are_told_in_the_zone_of_the_company(alice, hotel):
    make_event(hotel, "call.made", date(2026, 1, 5))
    assert rows(export(alice, columns=["contacted_at"]))[1] == ["2026-01-05 12:00"]
    (at,) = sheet(export(alice, columns=["contacted_at"], form="xlsx"))[1]
    assert at.isoformat() == "2026-01-05T12:00:00"


def test_everybody_exports_what_they_see_in_the_order_of_the_list(alice, people, signed_in, monkeypatch):
    monkeypatch.setattr("zhike.web.bulk.export.CHUNK", 2)
    for number in range(5):
        make_customer(f"乙{number}", owner=people.alice)
    make_customer("甲", owner=people.charlie)
    names = [row[0] for row in rows(export(alice, query="every=1&sort=-name", count=5))[1:]]
    assert names == ["乙4", "乙3", "乙2", "乙1", "乙0"]
    assert [row[0] for row in rows(export(signed_in(people.charlie)))[1:]] == ["甲"]
    assert [row[0] for row in rows(export(signed_in(people.ada), query="every=1&q=甲"))[1:]] == ["甲"]


@pytest.fixture
def limited(monkeypatch):
    """Let salespeople read no birthday and only a mask of telephone numbers."""
    from zhike.accounts import policy
    from zhike.accounts.rights import Access, Rights

    def limit():
        fields = {("customers.Customer", "birthday"): Access.HIDDEN, ("customers.Customer", "phone"): Access.MASKED}
        rights = policy.BUILT_IN["sales"]
        monkeypatch.setitem(policy.BUILT_IN, "sales", Rights(rights.scopes, fields))

    return limit


def test_a_column_that_may_not_be_read_is_neither_offered_nor_written(alice, hotel, limited):
    """What is masked on the page is masked in the file."""
    limited()
    assert 'value="birthday"' not in alice.get("/customers/export/?every=1").text
    response = alice.post("/customers/export/?every=1", given(columns=["name", "birthday"]))
    assert response.status_code == 422
    assert not Job.objects.exists()
    ((name, phone),) = rows(export(alice, columns=["name", "phone"]))[1:]
    assert name == "上海梧桐里酒店管理"
    assert "0013" not in phone
    assert phone.endswith("8000")


def test_a_right_lost_while_it_waits_leaves_the_column_out(alice, hotel, limited, monkeypatch):
    monkeypatch.setattr("zhike.web.bulk.export.Export.at_once", 0)
    alice.post("/customers/export/?every=1", given(columns=["name", "birthday"]))
    limited()
    job = Job.objects.get()
    run_job(job.pk)
    assert rows(fetch(alice, job)) == [["名称"], ["上海梧桐里酒店管理"]]


def test_who_took_what_is_written_down_without_a_word_about_the_customers(alice, hotel, people):
    """With filter, columns and count."""
    from zhike.audit.models import Entry

    export(alice, query="every=1&class.value=high&q=梧桐", columns=["name", "phone"])
    taken, fetched = Entry.objects.filter(action__startswith="file.").order_by("pk")
    assert (taken.action, taken.actor) == ("file.exported", people.alice)
    assert taken.data == {
        "what": "customers",
        "rows": 1,
        "columns": ["name", "phone"],
        "query": "every=1&class.value=high&q",
    }
    assert (fetched.action, fetched.data) == ("file.fetched", {"what": "export", "rows": 1})


def test_a_file_is_its_owners_alone(alice, hotel, people, signed_in):
    from django.test import Client

    export(alice)
    job = Job.objects.get()
    for who in ("bob", "ada", "charlie"):
        assert signed_in(getattr(people, who)).get(f"/jobs/{job.pk}/file/").status_code == 404
    assert Client().get(f"/jobs/{job.pk}/file/").status_code == 302
    response = alice.get(f"/jobs/{job.pk}/file/")
    assert b"".join(response.streaming_content)
    assert response["Content-Disposition"].startswith("attachment; ")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert job.file not in response["Content-Disposition"]
    assert alice.get(f"/files/exports/{job.file}").status_code == 404
    assert alice.get(f"/static/{job.file}").status_code == 404


def test_it_is_asked_again_whether_the_person_may_when_it_is_fetched(alice, hotel, people):
    """The right is asked for again, and so is whom they see."""
    export(alice)
    job = Job.objects.get()
    type(people.alice).objects.filter(pk=people.alice.pk).update(team=people.charlie.team)
    assert alice.get(f"/jobs/{job.pk}/file/").status_code == 403
    type(people.alice).objects.filter(pk=people.alice.pk).update(team=people.alice.team_id)
    assert fetch(alice, job)


def test_without_the_right_nothing_is_exported(alice, hotel, monkeypatch):
    from zhike.accounts import policy
    from zhike.accounts.rights import Rights

    rights = policy.BUILT_IN["sales"]
    without = {key: scope for key, scope in rights.scopes.items() if key[0] != "export"}
    monkeypatch.setitem(policy.BUILT_IN, "sales", Rights(without, rights.fields))
    assert alice.get("/customers/export/?every=1").status_code == 403
    assert alice.post("/customers/export/?every=1", given()).status_code == 403
    assert 'formaction="/customers/export/"' not in alice.get("/customers/").text
    assert not Job.objects.exists()


def test_a_file_expires_after_three_days_and_is_removed(alice, hotel, settings):
    """At most 72 hours."""
    export(alice)
    job = Job.objects.get()
    assert job.expires_at - job.finished_at <= timedelta(hours=72)
    settings.ZHIKE_NOW = now() + timedelta(hours=72, seconds=1)
    assert (folder() / job.file).exists()
    alice.force_login(job.owner)
    assert alice.get(f"/jobs/{job.pk}/file/").status_code == 404
    assert remove_expired() == 1
    assert not (folder() / job.file).exists()
    assert "文件已经过期；要的话再导出一次。" in alice.get(f"/jobs/{job.pk}/").text


def test_above_five_thousand_it_is_done_in_the_background(alice, people, monkeypatch):
    monkeypatch.setattr("zhike.web.bulk.export.Export.at_once", 2)
    for number in range(3):
        make_customer(f"客户{number}", owner=people.alice)
    response = alice.post("/customers/export/?every=1", given(count=3))
    job = Job.objects.get()
    assert response["Location"] == f"/jobs/{job.pk}/"
    assert (job.state, job.total) == ("queued", 3)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 3, 3)
    assert "3 位客户已导出" in alice.get(f"/jobs/{job.pk}/").text


def test_stopped_or_broken_off_it_leaves_no_file(alice, hotel, monkeypatch):
    from django.db import OperationalError

    from zhike.web.bulk import export as module

    monkeypatch.setattr("zhike.web.bulk.export.Export.at_once", 0)
    before = set(folder().iterdir())
    alice.post("/customers/export/?every=1", given())
    job = Job.objects.get()
    honest = module.pages

    def stopped(*given):
        Job.objects.filter(pk=job.pk).update(state="cancelled")
        yield from honest(*given)

    monkeypatch.setattr(module, "pages", stopped)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.file) == ("cancelled", "")
    assert set(folder().iterdir()) == before

    def broken(*given):
        raise OperationalError
        yield

    Job.objects.filter(pk=job.pk).update(state="queued")
    monkeypatch.setattr(module, "pages", broken)
    with pytest.raises(OperationalError):
        run_job(job.pk)
    assert set(folder().iterdir()) == before
    monkeypatch.setattr(module, "pages", honest)
    run_job(job.pk)
    assert rows(fetch(alice, job)) == [["名称"], ["上海梧桐里酒店管理"]]


def test_run_twice_there_is_one_file(alice, hotel, monkeypatch):
    monkeypatch.setattr("zhike.web.bulk.export.Export.at_once", 0)
    before = set(folder().iterdir())
    alice.post("/customers/export/?every=1", given())
    for _ in range(2):
        run_job(Job.objects.get().pk)
    assert len(set(folder().iterdir()) - before) == 1


def test_what_nobody_keeps_is_no_file(alice, people, rules):
    make_customer("有", owner=people.alice)
    assert alice.get("/customers/export/?every=1&city=北京").status_code == 422


def test_a_past_day_is_exported_as_it_was_told(alice, hotel):
    past = today(SHANGHAI) - timedelta(days=11)
    Customer.objects.filter(pk=hotel.pk).update(created_on=past - timedelta(days=10))
    row = rows(export(alice, query=f"every=1&as_of={past.isoformat()}", columns=["name", "revenue"]))[1]
    assert row == ["上海梧桐里酒店管理", "0.00"]
