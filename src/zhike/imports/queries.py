"""Reads: a person's imports, those of the operator for whoever sees everybody, and what became of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from zhike.accounts.policy import scope_of, visible
from zhike.accounts.rights import Scope
from zhike.base.errors import NotFound
from zhike.customers.models import Customer
from zhike.imports.likeness import ALIKE
from zhike.imports.models import Import, Row
from zhike.imports.plans import Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from zhike.accounts.models import User

# A plan older than so many files of the same columns is not looked for.
_REMEMBERED = 20


def imports(user: User) -> QuerySet[Import]:
    """Return the person's own, and for whoever may import anything what the operator brought in."""
    scope = scope_of(user, "import", Customer)
    if scope is None:
        return Import.objects.none()
    mine = Q(owner=user)
    return Import.objects.filter(mine | Q(owner=None) if scope is Scope.ALL else mine).select_related("owner", "job")


def get_import(user: User, pk: int) -> Import:
    found = imports(user).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def remembered_plan(owner: User | None, signature: str) -> Plan | None:
    """Return the plan of the last file with the same columns that was carried out."""
    rows = Import.objects.filter(signature=signature, owner=owner).exclude(state__in=Import.PREPARED)
    for one in rows.order_by("-pk")[:_REMEMBERED]:
        if one.plan:
            return Plan.of(one.plan)
    return None


def imported_before(user: User | None, one: Import) -> Import | None:
    """Return an earlier import of the very same file that was carried out, among those that the person sees."""
    rows = Import.objects.filter(owner=None) if user is None else imports(user)
    same = rows.filter(digest=one.digest, layout__sheet=one.layout.get("sheet", "")).exclude(pk=one.pk)
    return same.filter(state__in=[Import.State.DONE, Import.State.RUNNING, Import.State.PAUSED]).first()


def rows_of(imported: Import, verdict: str) -> QuerySet[Row]:
    return imported.rows.filter(verdict=verdict).order_by("line")


def candidate_ids(row: Row) -> list[int]:
    """Return whom a row may be about: held for review, or after a trial, whom the customer that it makes may be."""
    return [*row.after.get("candidates", ()), *row.after.get(ALIKE, {}).get("customers", ())]


def candidates_of(user: User, rows: Sequence[Row]) -> dict[int, Customer]:
    """Return the customers whom rows may be about, of whom the person may know."""
    ids = {pk for row in rows for pk in candidate_ids(row)} | {row.customer_id for row in rows}
    found = visible(user, Customer).filter(pk__in=[pk for pk in ids if pk]).select_related("owner")
    return {customer.pk: customer for customer in found}
