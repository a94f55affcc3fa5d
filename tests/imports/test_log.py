"""Files into the database: once, completely, and with the same classes as `zhike classify` gives."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.factories import make_customer, make_event, make_user
from tests.imports.bringing import undo
from zhike.classification.actions.packs import install_pack
from zhike.classification.models import Placement
from zhike.customers.models import Customer, CustomField
from zhike.engine.errors import FileError
from zhike.engine.events import Reading
from zhike.engine.files import open_table
from zhike.engine.rejects import Rejects
from zhike.imports.actions.log import NUMBERS, TEXTS, import_events
from zhike.imports.models import Import
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture(autouse=True)
def clock(settings):
    settings.ZHIKE_NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def silent(*_):
    pass


def table_of(tmp_path, text, name="file.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return open_table(path)


def events(tmp_path, text, *, kind="", create=None, source="import", **given):
    reading = Reading(zone=ZONE, kind=kind, numbers=NUMBERS, texts=TEXTS, instants=True, everything=True, **given)
    with Rejects() as rejects:
        table = table_of(tmp_path, text)
        found = import_events(table, reading, rejects, by=None, create_customers=create, progress=silent, source=source)
        return found, reasons(rejects)


def reasons(rejects):
    return [(refused.row.line, refused.row.reason.en) for refused in rejects.samples]


LOG = """customer_id,occurred_at,amount,line,shop
A,2026-11-01 09:00,1000,product,北
A,2026-11-01 09:00,1000,product,北
B,2026-11-02,-500,,
B,2026-11-02,700,service,
"""


def test_order_log_makes_its_customers(tmp_path):
    found, refused = events(tmp_path, LOG, kind="order.placed")

    assert refused == []
    assert (found.rows, found.events_created, found.customers_created) == (4, 4, 2)
    assert found.orders_read_as_refunds == 1
    rows = Event.objects.exclude(kind="customer.created").order_by("pk")
    assert list(rows.values_list("customer__key", "kind", "day", "amount", "data")) == [
        ("A", "order.placed", date(2026, 11, 1), 1000, {"line": "product", "shop": "北"}),
        ("A", "order.placed", date(2026, 11, 1), 1000, {"line": "product", "shop": "北"}),
        ("B", "order.refunded", date(2026, 11, 2), 500, {}),
        ("B", "order.placed", date(2026, 11, 2), 700, {"line": "service"}),
    ]
    assert rows[0].occurred_at == datetime(2026, 11, 1, 1, 0, tzinfo=UTC)


def test_same_log_twice_changes_nothing(tmp_path):
    install_pack(pack="retail", by=None)
    events(tmp_path, LOG, kind="order.placed")
    before = Event.objects.count()

    found, _ = events(tmp_path, LOG, kind="order.placed")

    assert (found.events_created, found.events_known, found.customers_created) == (0, 4, 0)
    assert Event.objects.count() == before


def test_log_that_grew_adds_only_what_is_new(tmp_path):
    events(tmp_path, LOG, kind="order.placed")

    found, _ = events(tmp_path, LOG + "A,2026-11-01 09:00,1000,product,北\n", kind="order.placed")

    assert (found.events_created, found.events_known) == (1, 4)


def test_rows_with_a_key_are_known_by_it(tmp_path):
    text = "customer_id,occurred_at,kind,key\nA,2026-11-01,call.made,1\nA,2026-11-02,call.made,1\n"

    found, _ = events(tmp_path, text)

    assert (found.events_created, found.events_known) == (1, 1)


def test_unknown_customer_among_known_ones_is_refused(tmp_path):
    make_customer(key="A")

    found, refused = events(tmp_path, LOG, kind="order.placed")

    assert refused == [
        (4, "customer_id: there is no customer B"),
        (5, "customer_id: there is no customer B"),
    ]
    assert found.events_created == 2
    assert not Customer.objects.filter(key="B").exists()


def test_unknown_customers_are_made_when_asked_for(tmp_path):
    make_customer(key="A")

    found, refused = events(tmp_path, LOG, kind="order.placed", create=True)

    assert (refused, found.customers_created) == ([], 1)


def test_unknown_customers_are_refused_when_asked_for(tmp_path):
    found, refused = events(tmp_path, LOG, kind="order.placed", create=False)

    assert len(refused) == 4
    assert (found.events_created, Customer.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A,2026-11-01,order.plaecd,1,", "kind: there is no event kind order.plaecd. Did you mean order.placed?"),
        ("A,2026-11-22,order.placed,1,", "occurred_at: the time 2026-11-21 16:00 lies in the future"),
        ("A,2026-11-01,class.changed,1,", "kind: class.changed is Zhike's own record and cannot be imported"),
        ("A,2026-11-01,call.made,1," + "x" * 10_001, "data.note: too long: 10001 characters, at most 10000"),
    ],
)
def test_bad_event_is_refused_by_line(tmp_path, row, reason):
    text = f"customer_id,occurred_at,kind,amount,note\nA,2026-11-01,call.made,1,fine\n{row}\n"

    found, refused = events(tmp_path, text)

    assert refused == [(3, reason)]
    assert found.events_created == 1


def test_file_without_a_date_column_writes_nothing(tmp_path):
    with pytest.raises(FileError):
        events(tmp_path, "customer_id,amount\nA,1\n", kind="order.placed")

    assert Customer.objects.count() == 0


def test_classes_are_those_of_classify(tmp_path):
    from zhike.engine.run import Order, run

    install_pack(pack="retail", by=None)
    days = ["2025-01-05", "2025-11-20", "2025-11-21", "2026-08-21", "2026-08-22", "2026-10-20", "2026-11-19"]
    lines = [f"C{number % 23},{days[number * number % 7]},{number * 1_713 % 90_000 - 500}" for number in range(400)]
    path = tmp_path / "log.csv"
    path.write_text("\n".join(["customer_id,occurred_at,amount", *lines]))

    events(tmp_path, path.read_text(), kind="order.placed")

    order = Order(events=path, customers=None, pack="retail", as_of=date(2026, 11, 20), zone=ZONE, kind="order.placed")
    with Rejects() as rejects:
        outcome = run(order, rejects, silent)
    expected = {row["id"]: row for row in outcome.table().iter_rows(named=True)}
    placed = Placement.objects.values_list("customer__key", "dimension", "class_key", "next_flip_at")
    assert len(placed) == 23 * 3
    for key, dimension, class_key, flip in placed:
        assert expected[key][dimension] == class_key
        day = flip.astimezone(ZONE).date().isoformat() if flip else ""
        assert str(expected[key][f"{dimension}.next_change"] or "") == day


def test_events_of_a_customer_who_was_there_join_theirs(tmp_path):
    customer = make_customer(key="A")
    make_event(customer, "order.placed", date(2026, 11, 1), amount=1)

    events(tmp_path, "customer_id,occurred_at\nA,2026-11-02\n", kind="order.placed")

    assert Event.objects.filter(customer=customer, kind="order.placed").count() == 2


def test_import_that_fails_at_the_end_has_done_nothing(tmp_path, monkeypatch):
    def fail(_customers, **_given):
        raise RuntimeError

    monkeypatch.setattr("zhike.imports.actions.log.place_set_wise", fail)

    with pytest.raises(RuntimeError):
        events(tmp_path, LOG, kind="order.placed")

    assert (Customer.objects.count(), Event.objects.count(), CustomField.objects.count()) == (0, 0, 0)


def test_moments_that_no_calendar_has_are_refused_by_row(tmp_path):
    log = "customer_id,occurred_at,amount\na,2026-10-01,5\nb,0001-01-01,5\nc,9999-12-31T23:59:59,5\n"
    found, refused = events(tmp_path, log, kind="order.placed", create=True)

    assert refused == [
        (3, "the year is not between 1900 and 2100"),
        (4, "the year is not between 1900 and 2100"),
    ]
    assert (found.rows, found.events_created, found.rejected) == (3, 1, 2)


def test_each_row_is_read_in_its_own_currency(tmp_path):
    from zhike.timeline.amounts import set_rate

    set_rate(currency="USD", from_day=date(2026, 1, 1), rate="7.2", by=None)
    set_rate(currency="JPY", from_day=date(2026, 2, 1), rate="0.05", by=None)

    found, refused = events(
        tmp_path,
        "customer_id,occurred_at,amount,currency\n"
        "K1,2026-03-01,100.50,\n"
        "K1,2026-03-02,100.50,usd\n"
        "K1,2026-03-03,100,JPY\n"
        "K1,2026-01-03,100,JPY\n"
        "K1,2026-03-04,1.5,JPY\n"
        "K1,2026-03-05,5,EUR\n",
        kind="order.placed",
        digits=2,
        others={"USD": 2, "JPY": 0},
    )

    assert (found.events_created, found.rejected) == (3, 3)
    rows = Event.objects.filter(kind="order.placed").order_by("day").values_list("amount", "currency", "base_amount")
    assert list(rows) == [(10_050, "CNY", 10_050), (10_050, "USD", 72_360), (100, "JPY", 500)]
    assert "there is no rate of JPY for 2026-01-03" in dict(refused)[5]
    assert "there are no rates here" in dict(refused)[7]


def test_a_log_is_taken_back_like_any_import(tmp_path):
    known = make_customer(key="A")
    first, _ = events(tmp_path, "customer_id,occurred_at\nA,2026-11-01\n", kind="call.made")
    found, _ = events(tmp_path, LOG, kind="order.placed", create=True)
    imported = Import.objects.get(pk=found.id)
    assert (imported.state, imported.created, imported.total) == (Import.State.DONE, 4, 4)
    assert list(imported.rows.order_by("line").values_list("line", "verdict")) == [(n, "created") for n in (2, 3, 4, 5)]

    undone = undo(imported)

    assert (undone.state, undone.undone, undone.conflicts) == (Import.State.UNDONE, 4, 0)
    assert list(Customer.objects.values_list("pk", flat=True)) == [known.pk]
    counted = Event.objects.filter(voided_by=None).exclude(kind__in=["event.voided", "customer.created"])
    assert [(event.kind, event.day) for event in counted] == [("call.made", date(2026, 11, 1))]
    again, _ = events(tmp_path, "customer_id,occurred_at\nA,2026-11-01\n", kind="call.made")
    assert (again.events_created, again.events_known, first.events_created) == (0, 1, 1)


def test_refused_rows_of_a_log_are_shown_by_line_and_reason(tmp_path, client):
    make_customer(key="A")
    text = "customer_id,occurred_at\nA,2026-11-01\nX,2026-11-01\nA,heute\n"
    found, refused = events(tmp_path, text, kind="call.made")

    imported = Import.objects.get(pk=found.id)
    rows = list(imported.rows.order_by("line").values_list("line", "verdict", "said__en"))
    assert rows == [(2, "created", None), *((line, "rejected", reason) for line, reason in sorted(refused))]
    assert [line for line, _, _ in rows] == [2, 3, 4]
    client.force_login(make_user("Ada", role="admin"))
    page = client.get(f"/imports/{imported.pk}/rows/rejected/").content.decode()
    assert "没有编号为 X 的客户" in page
    assert "rejected.csv" not in client.get(f"/imports/{imported.pk}/").content.decode()  # no cells to correct
    assert (undo(imported).undone, imported.rows.filter(verdict="rejected").count()) == (1, 2)


def test_a_customer_of_a_log_stays_when_somebody_has_touched_it(tmp_path):
    found, _ = events(tmp_path, "customer_id,occurred_at,key\nB,2026-11-01,7\n", kind="call.made", source="shop")
    customer = Customer.objects.get(key="B")
    make_event(customer, "note.added", data={"text": "见过"})

    undone = undo(Import.objects.get(pk=found.id))

    assert undone.undone == 1
    assert Event.objects.filter(customer=customer, kind="event.voided").count() == 1
