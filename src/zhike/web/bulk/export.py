"""The kind of job that writes customers into a file: as the list shows them, to whoever may read them.

The file lies under a random name and is its owner's alone, until it expires. It is read page by page, as the list
is, so that memory stays flat whatever its size.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext

from zhike.accounts.policy import require
from zhike.accounts.queries import company
from zhike.base.clock import now, today
from zhike.base.errors import Forbidden
from zhike.base.inputs import Invalid
from zhike.base.paging import key_page
from zhike.classification.history import standings_on
from zhike.classification.queries import standings_of
from zhike.classification.rules import rulebook
from zhike.classification.saved_views import open_view
from zhike.core.text import Text
from zhike.customers.models import Customer
from zhike.jobs.files import folder, new_name
from zhike.jobs.kinds import Whole
from zhike.web.bulk.chosen import read_chosen
from zhike.web.bulk.columns import columns_for, loaded, wanted
from zhike.web.bulk.tables import MOST_ROWS, new_table
from zhike.web.customers.filters import VIEW, read_filter
from zhike.web.customers.rows import in_reach_of
from zhike.web.customers.screen import ORDERS, SORT, read_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.base.paging import Order
    from zhike.classification.queries import Standing
    from zhike.jobs.kinds import Progress
    from zhike.jobs.models import Job

# So long a file can be fetched.
EXPIRES = timedelta(hours=72)
CHUNK = 2_000
# As much as the audit log takes.
QUERY_MAX = 500
_CODES = {"zh": "zh-hans", "en": "en"}


def reach(user: User) -> list[object]:
    """Return what decides whom a person sees: a file of what they saw as another is not theirs any more."""
    return [user.role_key, user.team_id]


class Export(Whole):
    """Writes customers into a file. Parameters: `list`, `form`, `columns`, `language`, and `reach` of the person."""

    icon: ClassVar = "download"
    # Beyond this nobody waits for it.
    at_once: ClassVar = 5_000

    def label(self, job: Job) -> Text:
        form = job.parameters["form"].upper()
        return Text(f"导出客户（{form}）", f"Export customers ({form})")

    def allow(self, job: Job) -> None:
        require(job.owner, "export", Customer)
        if job.parameters["reach"] != reach(job.owner):
            raise Forbidden(
                "你能看到的客户变了，请再导出一次", "The customers that you may see have changed: export them again"
            )

    def work(self, job: Job, progress: Progress) -> None:
        given = job.parameters
        job.file = new_name()
        with timezone.override(company().zone), translation.override(_CODES[given["language"]]):
            writer = _Writer(job)
            columns, written = writer.columns, writer.write(progress)
            day = today(timezone.get_current_timezone())
            job.file_name = f"{gettext('客户')} {day.isoformat()}.{given['form']}"
        job.parameters = {**given, "rows": written, "columns": [column.key for column in columns]}
        job.done = job.total = written
        job.expires_at = now() + EXPIRES

    def discard(self, job: Job) -> None:
        if job.file:
            (folder() / job.file).unlink(missing_ok=True)

    def audited(self, job: Job) -> tuple[str, Mapping[str, object]] | None:
        given = job.parameters
        if "rows" not in given:
            return None
        query = _query_of(QueryDict(given["list"]))
        data = {"what": "customers", "rows": given["rows"], "columns": given["columns"], "query": query}
        return "file.exported", data

    def said(self, job: Job) -> Text:
        rows = job.parameters["rows"]
        return Text(
            f"{rows:,} 位客户已导出，72 小时内可以下载", f"Exported {rows:,} customers; to be fetched within 72 hours"
        )


def _query_of(query: QueryDict) -> str:
    """Return by what was chosen who is exported: classes and codes as they are, of all else only that it was asked for."""
    coded = ("class.", "was.", "was_on", "as_of", "sort", "every", "kind", "size", "owner", "view")
    parts = [f"{name}={value}" if name.startswith(coded) else name for name in query for value in query.getlist(name)]
    return "&".join(dict.fromkeys(parts))[:QUERY_MAX]


def _sort_of(query: QueryDict, user: User) -> str:
    """Return the order of the address, else that of its view."""
    view = str(query.get(VIEW, ""))
    if query.get(SORT) or not view.isdecimal():
        return str(query.get(SORT, ""))
    sort = open_view(user, int(view)).sort
    return sort if sort in ORDERS else ""


class _Writer:
    def __init__(self, job: Job) -> None:
        given = job.parameters
        self._user, self._form, self._path = job.owner, given["form"], folder() / job.file
        query = QueryDict(given["list"])
        language = given["language"]
        self.columns = wanted(columns_for(self._user, language), given["columns"])
        if not self.columns:
            raise Invalid("选至少一列", "choose at least one column")
        self._as_of = read_filter(query, rulebook().schemes, language).as_of
        self._order = read_order(_sort_of(query, self._user), self._user, is_past=self._as_of is not None)
        chosen = read_chosen(query, self._user)
        self._customers: QuerySet[Customer] = in_reach_of(self._order, chosen.customers)
        self._total = chosen.size
        most = MOST_ROWS[self._form]
        if most is not None and self._total > most:
            raise Invalid(
                f"共 {self._total:,} 位，一张表最多 {most:,} 行，请导出 CSV",
                f"{self._total:,} customers are more than the {most:,} rows of a sheet: export CSV",
            )

    def write(self, progress: Progress) -> int:
        """Write all of them and return how many they were."""
        written = 0
        progress(0, self._total)
        with new_table(self._form, self._path, self.columns, company().currency) as table:
            columns = partial(loaded, columns=self.columns, as_of=self._as_of)
            for page in pages(self._customers, self._order, columns):
                standings = self._standings(page)
                for customer in page:
                    found = standings.get(customer.pk, {})
                    table.write([column.cell(customer, found) for column in self.columns])
                written += len(page)
                progress(written, max(written, self._total))
        return written

    def _standings(self, page: Sequence[Customer]) -> dict[int, dict[str, Standing]]:
        ids = [customer.pk for customer in page]
        return standings_of(self._user, ids) if self._as_of is None else standings_on(self._user, ids, self._as_of)


def pages(
    customers: QuerySet[Customer], order: Order, columns: Callable[[QuerySet[Customer]], QuerySet[Customer]]
) -> Iterator[Sequence[Customer]]:
    """Yield the customers in the order of the list, some at a time."""
    cursor = ""
    while True:
        page = key_page(customers, order, cursor=cursor, size=CHUNK, columns=columns)
        yield page.rows
        cursor = page.next
        if not cursor:
            return
