"""Chromium for the journeys: `browser` gives a page on a live site, `look` keeps a picture of it.

Where no Chromium is installed these tests are skipped; in CI (CI=true) they fail instead.
"""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",  # root has none to give
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--font-render-hinting=none",
]
# Pictures are kept when a folder for them is named.
PICTURES = os.environ.get("PICTURES")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))  # one Chromium is enough
            if not item.get_closest_marker("django_db"):
                item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="module")  # its event loop must be gone before the other tests of this worker
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        missing = "Chromium is not installed (apt-get install chromium), so no browser test ran"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    # Playwright's sync interface runs an event loop in this thread, and Django would take its
    # own synchronous code for code inside that loop.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def context(chromium: Browser, live_server) -> Iterator[BrowserContext]:
    context = chromium.new_context(
        base_url=live_server.url,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": 1440, "height": 900},
        reduced_motion="reduce",
        service_workers="block",  # they would fetch what a test answers itself (test_offline.py)
    )
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page; an error in its console, or a file it could not load, fails the test."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    yield page
    assert errors == []


@pytest.fixture
def look(page: Page, request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Keep a picture of the page, named after the test and what it shows."""

    def keep(name: str) -> None:
        if PICTURES:
            path = Path(PICTURES) / f"{request.node.originalname}-{name}.png"
            page.screenshot(path=path, full_page=True)

    return keep


@pytest.fixture
def shop(transactional_db):
    """Alice with three customers: one of high value, one dormant, one new."""
    from tests.scenes import once

    return once("a shop", _open_shop)


def _open_shop():
    from tests.factories import SHANGHAI, make_customer, make_event, make_team, make_user
    from zhike.accounts.actions import set_company
    from zhike.base.clock import today
    from zhike.classification.actions.packs import install_pack

    day = today(SHANGHAI)
    set_company(by=None, name="清源水科技", timezone="Asia/Shanghai", currency="CNY")
    install_pack(pack="general", by=None)
    alice = make_user("林晓雯", email="lin@example.com", team=make_team("华东直销组"))
    hotel = make_customer("上海梧桐里酒店管理", owner=alice, kind="company", city="上海", next_contact_on=day)
    make_event(hotel, "order.placed", day - timedelta(days=100), amount=1_000)
    make_event(hotel, "order.placed", day - timedelta(days=10), amount=24_000_000)
    sleeper = make_customer(
        "杭州文通路书店", owner=alice, kind="company", city="杭州", created_on=day - timedelta(days=400)
    )
    make_event(sleeper, "call.made", day - timedelta(days=120))
    make_customer("陈思远", owner=alice, kind="person", city="北京")
    return {"hotel": hotel.pk, "sleeper": sleeper.pk}


@pytest.fixture
def waiting(transactional_db):
    """Beside the shop three demotions that wait for 林晓雯, the newest first in the queue, and a notification."""
    from tests.scenes import once

    return once("a shop where something waits", _let_wait)


def _let_wait():
    from tests.factories import make_customer
    from zhike.accounts.models import User
    from zhike.base.clock import now
    from zhike.classification.models import Notification, Review

    shop = _open_shop()
    alice = User.objects.get(email="lin@example.com")
    for number, name in enumerate(("苏州锦观物业", "南京栖云酒店", "宁波海岸线民宿")):
        Review.objects.create(
            customer=make_customer(name, owner=alice, kind="company"),
            dimension="activity",
            kind="demotion",
            from_key="active",
            to_key="dormant",
            created_at=now() + timedelta(seconds=number),
        )
    Notification.objects.create(
        user=alice,
        kind="changed",
        customer_id=shop["hotel"],
        dimension="value",
        from_key="regular",
        to_key="high",
        created_at=now(),
    )
    return shop
