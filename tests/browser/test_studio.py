"""Rules edited in Chromium: from a bound that is changed to the class of a customer, and back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.entering import come_in

DRAFT = "/classes/value/draft/"


@pytest.fixture
def people(shop):
    """An administrator and a leader of Alice's team beside the shop."""
    from tests.factories import make_user
    from zhike.accounts.models import Role, User

    team = User.objects.get(email="lin@example.com").team
    return {
        "ada": make_user("陈嘉怡", email="chen@example.com", role=Role.ADMIN),
        "bob": make_user("周敏", email="zhou@example.com", role=Role.MANAGER, team=team),
    }


@pytest.fixture
def draft(people):
    from zhike.classification.actions.drafts import start_draft

    return start_draft(dimension="value", by=people["ada"])


def sign_in(page, email="chen@example.com"):
    come_in(page, email, path="")


@pytest.fixture
def editor(page, draft):
    sign_in(page)
    page.goto(DRAFT)
    expect(page.locator(".zk-cls.is-open .zk-cb-row")).to_have_count(3)
    return page


def carry_out():
    from zhike.classification.tasks import carry_publications_through

    assert carry_publications_through.func() == 1


def class_of(pk):
    from zhike.classification.models import Placement

    return Placement.objects.get(customer=pk, dimension="value").class_key


def test_from_a_bound_to_the_class_of_a_customer_and_back(page, people, shop, look):
    sign_in(page)
    page.goto("/classes/value/")
    page.get_by_role("button", name="起草 v2").click()
    expect(page.locator(".zk-big")).to_have_text("0")

    bound = page.locator(".zk-cb-row").first.get_by_label("值")
    expect(bound).to_have_value("200,000")
    bound.fill("30 万")
    expect(page.locator(".zk-cb-read")).to_contain_text("近 365 天成交额不低于 ¥300,000")
    expect(page.locator(".zk-cb-row").first).to_contain_text("原 ¥200,000")
    expect(page.locator(".zk-cb-row").first.locator("[data-hit]")).to_have_text("0")
    expect(page.locator(".zk-big")).to_have_text("1")
    expect(page.locator("#impact")).to_contain_text("上海梧桐里酒店管理")
    expect(page.locator(".zk-cls").nth(1)).to_contain_text("1 → 0 位")
    expect(page.locator("#saved")).to_have_text("陈嘉怡 刚刚保存 · 1 处改动")
    look("draft")

    page.get_by_role("link", name="发布 v2").click()
    dialog = page.get_by_role("dialog", name="发布「客户价值」v2")
    expect(dialog).to_contain_text("1 位客户会换类")
    dialog.get_by_label("说明").fill("只看大客户")
    look("publish")
    dialog.get_by_role("button", name="发布 v2").click()
    expect(page.locator("#publication")).to_contain_text(re.compile("已预约|正在准备"))
    assert class_of(shop["hotel"]) == "high"
    carry_out()
    expect(page.locator("#publication")).to_contain_text("起按新规则判断")
    expect(page.locator("#publication")).to_contain_text("谁知道了")
    look("published")
    assert class_of(shop["hotel"]) == "regular"

    page.goto("/classes/value/")
    page.get_by_role("link", name="退回这一版").click()
    page.get_by_label("说明").fill("太严了")
    page.get_by_role("button", name="退回这一版").click()
    carry_out()
    expect(page.locator("#publication")).to_contain_text("起按新规则判断")
    assert class_of(shop["hotel"]) == "high"


def test_what_was_done_is_undone_and_redone_as_a_whole(editor):
    bound = editor.locator(".zk-cb-row").first.get_by_label("值")
    bound.fill("300,000")
    editor.get_by_role("button", name="加一类").click()
    expect(editor.locator(".zk-cls [data-chip]")).to_have_count(4)
    editor.keyboard.press("Control+z")
    expect(editor.locator(".zk-cls [data-chip]")).to_have_count(3)
    expect(bound).to_have_value("300,000")
    editor.keyboard.press("Control+z")
    expect(bound).to_have_value("200,000")
    editor.keyboard.press("Control+Shift+z")
    expect(bound).to_have_value("300,000")
    expect(editor.locator("#saved")).to_contain_text("1 处改动")


