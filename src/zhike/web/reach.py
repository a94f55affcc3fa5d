"""How a telephone number, an e-mail address or an id is shown: the one place that decides what a person reads of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from zhike.accounts.policy import field_access
from zhike.base.templatetags.zhike import masked_phone
from zhike.customers.models import Contact, Customer, PhoneState, Reach
from zhike.customers.reaches import NewReach

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.http import QueryDict

    from zhike.accounts.models import User

ICONS: Mapping[str, str] = {
    Reach.Kind.PHONE: "phone",
    Reach.Kind.EMAIL: "mail",
    Reach.Kind.WECHAT: "brand-wechat",
    Reach.Kind.WECOM: "message-2",
}
_SCHEMES = {Reach.Kind.PHONE: "tel", Reach.Kind.EMAIL: "mailto"}
# What a new form asks for, and how many empty rows wait below those that are filled.
FIRST_KINDS = (Reach.Kind.PHONE, Reach.Kind.EMAIL, Reach.Kind.WECHAT)
PRIMARY = "1"


@dataclass(frozen=True, slots=True)
class Line:
    """One way to reach somebody, as this person may read it; `link` opens the program for it."""

    kind: str
    icon: str
    what: str
    text: str
    link: str
    label: str
    is_unverified: bool
    is_masked: bool = False

    @property
    def may_be_revealed(self) -> bool:
        """Say whether the page that reveals a value knows this one: it reveals the primary ones."""
        return self.is_masked and self.kind in _SCHEMES


def reach_line(user: User, reach: Reach) -> Line | None:
    """Return what `user` reads of a number or an address of somebody whom they see; nothing where it is hidden."""
    model = Customer if reach.contact_id is None else Contact
    access = field_access(user, model)
    value = access.shown(reach.kind, reach.value)
    if not value:
        return None
    is_read = access.reads(reach.kind)
    scheme = _SCHEMES.get(Reach.Kind(reach.kind)) if is_read else None
    return Line(
        kind=reach.kind,
        icon=ICONS[reach.kind],
        what=reach.get_kind_display(),
        text=masked_phone(reach.value) if is_read and reach.kind == Reach.Kind.PHONE else str(value),
        link=f"{scheme}:{reach.value}" if scheme else "",
        label=reach.label,
        is_unverified=is_read and reach.state == PhoneState.UNVERIFIED,
        is_masked=not is_read and reach.position == 0,
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the form in which people write down how somebody is reached."""

    kind: str
    value: str = ""
    label: str = ""
    is_primary: bool = False


@dataclass(frozen=True, slots=True)
class ReachRows:
    """All rows of such a form, and what was wrong with them."""

    rows: Sequence[Row]
    error: str = ""

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in Reach.Kind.choices]

    @property
    def labels(self) -> list[str]:
        """What people mostly write beside a number."""
        return [
            gettext("手机"),
            gettext("办公室"),
            gettext("前台"),
            gettext("家里"),
            gettext("财务"),
        ]


def form_rows(given: Iterable[NewReach | Reach], error: str = "") -> ReachRows:
    """Return the rows with what is there, and empty ones below."""
    rows: list[Row] = []
    kinds: set[str] = set()
    for one in given:
        rows.append(Row(one.kind, one.value, one.label, one.kind not in kinds))
        kinds.add(one.kind)
    empty = [Row(kind) for kind in FIRST_KINDS if kind not in kinds] or [Row(Reach.Kind.PHONE)]
    return ReachRows([*rows, *empty], error)


def read_rows(data: QueryDict) -> list[NewReach]:
    """Return what was typed, in order; what is marked as primary stands first of its kind."""
    columns = (data.getlist(f"reach_{name}") for name in ("kind", "value", "label", "rank"))
    rows = list(zip(*columns, strict=False))
    rows.sort(key=lambda row: row[3] != PRIMARY)
    return [NewReach(kind, value, label) for kind, value, label, _ in rows if value.strip()]
