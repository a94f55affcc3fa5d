"""Tasks by keyboard, dragged in the calendar, logged without a mouse and without a connection, on a telephone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.entering import come_in

TELEPHONE = {"width": 390, "height": 844}


@pytest.fixture
def thursday(settings):
    """A day in the middle of a week and of a month, so that a calendar shows those around it."""
    settings.ZHIKE_NOW = datetime(2026, 11, 19, 1, tzinfo=UTC)


@pytest.fixture
def tasks(thursday, shop):
    """Four tasks of 林晓雯: one overdue, two of today, one with a time; the hotel's are two of them."""
    from tests.factories import SHANGHAI
    from zhike.accounts.models import User
    from zhike.base.clock import now, today
    from zhike.followups.models import Plan, Task

    Plan.objects.all().delete()  # with what the classes of the hotel have begun
    alice, day = User.objects.get(email="lin@example.com"), today(SHANGHAI)
    made = {
        "report": ("写周报", -2, None, "todo", None),
        "call": ("确认续签报价", 0, None, "call", shop["hotel"]),
        "visit": ("年度维保续签", 0, time(10, 30), "visit", shop["hotel"]),
        "later": ("补发合同附件", 3, None, "email", None),
    }
    return {
        key: Task.objects.create(
            title=title,
            owner=alice,
            creator=alice,
            due_on=day + timedelta(days=days),
            due_at=at,
            kind=kind,
            customer_id=customer,
            created_at=now(),
        )
        for key, (title, days, at, kind, customer) in made.items()
    }


def check(page) -> None:
    """Let axe look at a state that no address has (test_axe.py visits those): no fault that is serious."""
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}).response["violations"]
    serious = [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in {"serious", "critical"}]
    assert serious == []


def test_the_list_is_walked_done_and_snoozed_by_keys(page, tasks, look):
    come_in(page, path="/tasks/")
    look("list-1440")
    page.keyboard.press("j")
    expect(page.locator(".is-active")).to_contain_text("写周报")
    page.keyboard.press("e")
    dialog = page.get_by_role("dialog", name="完成")
    expect(dialog.get_by_label("说明")).to_be_focused()
    page.keyboard.type("交了")
    look("done")
    check(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").last).to_contain_text("完成了：写周报")
    expect(page.locator(".is-active")).to_contain_text("确认续签报价")
    page.keyboard.press("s")
    expect(page.get_by_role("dialog", name="推迟")).to_be_visible()
    page.keyboard.type("+2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").last).to_contain_text("推迟到")
    expect(page.locator("#tasks")).not_to_contain_text("确认续签报价")
    tasks["report"].refresh_from_db()
    assert (tasks["report"].state, tasks["report"].outcome_text) == ("done", "交了")
    page.keyboard.press("t")
    page.keyboard.type("明天 9:00 给沈工打电话 !")
    page.keyboard.press("Enter")
    expect(page.locator("#tasks")).to_contain_text("给沈工打电话")


def test_a_task_is_dragged_in_the_calendar_and_moved_by_keys(page, tasks, look):
    from zhike.followups.models import Task

    come_in(page, path="/tasks/calendar/?view=month")
    event = page.locator(f'[data-task="{tasks["later"].pk}"]')
    expect(event).to_be_visible()
    look("month")
    check(page)
    here = page.locator(f'[data-task="{tasks["later"].pk}"]').bounding_box()
    there = page.locator(f'[data-task="{tasks["report"].pk}"]').bounding_box()
    page.mouse.move(here["x"] + 20, here["y"] + 8)
    page.mouse.down()
    page.mouse.move(there["x"] + 30, there["y"] + 6, steps=8)
    page.mouse.up()
    expect(page.get_by_role("status").last).to_contain_text("移到")
    task = Task.objects.get(pk=tasks["later"].pk)
    assert (task.due_on, task.version) == (tasks["report"].due_on, 2)

    # By keyboard a day further.
    page.locator(f'[data-task="{task.pk}"]').focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("[data-calendar-said]")).to_contain_text("移到 昨天")
    expect(page.locator(f'[data-task="{task.pk}"]')).to_be_focused()
    task.refresh_from_db()
    assert (task.due_on, task.version) == (tasks["report"].due_on + timedelta(days=1), 3)
    page.goto("/tasks/calendar/?view=week")
    expect(page.locator(f'[data-task="{tasks["visit"].pk}"]')).to_contain_text("10:30")
    look("week")


def test_what_somebody_else_moved_meanwhile_goes_back_with_the_reason(context, tasks):
    from zhike.followups.models import Task

    page = context.new_page()  # its console may complain
    come_in(page, path="/tasks/calendar/?view=month")
    event = page.locator(f'[data-task="{tasks["later"].pk}"]')
    expect(event).to_be_visible()
    Task.objects.filter(pk=tasks["later"].pk).update(version=9)
    event.focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.get_by_role("alert").last).to_contain_text("放回去了：这项任务刚被别人改过")
    task = Task.objects.get(pk=tasks["later"].pk)
    assert (task.due_on, task.version) == (tasks["later"].due_on, 9)
    expect(event).to_have_attribute("aria-label", f"邮件: 补发合同附件, {task.due_on}")


