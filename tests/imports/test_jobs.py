"""Imports as jobs: broken off anywhere and gone on with, each row once; paused, stopped, taken back; others' refused."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import xlsxwriter
from django.db import OperationalError, connection

from tests.factories import make_customer, make_people
from tests.imports.bringing import brought, carried_out, carry, counts, said, undo
from tests.scenes import once
from zhike.accounts.models import FieldRight, Role, RoleRight
from zhike.audit.models import Entry
from zhike.base.errors import Conflict, Forbidden
from zhike.base.inputs import Invalid
from zhike.core.text import Text
from zhike.customers.followed import Followed
from zhike.customers.models import Customer, CustomField
from zhike.engine.files import Layout
from zhike.imports.actions import running
from zhike.imports.actions.asking import ask_check, ask_pause, ask_run, ask_stop, ask_take_up, ask_undo
from zhike.imports.actions.files import open_file
from zhike.imports.actions.plans import check_plan
from zhike.imports.actions.reviews import decide
from zhike.imports.actions.tidying import forget_person, remove_old
from zhike.imports.models import Import, Row
from zhike.imports.plans import Plan, Use
from zhike.imports.queries import imports, remembered_plan
from zhike.imports.spool import path_of, rows_path
from zhike.imports.verdicts import verdict_lines
from zhike.jobs.actions.running import run_job
from zhike.jobs.models import Job
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db
ROWS = 12


@pytest.fixture(autouse=True)
def setting(settings, tmp_path, monkeypatch):
    settings.ZHIKE_NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(running, "CHUNK", 5)
    monkeypatch.setattr("zhike.imports.kinds.Run.at_once", 0)


@pytest.fixture
def people():
    return once("people", make_people)


def many(first=0):
    lines = "".join(f"C{n},客户{n},1381234{n:04}\n" for n in range(first, first + ROWS))
    return f"客户编号,客户名称,手机\n{lines}"


def names():
    return sorted(Customer.objects.values_list("key", flat=True))


WANTED = sorted(f"C{n}" for n in range(ROWS))


@pytest.mark.parametrize("broken_at", ["store_records", "write_rows", "tell_created"])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_broken_off_anywhere_it_goes_on_and_each_row_is_applied_once(tmp_path, people, monkeypatch, broken_at, step):
    job = ask_run(imported=brought(tmp_path, many(), by=people.bob), by=people.bob)
    whole, calls = getattr(running, broken_at), []

    def breaks(*arguments, **given):
        found = whole(*arguments, **given)
        calls.append(1)
        if len(calls) == step:
            raise OperationalError
        return found

    monkeypatch.setattr(running, broken_at, breaks)
    with pytest.raises(OperationalError):
        run_job(job.pk)
    imported = Import.objects.get()
    assert (imported.done, Customer.objects.count()) == (5 * (step - 1), 5 * (step - 1))

    run_job(job.pk)

    imported.refresh_from_db()
    job.refresh_from_db()
    assert (imported.state, imported.done, counts(imported)) == ("done", ROWS, {"created": ROWS})
    assert (job.state, job.done, job.total, job.changed) == ("done", ROWS, ROWS, ROWS)
    assert names() == WANTED
    assert imported.rows.count() == ROWS
    assert Event.objects.filter(kind="customer.created").count() == ROWS
    assert Entry.objects.filter(action="file.imported").get().data == {"what": "customers", "rows": ROWS, "refused": 0}


def test_two_workers_apply_each_row_once(tmp_path, people):
    imported = brought(tmp_path, many(), by=people.bob)
    first = ask_run(imported=imported, by=people.bob)
    # Somebody takes it up again while the first worker rests: the first has nothing to do any more.
    imported.refresh_from_db()
    assert running.advance(imported, job=first.pk)
    Job.objects.filter(pk=first.pk).update(state=Job.State.FAILED)
    imported = Import.objects.get()
    second = ask_take_up(imported=imported, by=people.bob)

    assert not running.advance(imported, job=first.pk)
    run_job(second.pk)

    assert names() == WANTED


def test_paused_it_rests_and_goes_on_where_it_was(tmp_path, people):
    imported = brought(tmp_path, many(), by=people.bob)
    job = ask_run(imported=imported, by=people.bob)
    imported.refresh_from_db()
    running.advance(imported)
    ask_pause(imported=imported, by=people.bob)

    run_job(job.pk)

    imported.refresh_from_db()
    assert (imported.state, imported.done, Customer.objects.count()) == ("paused", 5, 5)
    run_job(ask_take_up(imported=imported, by=people.bob).pk)
    imported.refresh_from_db()
    assert (imported.state, names()) == ("done", WANTED)
    with pytest.raises(Conflict):
        ask_take_up(imported=imported, by=people.bob)


def test_stopped_what_is_done_stays_and_can_be_taken_back(tmp_path, people):
    imported = brought(tmp_path, many(), by=people.bob)
    job = ask_run(imported=imported, by=people.bob)
    imported.refresh_from_db()
    running.advance(imported)
    ask_stop(imported=imported, by=people.bob)
    run_job(job.pk)
    imported.refresh_from_db()
    assert (imported.state, Customer.objects.count()) == ("cancelled", 5)

    run_job(ask_undo(imported=imported, by=people.bob).pk)

    imported.refresh_from_db()
    assert (imported.state, imported.undone, Customer.objects.count()) == ("undone", 5, 0)
    assert Entry.objects.filter(action="bulk.undone").get().data == {"what": "import", "count": 5}


def test_taken_back_over_a_crash(tmp_path, people, monkeypatch):
    from zhike.imports.actions import undoing

    monkeypatch.setattr(undoing, "CHUNK", 5)
    kept = make_customer("以前的", key="C3", phone="13800000000")
    imported = carried_out(tmp_path, many())
    undoing.begin_undo(imported=imported, by=None)
    whole, calls = undoing._store, []

    def breaks(rows):
        whole(rows)
        calls.append(1)
        if len(calls) == 2:
            raise OperationalError

    monkeypatch.setattr(undoing, "_store", breaks)
    assert undoing.undo_step(imported, by=None)
    with pytest.raises(OperationalError):
        undoing.undo_step(imported, by=None)
    assert Customer.objects.count() == ROWS - 5
    while undoing.undo_step(imported, by=None):
        pass
    kept.refresh_from_db()
    assert (list(Customer.objects.all()), kept.name, kept.phone) == ([kept], "以前的", "+8613800000000")


def test_columns_that_are_not_the_importers_to_write_are_refused(tmp_path, people):
    role = Role.objects.create(key="clerk", label_zh="录入", label_en="Clerk")
    for verb, model in (
        ("view", "customers.Customer"),
        ("import", "customers.Customer"),
        ("change", "customers.Customer"),
    ):
        RoleRight.objects.create(role=role, verb=verb, object=model, scope="all")
    RoleRight.objects.create(role=role, verb="create", object="jobs.Job", scope="own")
    FieldRight.objects.create(role=role, object="customers.Customer", field="owner", access="read")
    FieldRight.objects.create(role=role, object="customers.Customer", field="phone", access="masked")
    clerk = people.charlie
    clerk.role = role
    clerk.save()
    for column, to in (("负责人", "owner"), ("手机", "phone")):
        imported = brought(tmp_path, f"客户名称,{column}\n甲,x\n", by=clerk)
        with pytest.raises(Forbidden):
            ask_check(imported=imported, by=clerk)
        with pytest.raises((Forbidden, Invalid)):
            ask_run(imported=imported, by=clerk)
        assert Import.objects.get(pk=imported.pk).plan["uses"][column][0] == to
    imported = brought(tmp_path, "客户名称,邮箱\n甲,a@b.cn\n", by=clerk)
    with pytest.raises(Invalid, match="no key"):
        check_plan(Plan.of({**imported.plan, "match": ["phone"]}), imported.columns, by=clerk)
    assert not Customer.objects.exists()


def test_those_who_may_not_import_can_do_nothing(tmp_path, people):
    imported = brought(tmp_path, many(), by=people.bob)
    for act in (ask_check, ask_run, ask_pause, ask_take_up, ask_stop, ask_undo):
        with pytest.raises((Forbidden, Conflict)):
            act(imported=imported, by=people.alice)
    with pytest.raises(Forbidden):
        brought(tmp_path, many(), by=people.alice)
    assert list(imports(people.alice)) == []
    assert list(imports(people.carol)) == []
    assert list(imports(people.bob)) == [imported]
    assert (Customer.objects.count(), imported.rows.count()) == (0, 0)


def test_the_operators_imports_are_seen_by_whoever_may_import_anything(tmp_path, people):
    mine = carried_out(tmp_path, many())
    assert list(imports(people.ada)) == [mine]
    assert list(imports(people.bob)) == []


def test_doubtful_rows_are_decided_one_by_one(tmp_path, people):
    held = make_customer("梧桐里", owner=people.alice, phone="13812345678", key="A1")
    text = "客户编号,客户名称,手机,城市\nB1,别的名字,13812345678,上海\nB2,另一个,13812345678,杭州\nB3,第三个,13812345678,苏州\n"
    imported = carried_out(tmp_path, text, by=people.bob)
    assert counts(imported) == {"review": 3}
    assert imported.rows.get(line=2).after == {"candidates": [held.pk]}

    decide(imported=imported, line=2, choice="same", customer=held.pk, by=people.bob)
    decide(imported=imported, line=3, choice="new", by=people.bob)
    decide(imported=imported, line=4, choice="skip", by=people.bob)

    imported.refresh_from_db()
    held.refresh_from_db()
    assert counts(imported) == {"created": 1, "updated": 1, "skipped": 1}
    assert (held.key, held.name, held.city) == ("A1", "别的名字", "上海")
    assert Customer.objects.get(key="B2").city == "杭州"
    with pytest.raises(Conflict):
        decide(imported=imported, line=2, choice="new", by=people.bob)
    assert undo(imported, by=people.bob).undone == 2
    held.refresh_from_db()
    assert (held.name, held.city, Customer.objects.count()) == ("梧桐里", "", 1)


def test_a_doubtful_row_cannot_reach_a_customer_that_is_not_seen(tmp_path, people):
    from zhike.base.errors import NotFound

    secret = make_customer("绝密", owner=people.charlie, phone="13812345678")
    imported = carried_out(tmp_path, "客户名称,手机\n甲,13812345678\n", by=people.bob)
    with pytest.raises(NotFound):
        decide(imported=imported, line=2, choice="same", customer=secret.pk, by=people.bob)
    secret.refresh_from_db()
    assert (secret.name, secret.version) == ("绝密", 1)


def test_refused_rows_come_back_ready_to_be_corrected(tmp_path, people):
    imported = carried_out(tmp_path, "客户名称,手机\n甲,123\n乙,13812345678\n=1+1,12\n", by=people.bob)
    lines = list(verdict_lines(imported, "zh", only="rejected"))
    assert lines[0] == ["客户名称", "手机", "原因"]
    assert lines[1] == ["甲", "123", "电话：123 不可能是电话号码"]
    assert lines[2][0] == "'=1+1"
    corrected = ",".join(lines[0]) + "\n甲,13812345679,看过了\n'=1+1,13812345680,\n"
    again = carry(brought(tmp_path, corrected, by=people.bob))
    assert counts(again) == {"created": 2}
    assert set(Customer.objects.values_list("name", flat=True)) == {"甲", "乙", "=1+1"}
    assert not CustomField.objects.exists()


def test_the_plan_of_the_last_file_with_these_columns_is_offered_again(tmp_path, people):
    uses = {"客户编号": Use("id"), "客户名称": Use("name", "fill")}
    first = carried_out(tmp_path, many(), by=people.bob, uses=uses, match=("id",), on_match="fill")
    assert remembered_plan(people.carol, first.signature) is None

    again = brought(tmp_path, many(100), by=people.bob)

    assert (again.plan["uses"], again.plan["on_match"]) == (
        {"客户编号": ["id", ""], "客户名称": ["name", "fill"]},
        "fill",
    )


def test_those_who_listen_hear_whom_a_file_has_made(tmp_path, settings):
    settings.ZHIKE_ON_IMPORTED = ["tests.imports.test_jobs.hear"]
    HEARD.clear()
    known = make_customer("以前的", key="C0")
    carried_out(tmp_path, many())
    assert sorted(HEARD) == sorted(Customer.objects.exclude(pk=known.pk).values_list("pk", flat=True))


def test_what_they_say_is_added_up_over_the_steps_and_shown(client, tmp_path, settings, people):
    settings.ZHIKE_ON_IMPORTED = ["tests.imports.test_jobs.say", "tests.imports.test_jobs.find_nothing"]
    imported = carried_out(tmp_path, many(), by=people.bob)

    assert imported.followed == {
        "tests.imports.test_jobs.say": {"zh": "已分配", "en": "Assigned", "page": "web:customers", "count": ROWS}
    }
    client.force_login(people.bob)
    page = client.get(f"/imports/{imported.pk}/").content.decode()
    assert f'<a href="/customers/">已分配</a> <span class="zk-strong">{ROWS}</span>' in page


def test_each_sheet_of_a_workbook_is_an_import_of_its_own(client, tmp_path, people):
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, rows in {
            "客户": [["客户编号", "客户名称"], ["C1", "甲"]],
            "订单": [["客户编号", "时间"], ["C1", "2026-01-02"]],
        }.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    first = open_file(path, by=people.bob, layout=Layout())
    client.force_login(people.bob)
    page = client.get(f"/imports/{first.pk}/").content.decode()
    assert 'name="sheet" value="订单"' in page
    assert 'name="sheet" value="客户"' not in page

    answer = client.post(f"/imports/{first.pk}/sheet/", {"sheet": "订单"})

    second = Import.objects.exclude(pk=first.pk).get()
    assert answer.url == f"/imports/{second.pk}/"
    assert (second.file_name, second.layout["sheet"], second.columns) == ("book.xlsx", "订单", ["客户编号", "时间"])
    gone = client.post(f"/imports/{first.pk}/sheet/", {"sheet": "没有"})
    assert (gone.status_code, Import.objects.count()) == (422, 2)


def say(ids, *, by):
    return Followed(Text("已分配", "Assigned"), len(ids), "web:customers")


def find_nothing(ids, *, by):
    return Followed(Text("可能重复", "Possible duplicates"), 0, "web:customers")


HEARD: list[int] = []


def hear(ids, *, by):
    assert by is None
    HEARD.extend(ids)


def test_files_go_with_their_time_and_with_a_person_who_is_forgotten(tmp_path, people, settings):
    imported = carried_out(tmp_path, many(), by=people.bob)
    draft = brought(tmp_path, many(), by=people.bob)
    assert path_of(imported.stored_as).exists()
    customer = Customer.objects.get(key="C1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.db.transaction.on_commit", lambda work: work())
        forget_person(customer.pk, None)
    assert not rows_path(imported.stored_as).exists()
    row = Row.objects.get(customer=customer)
    assert (row.before, row.after, row.said) == ({}, {}, {})
    assert list(verdict_lines(Import.objects.get(pk=imported.pk), "en"))[1] == ["2", "created", ""]

    settings.ZHIKE_NOW += timedelta(days=4)
    remove_old()
    assert not Import.objects.filter(pk=draft.pk).exists()
    assert not path_of(draft.stored_as).exists()
    assert said(imported)[2] == ("created", "")


@pytest.mark.django_db(transaction=True)
def test_two_files_at_once_make_one_customer_of_one_telephone(tmp_path, monkeypatch):
    files = [brought(tmp_path, "客户名称,手机\n梧桐里,13812345678\n", name=f"{name}.csv") for name in "ab"]
    for imported in files:
        running.begin(imported=imported, by=None)
    both, whole = threading.Barrier(2), running.store_records

    def slowly(*arguments, **given):
        with suppress(threading.BrokenBarrierError):
            both.wait(0.3)  # whoever came so far has looked up who is there
        return whole(*arguments, **given)

    monkeypatch.setattr(running, "store_records", slowly)

    def work(imported):
        try:
            running.advance(imported)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[imported]) for imported in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert list(Customer.objects.values_list("name", "phone")) == [("梧桐里", "+8613812345678")]
    assert sorted((one.created, one.unchanged) for one in Import.objects.all()) == [(0, 1), (1, 0)]
