"""A day that is worked off without a mouse, and the homes on a phone."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.entering import come_in

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def day(waiting):
    """What 林晓雯 has to do: overdue without a customer, two tasks for the hotel, a sleeper of high value."""
    from tests.factories import SHANGHAI, make_customer, make_event
    from zhike.accounts.models import User
    from zhike.base.clock import now, today
    from zhike.classification.models import Placement
    from zhike.customers.models import Customer
    from zhike.followups.actions.tasks import create_task
    from zhike.followups.models import Plan, PlanTemplate, Task

    # No plan but what the tests say.
    Task.objects.all().delete()
    Plan.objects.all().delete()
    PlanTemplate.objects.update(is_active=False)
    Customer.objects.exclude(pk=waiting["hotel"]).update(next_contact_on=None, planned_contact_on=None)
    alice, on = User.objects.get(email="lin@example.com"), today(SHANGHAI)
    hotel = Customer.objects.get(pk=waiting["hotel"])
    Task.objects.create(owner=alice, title="整理报价模板", due_on=on - timedelta(days=3), created_at=now())
    create_task(by=alice, customer=hotel, kind="visit", title="续签拜访", due_on=on, due_at=time(0, 1))
    sleeper = make_customer(
        "南京栖云茶楼", owner=alice, kind="company", city="南京", next_contact_on=on + timedelta(days=90)
    )
    for ago in (300, 240, 180, 120):
        make_event(sleeper, "order.placed", on - timedelta(days=ago), amount=6_000_000, data={"title": "滤芯"})
    assert Placement.objects.get(customer=sleeper, dimension="value").class_key == "high"
    return waiting


def walk_to(page: Page, what: str) -> None:
    """Press J until one of these has the focus."""
    for _ in range(14):
        if page.locator(f"{what}.is-active").count():
            return
        page.keyboard.press("j")


def test_a_day_is_worked_off_by_keyboard(page: Page, day, look):
    from tests.factories import SHANGHAI
    from zhike.base.clock import today
    from zhike.customers.models import Customer
    from zhike.followups.models import Task
    from zhike.timeline.models import Event

    come_in(page)
    expect(page.get_by_role("heading", name="我的跟进")).to_be_visible()
    expect(page.locator(".zk-kpi .zk-num").first).not_to_be_empty()
    look("start")

    page.keyboard.press("j")
    expect(page.locator(".zk-line.is-active")).to_contain_text("杭州文通路书店")
    page.keyboard.press("z")
    expect(page.get_by_role("button", name="明天", exact=True)).to_be_focused()
    look("later")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_text("杭州文通路书店：")).to_be_visible()
    assert Customer.objects.get(name="杭州文通路书店").next_contact_on == today(SHANGHAI) + timedelta(days=3)

    expect(page.locator(".zk-line.is-active")).to_contain_text("整理报价模板")
    page.keyboard.press("e")
    expect(page.get_by_text("完成了：整理报价模板")).to_be_visible()
    assert Task.objects.get(title="整理报价模板").state == "done"

    # The next row has the focus; what it is about is written down in its place.
    active = page.locator(".zk-line.is-active")
    expect(active).to_contain_text("上海梧桐里酒店管理")
    page.keyboard.press("l")
    expect(page.locator(".zk-line-form textarea")).to_be_focused()
    look("log")
    page.keyboard.press("Escape")
    expect(page.locator(".zk-line-form")).to_have_count(0)
    page.keyboard.press("l")
    expect(page.locator(".zk-line-form textarea")).to_be_focused()
    page.keyboard.type("谈到续签两年")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("完成了：续签拜访")).to_be_visible()
    event = Event.objects.get(kind="visit.made")
    assert (event.data["text"], event.customer_id) == ("谈到续签两年", day["hotel"])

    # What waits to be reviewed, and whom to wake.
    page.reload()
    expect(page.locator(".zk-sleeper")).to_be_visible()
    walk_to(page, ".zk-review")
    page.keyboard.press("y")
    expect(page.locator(".zk-review")).to_have_count(3)
    walk_to(page, ".zk-sleeper")
    expect(page.locator(".zk-sleeper")).to_contain_text("「滤芯」约 60 天买一次，已过 60 天")
    page.keyboard.press("t")
    expect(page.get_by_text("南京栖云茶楼：排进了今天")).to_be_visible()
    assert Task.objects.get(customer__name="南京栖云茶楼").title == "唤醒：滤芯该补了"


def test_on_a_phone_everything_is_within_reach(page: Page, day, look):
    page.set_viewport_size({"width": 390, "height": 844})
    come_in(page)
    expect(page.locator(".zk-line").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    look("phone")
    first = page.locator(".zk-line").first
    for one in (first.locator(".zk-tick"), first.get_by_text("记录"), first.locator("summary")):
        box = one.bounding_box()
        assert box is not None
        assert box["height"] >= 28
    page.locator(".zk-line", has_text="梧桐里").get_by_text("记录").click()
    expect(page.locator(".zk-line-form textarea")).to_be_focused()
    look("phone-log")


def test_the_page_of_a_customer_advises_and_leads_to_a_brief(page: Page, day, look):
    from zhike.customers.models import Customer
    from zhike.followups.models import Advice

    come_in(page)
    sleeper = Customer.objects.get(name="南京栖云茶楼")
    page.goto(f"/customers/{sleeper.pk}/")
    advice = page.locator("#advice .zk-advice")
    expect(advice.filter(has_text="该补「滤芯」了")).to_be_visible()
    look("advice")
    one = advice.filter(has_text="该补「滤芯」了")
    one.get_by_label("为什么不做").select_option("not_now")
    one.get_by_role("button", name="不做").click()
    expect(page.get_by_text("记下了，这条先不再提")).to_be_visible()
    expect(advice.filter(has_text="该补「滤芯」了")).to_have_count(0)
    assert Advice.objects.get().reason == "not_now"
    page.get_by_role("link", name="拜访简报").click()
    expect(page.get_by_role("heading", name="这次要做什么")).to_be_visible()
    look("brief")
    page.emulate_media(media="print")
    expect(page.locator(".zk-side")).to_be_hidden()
    look("brief-print")


def test_what_leaves_is_counted_and_the_next_ones_come(page: Page, day):
    from tests.factories import SHANGHAI
    from zhike.accounts.models import User
    from zhike.base.clock import now, today
    from zhike.customers.models import Customer
    from zhike.followups.models import Task

    alice, on = User.objects.get(email="lin@example.com"), today(SHANGHAI)
    Task.objects.filter(state="open").delete()
    Customer.objects.update(next_contact_on=on + timedelta(days=90))
    late = [Task(owner=alice, title=f"补资料 {n}", due_on=on - timedelta(days=2), created_at=now()) for n in range(10)]
    Task.objects.bulk_create(late)
    come_in(page)
    work = page.locator("#work")
    group = work.locator(".zk-group").first
    lines = work.locator("[data-row]").filter(has_text="补资料")
    expect(group).to_have_text("逾期 10")
    expect(lines).to_have_count(8)
    for left in range(9, 2, -1):
        lines.first.get_by_role("button", name="完成").first.click()
        expect(group).to_have_text(f"逾期 {left}")
    lines.first.get_by_role("button", name="完成").first.click()
    expect(lines).to_have_count(2)  # those that were not drawn before
    expect(group).to_have_text("逾期 2")
    expect(work.locator(".zk-more")).to_have_count(0)
