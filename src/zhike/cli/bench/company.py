"""A company of any size, made for one benchmark in an installation of its own and thrown away after it."""

from __future__ import annotations

import random
import shutil
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import batched, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import Progress

from zhike.base.home import use_embedded
from zhike.cli.language import say
from zhike.core.facts import FieldType
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model
    from django.test import Client

    from zhike.accounts.models import Team, User
    from zhike.timeline.rows import NewEvent


CUSTOMERS = 3_000
EVENTS = 30_000
CHUNK = 50_000
# So many customers are drawn one by one; beyond that their likes are copied.
SEED = 20_000
# Fields of the company's own, and how many of them a customer has a value of.
FIELDS, FILLED = 50, 15
SHARED = 60  # with one salesperson, beside a territory
SHARES, SKEW = 1_000, 2 / 3  # how customers are shared among many: of a hundred people the first own a twentieth
TEAMS, MEMBERS = 4, 5  # a manager leads each team; its salespeople own the customers, the admin none

PLACES = ("上海", "北京", "杭州", "苏州", "南京", "广州", "深圳", "成都")
TRADES = ("酒店管理", "精密制造", "餐饮", "联合办公", "国际学校", "门诊部", "健身", "书店", "物业服务", "茶业")
_SYLLABLES = "梧桐恒拓松果禾光集木青素问云汀文通长物万象朗润北屿见澄心同昇远岫"
_KINDS = ("order.placed",) * 3 + (
    "call.made",
    "visit.made",
    "message.received",
    "page.viewed",
    "page.viewed",
    "inquiry.received",
)


