"""Every text can be read, in both themes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories import PASSWORD

CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
PAGES = [
    "/",
    "/customers/",
    "/customers/?q=zzz",
    "/customers/filter/",
    "/customers/{hotel}/",
    "/customers/{hotel}/why/value/",
    "/customers/{sleeper}/why/intent/",
    "/classes/",
    "/customers/new/",
    "/settings/",
    "/customers/{hotel}/why/value/override/",
    "/customers/{hotel}/why/value/wrong/",
    "/customers/override/?customer={hotel}",
    "/reviews/",
    "/reviews/?kind=warning",
    "/notifications/",
    "/settings/notifications/",
    "/classes/value/scorecard/",
    "/classes/review/",
]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_texts_have_enough_contrast(page, waiting, theme):
    page.emulate_media(color_scheme=theme)
    page.goto("/sign-in/")
    assert page.evaluate(CONTRAST) == []
    page.get_by_label("邮箱").fill("lin@example.com")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/")
    for path in PAGES:
        page.goto(path.format(**waiting))
        assert page.evaluate(CONTRAST) == [], path
    page.keyboard.press("?")
    assert page.evaluate(CONTRAST) == []