def test_two_people_who_edit_one_draft_lose_nothing(editor, context, people):
    other = context.browser.new_context(base_url=editor.url.split("/classes")[0], locale="zh-CN")
    theirs = other.new_page()
    sign_in(theirs, "zhou@example.com")
    theirs.goto(DRAFT)
    theirs.locator(".zk-cb-row").first.get_by_label("值").fill("111,000")
    expect(theirs.locator("#saved")).to_contain_text("周敏 刚刚保存")

    alone = context.new_page()
    alone.goto(DRAFT)
    stale = alone.locator(".zk-cb-row").first.get_by_label("值")
    expect(stale).to_have_value("111,000")
    theirs.locator(".zk-cb-row").first.get_by_label("值").fill("122,000")
    expect(theirs.locator("#saved")).to_contain_text("1 处改动")
    theirs.wait_for_timeout(1200)
    stale.fill("133,000")
    alert = alone.get_by_role("alert").filter(has_text="周敏")
    expect(alert).to_contain_text("周敏 刚刚也改了这份草稿")
    alert.get_by_role("button", name="复制我的内容").click()
    expect(alone.get_by_label("我的内容")).to_have_value(re.compile('"value": 13300000'))
    alone.on("dialog", lambda dialog: dialog.accept())
    alert.get_by_role("button", name="载入最新").click()
    expect(alone.locator(".zk-cb-row").first.get_by_label("值")).to_have_value("122,000")
    alone.close()
    other.close()


def test_classes_and_conditions_are_moved_by_keys(editor, draft):
    editor.locator(".zk-cls").nth(1).get_by_role("button", name="移动这一类").focus()
    editor.keyboard.press("ArrowDown")
    expect(editor.locator(".zk-cls [data-chip]").first).to_have_text("低价值")
    expect(editor.locator(".zk-cls").nth(2).get_by_role("button", name="移动这一类")).to_be_focused()
    grip = editor.locator(".zk-cb-row").first.get_by_role("button", name="移动条件")
    grip.focus()
    editor.keyboard.press("ArrowDown")  # into the group below
    expect(editor.locator(".zk-cb-nodes .zk-cb-block .zk-cb-row")).to_have_count(3)
    expect(editor.locator(".zk-cb-row").first.get_by_role("button", name="移动条件")).to_be_focused()
    expect(editor.locator("#saved")).to_contain_text("处改动")
    draft.refresh_from_db()
    assert [c["key"] for c in draft.data["classes"]] == ["low", "high"]
    assert [t["field"] for t in draft.data["classes"][1]["when"]["any"][0]["all"]] == [
        "metric.revenue",
        "metric.orders",
        "metric.days_since_order",
    ]


def test_a_field_is_found_by_its_initials_and_used_by_keys(editor, draft):
    editor.locator("#editor [data-add=test]").last.focus()
    editor.keyboard.press("Enter")
    editor.keyboard.type("cs")
    expect(editor.get_by_role("option", name="城市")).to_be_visible()
    editor.keyboard.press("Enter")
    expect(editor.locator(".zk-cb-row").last).to_contain_text("还没有填值。")
    expect(editor.locator(".zk-cb-row").last.locator("[data-error]")).to_be_hidden()  # whoever is typing knows
    editor.keyboard.type("上海，杭州")
    editor.keyboard.press("Enter")
    expect(editor.locator(".zk-cb-read")).to_contain_text("或者城市是上海或杭州")
    editor.locator(".zk-cb-row").last.get_by_label("怎样比较").select_option("not_in")
    chip = editor.get_by_role("button", name="含未填写 (0)")
    expect(chip).to_have_attribute("aria-pressed", "true")
    chip.click()
    expect(editor.locator(".zk-cb-read")).to_contain_text("（城市不是上海或杭州，并且填写了城市）")
    expect(chip).to_have_attribute("aria-pressed", "false")
    chip.click()
    expect(editor.locator(".zk-cb-read")).to_contain_text("或者城市不是上海或杭州")
    expect(editor.locator("#saved")).to_contain_text("1 处改动")
    draft.refresh_from_db()
    assert draft.data["classes"][0]["when"]["any"][-1] == {
        "field": "customer.city",
        "op": "not_in",
        "value": ["上海", "杭州"],
    }


