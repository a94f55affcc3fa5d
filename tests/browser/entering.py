"""Being signed in without the form, which is for the tests of signing in: it costs as much as most of what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def come_in(page: Page, email: str = "lin@example.com", path: str = "/") -> Page:
    """Open a page as that person, in a session as signing in begins one; without a path, none yet."""
    from django.conf import settings
    from django.test import Client

    from zhike.accounts.models import User

    client = Client()
    client.force_login(User.objects.get(email=email))
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "domain": "localhost", "path": "/"}])
    if path:
        page.goto(path)
    return page
