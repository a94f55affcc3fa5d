"""A list brought in in Chromium: read, mapped, tried, carried out while one watches, looked through, taken back."""

from __future__ import annotations

from base64 import b64encode

import pytest
from playwright.sync_api import expect

from tests.browser.entering import come_in

DROPPED = """(text) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const dropped = new DataTransfer();
  dropped.items.add(new File([bytes], "客户.csv"));
  return dropped;
}"""
HEAD = "客户资料导出\n导出时间：2026-11-01\n\n客户编号,客户名称,手机,城市,性质\n"


@pytest.fixture
def zhou(page, transactional_db, settings, tmp_path):
    from tests.factories import make_team, make_user
    from zhike.accounts.actions import set_company
    from zhike.accounts.models import Role
    from zhike.classification.actions.packs import install_pack

    settings.MEDIA_ROOT = tmp_path / "media"
    set_company(by=None, name="清源水科技", timezone="Asia/Shanghai", currency="CNY")
    install_pack(pack="general", by=None)
    make_user("周敏", email="zhou@example.com", team=make_team("华东直销组"), role=Role.MANAGER)
    return come_in(page, "zhou@example.com")


def test_a_list_is_led_through_and_taken_back(zhou, look, tmp_path):
    from zhike.customers.models import Customer

    path = tmp_path / "客户.csv"
    rows = "".join(f"C{n},梧桐里{n}店,138{n:08},上海,{'个体户' if n == 3 else '企业'}\n" for n in range(30))
    path.write_text(f"{HEAD}{rows}C30,文通,123,成都,企业\nD1,梧桐里1店,13800000001,上海,企业\n", encoding="gb18030")
    zhou.goto("/imports/")
    zhou.dispatch_event(
        "body", "drop", {"dataTransfer": zhou.evaluate_handle(DROPPED, b64encode(path.read_bytes()).decode())}
    )

    expect(zhou.get_by_role("heading", name="每一列是什么")).to_be_visible()
    expect(zhou.get_by_text("1 个词还不知道是什么")).to_be_visible()
    look("plan")
    zhou.get_by_label("个体户").select_option(label="个人")
    zhou.get_by_role("button", name="试运行").click()
    expect(zhou.get_by_text("试运行完成")).to_be_visible()
    look("tried")
    assert not Customer.objects.exists()

    zhou.get_by_role("button", name="就这样导入").click()
    expect(zhou.get_by_text("已导入", exact=True)).to_be_visible()
    look("done")
    assert Customer.objects.count() == 30
    zhou.get_by_role("link", name="1 行拿不准，等你看一眼").click()
    expect(zhou.get_by_text("电话和第 6 行相同；编号不同")).to_be_visible()
    look("review")
    zhou.get_by_role("button", name="不导入").click()
    expect(zhou.get_by_text("没有了")).to_be_visible()

    zhou.go_back()
    zhou.goto("/imports/")
    zhou.get_by_role("link", name="客户.csv").click()
    zhou.get_by_role("button", name="撤销这次导入").click()
    expect(zhou.get_by_text("撤销了 30 行。")).to_be_visible()
    assert not Customer.objects.exists()