def test_a_click_straight_out_of_a_field_is_not_lost(editor, draft):
    editor.locator("#editor [data-add=test]").last.click()
    editor.keyboard.type("cs")
    editor.keyboard.press("Enter")
    editor.keyboard.type("上海，")
    editor.keyboard.type("杭州")
    row = editor.locator(".zk-cb-row").last
    row.get_by_role("button", name="去掉 上海").click()
    expect(row.locator(".zk-chip")).to_have_text(["杭州×"])

    first = editor.locator(".zk-cb-row").first
    first.get_by_label("多长时间").select_option("other")
    first.get_by_label("近多少天").fill("1000")
    first.get_by_role("button", name="移动条件").click()
    expect(first.get_by_role("button", name="移动条件")).to_be_focused()
    expect(first.get_by_label("近多少天")).to_have_count(0)
    expect(first.get_by_label("多长时间")).to_have_value("1000")
    expect(editor.locator("#saved")).to_contain_text("2 处改动")
    draft.refresh_from_db()
    when = draft.data["classes"][0]["when"]["any"]
    assert (when[0]["over"], when[-1]["value"]) == ({"days": 1000}, ["杭州"])


def test_a_bound_may_be_a_share_of_the_customers(editor):
    row = editor.locator(".zk-cb-row").first
    row.get_by_label("怎样比较").select_option(label="在前百分之")
    row.get_by_label("百分之几").fill("50")
    expect(row).to_contain_text("现在是 ¥240,010")
    expect(editor.locator(".zk-cb-read")).to_contain_text("（前 50%）")


def test_pasted_text_with_a_mistake_is_answered_by_its_line(context, draft):
    page = context.new_page()  # a tab whose console may complain of what the server refuses
    sign_in(page)
    page.goto(DRAFT)
    page.locator("#editor [data-text]").click()
    dialog = page.get_by_role("dialog", name="条件的文本")
    text = dialog.get_by_label("条件的文本")
    expect(text).to_have_value(re.compile(r"any:\n- .*field: metric.revenue", re.DOTALL))
    text.fill("any:\n  - {field: metric.revenue, op: gte, value: 500}\n  - {field: metric.orders, op: gte, value: x}")
    dialog.get_by_role("button", name="用这段替换").click()
    expect(dialog.get_by_role("alert")).to_have_text("第 3 行 any[1].value 应为整数，这里是 'x'。")
    text.fill("{field: metric.revenue, op: gte, value: 50000}")
    dialog.get_by_role("button", name="用这段替换").click()
    expect(page.locator(".zk-cb-read")).to_have_text("成交额不低于 ¥500")


def test_a_class_that_goes_says_where_people_go(editor, draft):
    editor.locator(".zk-cls").nth(2).get_by_role("button", name="更多").click()
    editor.get_by_role("menuitem", name="停用这一类…").click()
    dialog = editor.get_by_role("dialog", name=re.compile("停用"))
    dialog.get_by_label("改到").select_option(label="高价值")
    dialog.get_by_role("button", name="好").click()
    expect(editor.locator(".zk-cls [data-chip]")).to_have_count(2)
    expect(editor.locator("#saved")).to_contain_text("1 处改动")
    draft.refresh_from_db()
    assert ([c["key"] for c in draft.data["classes"]], draft.moved) == (["high"], {"low": "high"})


def test_names_looks_and_service_are_edited_beside_the_condition(editor, draft):
    card = editor.locator(".zk-cls.is-open")
    card.get_by_text("名称与外观").click()
    card.get_by_label("名称", exact=True).fill("重点客户")
    card.get_by_label("键（条件和导出里用它）").fill("top")
    card.get_by_label("朱砂").check(force=True)
    card.get_by_text("服务标准").click()
    card.get_by_label("多久联系一次").fill("")
    card.get_by_label("邮件").check()
    expect(card.locator("[data-chip]")).to_have_text("重点客户")
    expect(editor.locator("#saved")).to_contain_text("处改动")
    editor.wait_for_timeout(900)
    draft.refresh_from_db()
    found = draft.data["classes"][0]
    assert (found["label"], found["key"], found["tone"]) == ({"zh": "重点客户", "en": "High value"}, "top", "cinnabar")
    assert ("cadence_days" in found["service"], found["service"]["methods"][-1]) == (False, "email")
    assert draft.moved == {"high": "top"}
    assert "#" not in found


def test_keys_rest_while_a_pinyin_is_composed(editor):
    editor.locator("#editor [data-add=test]").last.click()
    search = editor.get_by_role("combobox", name="找字段")
    search.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    expect(search).to_be_visible()
    editor.keyboard.press("Escape")
    expect(search).to_be_hidden()
    expect(editor.locator(".zk-cb-row")).to_have_count(3)


