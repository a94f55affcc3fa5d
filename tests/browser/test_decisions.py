"""People over rules in Chromium: overruling, reviewing by keys, hearing of it, changing many."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.entering import come_in
from tests.factories import PASSWORD


@pytest.fixture
def alice(page, waiting):
    """A page on which 林晓雯 has signed in."""
    come_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("好，晓雯$"))
    return page


def states():
    from zhike.classification.models import Review

    return dict(Review.objects.exclude(state="obsolete").values_list("customer__name", "state"))


def test_a_class_is_overruled_with_a_reason_and_the_panel_says_what_the_rules_say(alice, waiting, look):
    alice.goto(f"/customers/{waiting['hotel']}/")
    alice.get_by_role("link", name="客户价值：高价值，看依据").click()
    panel = alice.get_by_role("dialog")
    expect(panel).to_be_visible()
    alice.keyboard.press("o")
    form = panel.get_by_role("form", name="人工指定")
    expect(form).to_be_visible()
    form.get_by_text("低价值", exact=True).click()
    form.get_by_label("理由").fill("尾款拖着没付")
    form.get_by_text("30 天", exact=True).click()
    look("form")
    alice.keyboard.press("Control+Enter")
    expect(alice.get_by_role("status")).to_contain_text("客户价值已指定为低价值，到 ")
    expect(panel).to_have_count(0)
    opener = alice.get_by_role("link", name="客户价值：低价值，人工指定，看依据")
    expect(opener).to_be_focused()
    expect(alice.locator(".zk-tl")).to_contain_text("尾款拖着没付")
    opener.click()
    expect(panel).to_contain_text("规则现在会判为")
    expect(panel).to_contain_text("高价值")
    expect(panel.locator(".zk-why-hist .m")).to_contain_text("林晓雯指定")
    look("held")
    panel.get_by_role("button", name="撤销指定").click()
    expect(alice.get_by_role("status").last).to_contain_text("客户价值交还规则判定")
    expect(alice.get_by_role("link", name="客户价值：高价值，看依据")).to_be_visible()


def test_without_a_reason_it_is_refused_in_the_panel_and_the_choice_stays(alice, waiting, context):
    page = context.new_page()  # whose console may complain of the refusal
    page.goto(f"/customers/{waiting['hotel']}/")
    page.get_by_role("link", name="客户价值：高价值，看依据").click()
    page.get_by_role("link", name="人工指定").click()
    form = page.get_by_role("form", name="人工指定")
    form.get_by_text("低价值", exact=True).click()
    form.get_by_role("button", name="指定").click()
    expect(form).to_contain_text("写一句理由，别人看到才明白。")
    expect(form.locator("[value='value.low']")).to_be_checked()
    expect(page.get_by_role("dialog")).to_have_count(1)


def test_what_was_begun_to_be_written_is_not_lost_by_a_click_beside_it(alice, waiting):
    alice.goto(f"/customers/{waiting['hotel']}/")
    alice.get_by_role("link", name="客户价值：高价值，看依据").click()
    panel = alice.get_by_role("dialog")
    panel.get_by_role("link", name="判得不准").click()
    panel.get_by_label("哪里不准").fill("上月刚签了")
    alice.get_by_role("heading", level=1).click()
    expect(panel.get_by_label("哪里不准")).to_have_value("上月刚签了")
    panel.get_by_role("button", name="反馈给规则负责人").click()
    expect(alice.get_by_role("status")).to_contain_text("已告诉规则的负责人")


def test_the_queue_is_walked_and_decided_by_keys(alice, look):
    alice.keyboard.press("g")
    alice.keyboard.press("r")
    expect(alice.locator("[data-row]")).to_have_count(3)
    expect(alice.locator("#review-count")).to_have_text("3")
    alice.keyboard.press("y")  # no row is active yet: nothing is decided by mistake
    alice.keyboard.press("j")
    expect(alice.locator(".is-active")).to_contain_text("宁波海岸线民宿")
    look("queue")
    alice.keyboard.press("y")
    expect(alice.get_by_role("status")).to_contain_text("宁波海岸线民宿的活跃度就按规则，是沉睡")
    expect(alice.locator("[data-row]")).to_have_count(2)
    expect(alice.locator("#review-count")).to_have_text("2")
    active = alice.locator(".is-active")
    expect(active).to_contain_text("南京栖云酒店")
    expect(active.get_by_role("link")).to_be_focused()
    alice.keyboard.press("n")
    expect(alice.get_by_role("status").last).to_contain_text("南京栖云酒店的活跃度保持活跃")
    expect(alice.locator(".is-active")).to_contain_text("苏州锦观物业")
    alice.keyboard.press("x")
    expect(alice.get_by_role("toolbar")).to_contain_text("已选 1")
    alice.keyboard.press("Escape")
    expect(alice.get_by_role("toolbar")).to_be_hidden()
    alice.keyboard.press("y")
    expect(alice.get_by_text("都复核完了")).to_be_visible()
    expect(alice.get_by_role("link", name="回工作台")).to_be_focused()
    look("finished")
    assert states() == {"宁波海岸线民宿": "accepted", "南京栖云酒店": "kept", "苏州锦观物业": "accepted"}


def test_somebody_who_was_faster_is_named_and_the_row_goes(alice, context):
    from zhike.accounts.models import User
    from zhike.classification.actions.reviews import decide_review
    from zhike.classification.models import Review

    page = context.new_page()  # whose console may complain of the refusal
    page.goto("/reviews/")
    item = Review.objects.get(customer__name="南京栖云酒店")
    decide_review(review=item, verdict="accept", by=User.objects.get(email="lin@example.com"))
    row = page.locator("[data-row]", has_text="南京栖云酒店")
    row.get_by_role("button", name="保持").click()
    expect(page.get_by_role("alert")).to_contain_text("林晓雯已经处理过这一项：接受")
    expect(row).to_have_count(0)


def test_many_are_kept_together(alice, look):
    alice.goto("/reviews/")
    alice.get_by_label("全选本页").check()
    expect(alice.get_by_role("toolbar")).to_contain_text("已选 3")
    look("picked")
    alice.get_by_role("button", name="都接受").click()
    expect(alice.get_by_role("status")).to_contain_text("接受了 3 项")
    expect(alice.get_by_text("没有要复核的类别变化")).to_be_visible()
    assert set(states().values()) == {"accepted"}


def test_todays_list_has_them_too(alice, look):
    card = alice.get_by_role("region", name="类别变化待复核")
    expect(card.locator("[data-row]")).to_have_count(3)
    look("home")
    card.get_by_role("button", name="接受").first.click()
    expect(card.locator("[data-row]")).to_have_count(2)
    expect(alice.get_by_role("status")).to_contain_text("宁波海岸线民宿的活跃度就按规则，是沉睡")


def test_the_bell_leads_to_what_is_new_and_from_there_to_the_reasons(alice, look):
    alice.get_by_role("link", name="通知，有未读").click()
    expect(alice.get_by_role("heading", level=1)).to_have_text("通知")
    look("notifications")
    unread = alice.locator(".is-unread").count()
    alice.keyboard.press("j")
    alice.keyboard.press("Enter")
    expect(alice.get_by_role("dialog")).to_contain_text("为什么是高价值？")
    alice.keyboard.press("g")
    alice.keyboard.press("n")
    expect(alice.locator(".is-unread")).to_have_count(unread - 1)
    alice.get_by_role("button", name="全部标为已读").click()
    expect(alice.get_by_role("link", name="通知", exact=True)).to_be_visible()
    alice.goto("/settings/notifications/")
    alice.get_by_role("switch").first.click()
    alice.locator("form").filter(has=alice.get_by_role("switch")).get_by_role("button", name="保存").click()
    expect(alice.get_by_role("status")).to_contain_text("通知设置已保存")
    look("choices")


def test_rows_of_the_list_are_picked_by_keys_and_changed_together(alice, look):
    alice.goto("/customers/")
    for key in "jxjx":
        alice.keyboard.press(key)
    expect(alice.get_by_role("toolbar")).to_contain_text("已选 2")
    look("picked")
    alice.keyboard.press("o")
    expect(alice.get_by_role("heading", name="人工指定：2 位客户")).to_be_visible()
    alice.get_by_text("低价值", exact=True).first.click()
    alice.get_by_label("理由").fill("清理旧名单")
    look("form")
    alice.keyboard.press("Control+Enter")
    expect(alice.get_by_role("status")).to_contain_text("2 位客户的客户价值已指定为低价值")
    expect(alice.locator("[data-row]", has_text="低价值")).to_have_count(2)


@pytest.mark.parametrize("width", [320, 390, 768])
def test_small_screens_never_scroll_sideways(alice, waiting, look, width):
    alice.set_viewport_size({"width": width, "height": 844})
    bulk = [f"/customers/{name}/?customer={{hotel}}" for name in ("override", "tag", "export", "field")]
    for path in ("/reviews/", "/notifications/", "/settings/notifications/", "/jobs/", *bulk):
        alice.goto(path.format(**waiting))
        assert alice.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    alice.goto(f"/customers/{waiting['hotel']}/")
    alice.get_by_role("link", name="客户价值：高价值，看依据").click()
    alice.get_by_role("link", name="人工指定").click()
    expect(alice.get_by_role("form", name="人工指定")).to_be_visible()
    assert alice.evaluate("document.documentElement.scrollWidth <= innerWidth")
    look(f"phone-{width}")


def test_everything_works_without_javascript(chromium, live_server, waiting):
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("邮箱").fill("lin@example.com")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()

    page.goto(f"/customers/{waiting['hotel']}/")
    page.get_by_role("link", name="客户价值：高价值，看依据").click()
    page.get_by_role("link", name="人工指定").click()
    form = page.get_by_role("form", name="人工指定")
    form.get_by_text("低价值", exact=True).click()
    form.get_by_label("理由").fill("尾款拖着没付")
    form.get_by_role("button", name="指定").click()
    expect(page.get_by_role("status")).to_contain_text("客户价值已指定为低价值")

    page.goto("/reviews/")
    page.locator("[data-row]", has_text="南京栖云酒店").get_by_role("button", name="保持").click()
    expect(page.get_by_role("status")).to_contain_text("南京栖云酒店的活跃度保持活跃")
    page.get_by_label("选择 苏州锦观物业 的活跃度").check()
    page.get_by_role("button", name="都接受").click()
    expect(page.get_by_role("status")).to_contain_text("接受了 1 项")

    page.goto("/customers/")
    page.get_by_label("选择 陈思远").check()
    page.get_by_role("button", name="人工指定").click()
    expect(page.get_by_role("heading", name="人工指定：1 位客户")).to_be_visible()
    context.close()
