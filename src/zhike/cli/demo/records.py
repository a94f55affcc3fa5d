"""What the demo is made of before it is written: customers, their people, and what happened.

Plain values without a database, so that the same seed on the same day gives the same company.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from zhike.cli.demo.company import Firm


@dataclass(frozen=True, slots=True)
class DemoContact:
    """A person at a customer."""

    name: str
    title: str
    role: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """A company or a person, as it stands today. `owner` is an e-mail address or empty."""

    key: str
    kind: str
    name: str
    owner: str
    region: str
    city: str
    industry: str
    source: str
    size: str
    birthday: date | None
    created_on: date
    tags: tuple[str, ...]
    phone: str
    email: str
    next_contact_on: date | None
    contacts: tuple[DemoContact, ...]
    custom: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DemoEvent:
    """One thing that happened. `by` is an e-mail address, `contact` the name of one of the customer's people."""

    customer: str
    kind: str
    at: datetime
    by: str = ""
    contact: str = ""
    channel: str = ""
    amount: int | None = None
    subject_type: str = ""
    subject_id: str = ""
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Demo:
    """The whole company: `events` in the order in which they happened."""

    firm: Firm
    customers: tuple[DemoCustomer, ...]
    events: tuple[DemoEvent, ...]