@pytest.mark.parametrize("width", [320, 390, 768])
def test_small_screens_never_scroll_sideways(editor, look, width):
    editor.set_viewport_size({"width": width, "height": 844})
    for path in ("/classes/", "/classes/value/", "/classes/value/compare/", DRAFT, "/classes/new/"):
        editor.goto(path)
        editor.wait_for_timeout(300)
        assert editor.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    editor.goto(DRAFT)
    look(f"phone-{width}")


def test_the_draft_is_edited_as_text_without_javascript(chromium, live_server, draft):
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    sign_in(page)
    page.goto(DRAFT)
    expect(page.locator(".zk-class-list")).to_contain_text("近 365 天成交额不低于 ¥200,000")
    page.get_by_text("按文本编辑").click()
    text = page.get_by_label("草稿的文本")
    text.fill(text.input_value().replace("value: 20000000", "value: 30000000"))
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_role("status").first).to_contain_text("草稿已保存")
    expect(page.locator(".zk-class-list")).to_contain_text("¥300,000")
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_texts_have_enough_contrast(editor, theme):
    from tests.browser.test_contrast import CONTRAST

    editor.emulate_media(color_scheme=theme)
    for path in ("/classes/", "/classes/value/", "/classes/value/compare/", "/classes/new/", DRAFT):
        editor.goto(path)
        editor.wait_for_timeout(500)
        assert editor.evaluate(CONTRAST) == [], path
    editor.locator(".zk-cb-row").first.get_by_label("值").fill("300,000")
    expect(editor.locator(".zk-big")).to_have_text("1")
    for summary in editor.locator("summary").all():
        summary.click()
    editor.locator("[data-toggle]").first.click()
    assert editor.evaluate(CONTRAST) == []


def test_two_classes_become_one_with_either_condition(editor, draft):
    editor.locator(".zk-cls").nth(2).get_by_role("button", name="更多").click()
    editor.get_by_role("menuitem", name="合并到另一类…").click()
    dialog = editor.get_by_role("dialog", name=re.compile("合并"))
    dialog.get_by_role("button", name="好").click()
    expect(editor.locator(".zk-cls [data-chip]")).to_have_count(2)
    expect(editor.locator("#saved")).to_contain_text("处改动")
    before = draft.data
    draft.refresh_from_db()
    (high,) = draft.data["classes"]
    assert high["when"]["any"] == [*before["classes"][0]["when"]["any"], before["classes"][1]["when"]]
    assert draft.moved == {"low": "high"}


def drag(page, grip, onto):
    """Move as a hand does, in small steps, to just above the middle of another grip."""
    grip.hover()
    page.mouse.down()
    box = onto.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 - 6, steps=20)
    page.mouse.up()


def test_classes_and_conditions_are_dragged(editor, draft):
    grips = editor.locator("[data-classes] .card-header [data-grip]")
    drag(editor, grips.nth(1), grips.nth(0))
    expect(editor.locator(".zk-cls [data-chip]").first).to_have_text("低价值")
    rows = editor.locator(".zk-cls.is-open .zk-cb-nodes .zk-cb-block .zk-cb-row [data-grip]")
    drag(editor, rows.nth(1), rows.nth(0))
    expect(editor.locator(".zk-cb-nodes .zk-cb-block [data-field]").first).to_contain_text("距上次下单")
    expect(editor.locator("#saved")).to_contain_text("处改动")
    editor.wait_for_timeout(900)
    draft.refresh_from_db()
    assert [c["key"] for c in draft.data["classes"]] == ["low", "high"]
    inner = draft.data["classes"][1]["when"]["any"][1]["all"]
    assert [test["field"] for test in inner] == ["metric.days_since_order", "metric.orders"]


def test_dimensions_are_moved_by_keys(editor):
    from zhike.classification.models import Scheme

    editor.locator('[data-dimension="value"] a').focus()
    with editor.expect_response("**/classes/order/"):
        editor.keyboard.press("Alt+ArrowUp")
    expect(editor.locator('[data-dimension="value"] a')).to_be_focused()
    assert list(Scheme.objects.values_list("dimension", flat=True))[:3] == ["status", "value", "activity"]
