"""Takes the pictures of the README from a running demo.

uv run zhike demo --no-browser --port 8765     # in one terminal, shows the password
uv run python scripts/pictures.py http://127.0.0.1:8765 PASSWORD
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent.parent / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
PERSON = "lin@qingyuan.example"
CUSTOMER = "上海梧桐里酒店管理有限公司"


def main(address: str, password: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for locale, suffix in (("zh-CN", ""), ("en-US", "-en")):
            page = browser.new_context(viewport={"width": 1440, "height": 900}, locale=locale).new_page()
            _sign_in(page, address, password, english=suffix == "-en")
            _take(page, f"today{suffix}")
            page.goto(f"{address}/customers/")
            _take(page, f"customers{suffix}")
            page.goto(f"{address}/customers/?q={CUSTOMER}")
            page.get_by_role("link", name=CUSTOMER).first.click()
            page.locator(".zk-why-opener").nth(2).click()
            page.locator(".zk-why").wait_for()
            _take(page, f"customer{suffix}")
        browser.close()


def _sign_in(page: Page, address: str, password: str, *, english: bool) -> None:
    page.goto(f"{address}/")
    page.locator("input[name=email]").fill(PERSON)
    page.locator("input[name=password]").fill(password)
    page.keyboard.press("Enter")
    page.locator("h1").filter(has_text="晓雯").wait_for()
    page.goto(f"{address}/settings/")
    page.locator(f"[name=language][value={'en' if english else 'zh-hans'}]").check(force=True)
    page.locator("main form.zk-form button").click()
    page.wait_for_load_state("networkidle")
    page.goto(f"{address}/")


def _take(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(400)
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main(*sys.argv[1:3])