@contextmanager
def new_company() -> Iterator[Company]:
    """Yield an empty company with the general pack and its people."""
    folder = tempfile.mkdtemp(prefix="zhike-bench-", dir="/tmp")
    use_embedded(Path(folder))
    from zhike.cli.session import installation  # noqa: PLC0415  settings read the variables above

    try:
        with installation():
            yield Company()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Company:
    """Customers and events as the actions write them, drawn with a fixed seed."""

    def __init__(self) -> None:
        from zhike.classification.actions.packs import install_pack  # noqa: PLC0415
        from zhike.privacy.actions.assessments import file_assessment  # noqa: PLC0415
        from zhike.privacy.assessment_draft import DRAFT  # noqa: PLC0415

        self._draw = random.Random(2026)  # noqa: S311  a fair draw, not a secret
        self._customers = self._events = 0
        self._ids: list[int] = []
        self._people, self._owners = _people()
        install_pack(pack="general", by=None)
        file_assessment(by=None, **{name: text.zh for name, text in DRAFT.items()})
        self._fields = _fields()

    def grow(self, customers: int, events: int) -> None:
        """Add customers and events up to these numbers and place all who were touched."""
        from zhike.classification.batch import place_everyone  # noqa: PLC0415
        from zhike.customers.bulk import save_customers  # noqa: PLC0415
        from zhike.timeline.actions import record_many  # noqa: PLC0415

        with Progress(transient=True) as progress:
            task = progress.add_task(
                say("准备数据", "Making data"), total=customers + events - self._customers - self._events
            )
            for numbers in batched(range(self._customers, customers), CHUNK):
                saved = save_customers([self._customer(number) for number in numbers], by=None)
                self._ids += saved.created
                progress.advance(task, len(numbers))
            for numbers in batched(range(self._events, events), CHUNK):
                record_many([self._event() for _ in numbers], by=None, place=False)
                progress.advance(task, len(numbers))
            place_everyone()
        if not self._customers:
            self._share()
        self._customers, self._events = customers, events
        self._analyse()

    def _share(self) -> None:
        """Let one salesperson, who has a territory, see some customers of the others."""
        from zhike.accounts.actions.shares import share_record  # noqa: PLC0415
        from zhike.customers.models import Customer  # noqa: PLC0415

        for customer in Customer.objects.filter(pk__in=self._draw.sample(self._ids, SHARED)):
            share_record(row=customer, by=self._people["admin"], user=self._people["wide"], reason="一起跟")

    def staff(self, people: int) -> None:
        """Add so many salespeople, before there are customers: the first of all own most of those, the last few."""
        from zhike.accounts.models import Role, Team, User  # noqa: PLC0415

        teams = list(Team.objects.order_by("pk"))
        added = User.objects.bulk_create(
            User(
                email=f"more{number}@example.com",
                name=f"more{number}",
                role_id=Role.SALES,
                team=teams[number % len(teams)],
            )
            for number in range(people)
        )
        everyone = [*self._owners, *added]
        ends = [round(SHARES * (place / len(everyone)) ** SKEW) for place in range(len(everyone) + 1)]
        shares = [max(1, end - start) for start, end in pairwise(ends)]
        self._owners = [owner for owner, share in zip(everyone, shares, strict=True) for _ in range(share)]

    def reach(
        self, customers: int, events_each: int, *, placed: bool = True, found: bool = True, drawn: int = SEED
    ) -> None:
        """Grow to any size: some thousands as the actions write them, and then their likes by one statement."""
        drawn = min(customers, drawn)
        if drawn > self._customers:
            self.grow(drawn, drawn * events_each)
        if customers > len(self._ids):
            self._copy(customers - len(self._ids), placed=placed, found=found)

    def _copy(self, customers: int, *, placed: bool, found: bool) -> None:
        """Add customers who are like those that were drawn, with the same events."""
        from django.db import connection  # noqa: PLC0415

        from zhike.classification.batch import place_everyone  # noqa: PLC0415
        from zhike.customers.models import Customer  # noqa: PLC0415
        from zhike.timeline.rows import COLUMNS  # noqa: PLC0415

        columns = [field.attname for field in Customer._meta.concrete_fields]
        same = [column for column in columns if column not in {"id", "key", "form_key"}]
        told = [column for column in COLUMNS if column != "customer_id"]
        first, last = len(self._ids) // self._customers, (len(self._ids) + customers) // self._customers + 1
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO customers_customer (key, {', '.join(same)}) "  # noqa: S608  names of columns
                f"SELECT c.key || '-' || n, {', '.join(f'c.{column}' for column in same)} "
                "FROM generate_series(%s, %s) n, customers_customer c WHERE c.key NOT LIKE '%%-%%' "
                "ORDER BY n, c.id LIMIT %s",
                [first, last, customers],
            )
            if found:
                self._copy_found_by()
            cursor.execute(
                f"INSERT INTO timeline_event (customer_id, {', '.join(told)}) "  # noqa: S608  names of columns
                f"SELECT k.id, {', '.join(f'e.{column}' for column in told)} FROM customers_customer k "
                "JOIN customers_customer c ON c.key = split_part(k.key, '-', 1) "
                "JOIN timeline_event e ON e.customer_id = c.id "
                "WHERE k.key LIKE '%%-%%' AND k.id > %s AND e.kind <> 'class.changed'",
                [max(self._ids)],
            )
        self._ids = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
        self._analyse()
        if placed:
            place_everyone()
            self._analyse()

    def place_alike(self) -> None:
        """Let the customers that were copied stand where those stand whom they are like, without judging each anew."""
        from zhike.classification.models import CustomerFacts, Placement  # noqa: PLC0415

        self._copy_rows(CustomerFacts, 0)
        self._copy_rows(Placement, 0)
        self._analyse()

    def _copy_rows(self, model: type[Model], after: int) -> None:
        """Give the customers that were copied, of later ids, the rows of those whom they are like."""
        from django.db import connection  # noqa: PLC0415

        known = {"id", "customer_id"}
        columns = [f.attname for f in model._meta.concrete_fields if f.attname not in known and not f.generated]
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (customer_id, {', '.join(columns)}) "  # noqa: S608  names of columns
                f"SELECT k.id, {', '.join(f's.{column}' for column in columns)} FROM customers_customer k "
                "JOIN customers_customer c ON c.key = split_part(k.key, '-', 1) "
                f"JOIN {table} s ON s.customer_id = c.id WHERE k.key LIKE '%%-%%' AND k.id > %s",
                [after],
            )

    def _copy_found_by(self) -> None:
        """Let the customers that were copied be found; as after any large import, the index is built at the end."""
        from django.db import connection  # noqa: PLC0415

        from zhike.customers.models import SearchText  # noqa: PLC0415

        index = next(index for index in SearchText._meta.indexes if index.name == "search_grams")
        with connection.cursor() as cursor, connection.schema_editor() as editor:
            editor.remove_index(SearchText, index)
            self._copy_rows(SearchText, max(self._ids))
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            editor.add_index(SearchText, index)

    def _analyse(self) -> None:
        """Do what the server does by itself within minutes of a large import."""
        from django.db import connection  # noqa: PLC0415

        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")

    def _customer(self, number: int) -> dict[str, object]:
        place, trade = self._draw.choice(PLACES), self._draw.choice(TRADES)
        name = "".join(self._draw.sample(_SYLLABLES, 3))
        return {
            "key": f"C{number:07}",
            "name": f"{place}{name}{trade}有限公司",
            "kind": "company",
            "city": place,
            "industry": trade,
            "size": self._draw.choice(("micro", "small", "medium", "large")),
            "phone": f"138{self._draw.randrange(10**8):08}",
            "created_on": (datetime.now(UTC) - timedelta(days=self._draw.randrange(700))).date(),
            "owner": self._draw.choice(self._owners),
            "custom": {key: self._value(type_) for key, type_ in self._draw.sample(self._fields, FILLED)},
        }

    def _value(self, type_: FieldType) -> object:
        match type_:
            case FieldType.INTEGER:
                return self._draw.randrange(1_000)
            case FieldType.DATE:
                return f"2026-{self._draw.randrange(1, 13):02}-01"
            case FieldType.BOOL:
                return self._draw.random() < 0.5  # noqa: PLR2004  as often as not
            case _:
                return self._draw.choice(TRADES)

    def _event(self) -> NewEvent:
        from zhike.timeline.rows import NewEvent  # noqa: PLC0415

        kind = self._draw.choice(_KINDS)
        return NewEvent(
            customer_id=self._ids[int(len(self._ids) * self._draw.random() ** 2)],
            kind=kind,
            occurred_at=datetime.now(UTC) - timedelta(days=self._draw.expovariate(1 / 150), minutes=1),
            amount=self._draw.randrange(100_00, 30_000_00) if kind == "order.placed" else None,
            data={"line": self._draw.choice(("product", "service"))} if kind == "order.placed" else {},
        )

    def ids(self, role: str = "admin") -> list[int]:
        """Return the customers that somebody in this role may see."""
        from zhike.accounts.policy import visible  # noqa: PLC0415
        from zhike.customers.models import Customer  # noqa: PLC0415

        return list(visible(self._people[role], Customer).order_by("pk").values_list("pk", flat=True))

    def may_change(self, role: str, customer: int) -> bool:
        from zhike.accounts.policy import can  # noqa: PLC0415
        from zhike.customers.models import Customer  # noqa: PLC0415

        return can(self._people[role], "change", Customer.objects.get(pk=customer))

    def log_call(self, customer: int) -> None:
        """Record one call through the action that every door uses."""
        from zhike.customers.models import Customer  # noqa: PLC0415
        from zhike.timeline.actions import record  # noqa: PLC0415

        record(Customer(pk=customer), "call.made", by=self._people["admin"], data={"text": "问过续签的事"})

    def person(self, role: str = "admin") -> User:
        return self._people[role]

    def rename(self, customer: int) -> None:
        """Change a name through the action that every door uses."""
        from zhike.customers.actions.customers import update_customer  # noqa: PLC0415
        from zhike.customers.models import Customer  # noqa: PLC0415

        found = Customer.objects.get(pk=customer)
        name = f"{found.name[:-4]}{self._draw.choice(_SYLLABLES)}有限公司"
        update_customer(customer=found, version=found.version, by=self._people["admin"], name=name)

    def add_notes(self) -> None:
        """Write a note of every customer, by one statement and with the likes of what people write."""
        from django.db import connection  # noqa: PLC0415

        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO timeline_event (customer_id, kind, occurred_at, day, recorded_at, channel, source, "
                "currency, subject_type, subject_id, data, key) SELECT id, 'note.added', at, at::date, at, '', '', '', "
                "'', '', jsonb_build_object('text', (%s::text[])[1 + id %% 5] || (%s::text[])[1 + (id / 5) %% 7] "
                "|| '，编号 R' || id), '' FROM (SELECT id, now() - random() * interval '300 days' AS at "
                "FROM customers_customer) c",
                [
                    [
                        "客户想谈明年的",
                        "等对方老板回来再确认",
                        "觉得价格偏高，要重新报价的是",
                        "先试用一个月再看",
                        "催了两次的",
                    ],
                    [
                        "续签",
                        "第三季度的订单",
                        "售后和备件",
                        "发票抬头",
                        "培训安排",
                        "样品寄送",
                        "合同条款 and the price list",
                    ],
                ],
            )
        self._analyse()

    def hand_few(self, size: int = 200) -> None:
        """Give some customers to a salesperson who has no others."""
        from zhike.customers.models import Customer  # noqa: PLC0415

        step = max(1, len(self._ids) // size)
        Customer.objects.filter(pk__in=self._ids[::step][:size]).update(owner=self._people["few"])
        self._analyse()

    def client(self, role: str = "admin") -> Client:
        """Return a browser's stand-in, signed in by somebody in this role."""
        from django.test import Client  # noqa: PLC0415

        client = Client(headers={"host": "localhost"})
        client.force_login(self._people[role])
        return client


def _fields() -> list[tuple[str, FieldType]]:
    """Define the company's own fields, of every type that people use."""
    from zhike.customers.actions.fields import define_field  # noqa: PLC0415

    types = (FieldType.TEXT, FieldType.CHOICE, FieldType.INTEGER, FieldType.DATE, FieldType.BOOL)
    fields = [(f"field{number}", types[number % len(types)]) for number in range(FIELDS)]
    for key, type_ in fields:
        choices = {trade: Text(trade, trade) for trade in TRADES} if type_ is FieldType.CHOICE else None
        define_field(key=key, type_=type_, choices=choices, by=None)
    return fields


def _people() -> tuple[dict[str, User], list[User]]:
    """Add everybody; return one person of each role, and those who own customers."""
    from zhike.accounts.actions import add_team, add_user  # noqa: PLC0415
    from zhike.accounts.actions.territories import set_territory  # noqa: PLC0415

    def add(name: str, role: str, team: Team | None = None) -> User:
        password = random.SystemRandom().randbytes(16).hex()
        return add_user(email=f"{name}@example.com", name=name, role=role, team=team, password=password, by=None)

    teams = [add_team(name=f"team{number}", by=None) for number in range(TEAMS)]
    managers = [add(f"manager{number}", "manager", team) for number, team in enumerate(teams)]
    owners = [add(f"sales{number}", "sales", teams[number % TEAMS]) for number in range(TEAMS * MEMBERS)]
    people = {
        "admin": add("bench", "admin"),
        "manager": managers[0],
        "sales": owners[0],
        "few": add("few", "sales", teams[0]),
        "wide": owners[1],
    }
    set_territory(
        territory=None,
        by=people["admin"],
        name=PLACES[0],
        bounds={"cities": [PLACES[0]]},
        users=[owners[1]],
        teams=[],
    )
    return people, owners
