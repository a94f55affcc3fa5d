"""The people of the factories, signed in, and rules in force.

Django is not set up yet when this file is read, hence the imports inside.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tests.factories import People
    from zhike.accounts.models import User
    from zhike.customers.models import Customer


@pytest.fixture
def people(db) -> People:
    from tests.factories import make_people
    from tests.scenes import once

    return once("people", make_people)


@pytest.fixture
def rules(db) -> None:
    from tests.scenes import once
    from zhike.accounts.actions import set_company
    from zhike.classification.actions.packs import install_pack
    from zhike.followups.models import PlanTemplate

    def build() -> None:
        set_company(by=None, name="清源水科技", timezone="Asia/Shanghai", currency="CNY")
        install_pack(pack="general", by=None)
        # No class begins a plan, so that nobody has tasks but those of the test.
        PlanTemplate.objects.update(is_active=False)

    once("a company with the general rules", build)


@pytest.fixture
def planned(rules) -> None:
    """The plan templates of the rules are those of the pack again."""
    from zhike.followups.models import PlanTemplate

    PlanTemplate.objects.update(is_active=True)


@pytest.fixture
def signed_in(db) -> Callable[[User], Client]:
    from django.test import Client

    def client(user: User) -> Client:
        made = Client()
        made.force_login(user)
        return made

    return client


@pytest.fixture
def alice(people, rules, signed_in) -> Client:
    return signed_in(people.alice)


@pytest.fixture
def hotel(people, rules) -> Customer:
    """A customer of Alice's who bought for ¥240,000 ten days ago: high value, won."""
    from tests.factories import SHANGHAI, make_customer, make_event
    from tests.scenes import once
    from zhike.base.clock import today

    def build() -> Customer:
        customer = make_customer(
            "上海梧桐里酒店管理", owner=people.alice, kind="company", city="上海", region="华东", phone="138 0013 8000"
        )
        make_event(customer, "order.placed", today(SHANGHAI) - timedelta(days=10), amount=24_000_000)
        return customer

    return once("a hotel of Alice's", build)