def test_a_card_is_moved_on_the_board_by_keys(page, tasks, look):
    from zhike.followups.models import Task

    come_in(page, path="/tasks/board/")
    look("board")
    page.locator(f'[data-card="{tasks["call"].pk}"]').focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_role("status").last).to_contain_text("确认续签报价 移到 明天")
    assert Task.objects.get(pk=tasks["call"].pk).due_on == tasks["call"].due_on + timedelta(days=1)


def test_a_contact_is_logged_by_keyboard_only_from_a_row(page, tasks, look, shop):
    from zhike.followups.models import Task
    from zhike.timeline.models import Event

    come_in(page, path="/customers/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tr.is-active")).to_contain_text("上海梧桐里酒店管理")
    page.keyboard.press("l")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("记录内容")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(dialog.get_by_role("radio", name="电话")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("续签没有疑虑")
    page.keyboard.press("Tab")
    page.keyboard.type("滤芯单价再低一点就签")
    dialog.get_by_label("下一步").focus()
    page.keyboard.type("寄新报价")
    page.keyboard.press("Tab")
    page.keyboard.type("+3")
    look("log")
    check(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").last).to_contain_text("已记录。下一步")
    event = Event.objects.get(customer=shop["hotel"], kind="call.made")
    assert (event.data["text"], event.data["said"]) == ("续签没有疑虑", "滤芯单价再低一点就签")
    step = Task.objects.get(title="寄新报价")
    assert (step.customer_id, step.kind, step.due_on) == (shop["hotel"], "call", _day(3))


def test_single_keys_rest_while_a_dialog_is_open(page, tasks):
    come_in(page, path="/customers/")
    page.keyboard.press("j")
    page.keyboard.press("l")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("记录内容")).to_be_focused()
    row = page.locator("tr.is-active").inner_text()
    page.keyboard.press("Shift+Tab")
    for key in ("j", "s", "c", "i", "o"):
        page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_have_count(1)
    expect(page.locator("#peek")).to_be_hidden()
    assert (page.locator("tr.is-active").inner_text(), page.url.endswith("/customers/")) == (row, True)
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    page.keyboard.press("c")
    page.wait_for_url("**/customers/new/")
    expect(page.get_by_label("名称")).to_be_focused()


def test_a_box_of_a_condition_is_ticked_by_the_space_bar_and_stands_beside_its_word(page, tasks):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    come_in(page, path="/customers/conditions/?new=1")
    page.get_by_role("button", name="加条件").click()
    page.keyboard.type("客户价值")
    page.keyboard.press("Enter")
    box = page.locator("[data-part=value0]")
    expect(box).to_be_focused()
    page.keyboard.press("Space")
    expect(box).to_be_checked()
    middle = "e => { const { top, height } = e.getBoundingClientRect(); return top + height / 2; }"
    assert abs(box.evaluate(middle) - box.locator("..").evaluate(middle)) <= 1
    assert errors == []


def _day(days: int) -> date:
    from tests.factories import SHANGHAI
    from zhike.base.clock import today

    return today(SHANGHAI) + timedelta(days=days)


def test_a_telephone_shows_tasks_in_its_width(page, tasks, look):
    page.set_viewport_size(TELEPHONE)
    for name, path in {"list": "/tasks/", "task": f"/tasks/{tasks['visit'].pk}/", "day": "/tasks/calendar/"}.items():
        come_in(page, path=path)
        look(f"{name}-390")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_what_asks_on_a_telephone_lies_along_its_whole_lower_edge(page, tasks):
    page.set_viewport_size(TELEPHONE)
    come_in(page, path=f"/tasks/{tasks['call'].pk}/")
    page.get_by_role("link", name="推迟").first.click()
    box = page.get_by_role("dialog", name="推迟").bounding_box()
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, TELEPHONE["width"], TELEPHONE["height"])


def test_on_a_telephone_without_a_connection_a_log_is_kept_and_sent_once(context, shop):
    from zhike.timeline.models import Event

    page = context.new_page()  # its console may complain
    page.set_viewport_size(TELEPHONE)
    come_in(page, path=f"/customers/{shop['hotel']}/")
    page.get_by_role("link", name="记录", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("记录内容").fill("地下室没有信号")
    page.route("**/log/panel/**", lambda route: route.abort())
    dialog.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").last).to_contain_text("存在这台设备上")
    assert not Event.objects.filter(customer=shop["hotel"], kind="call.made").exists()
    page.unroute("**/log/panel/**")
    page.goto("/tasks/")
    expect(page.get_by_role("status").last).to_contain_text("补记了 1 条记录")
    page.reload()
    assert [event.data["text"] for event in Event.objects.filter(customer=shop["hotel"], kind="call.made")] == [
        "地下室没有信号"
    ]
    assert page.evaluate("localStorage.getItem('unsent-logs')") == "[]"
