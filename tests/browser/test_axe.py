"""axe finds no fault that is serious on any page, and on a phone every page has room for its name.

Each page is rendered once, by the test client of somebody who may see it, and handed to one Chromium tab by a server
that keeps it in memory, with the style sheets and scripts. What a page would load later is a page of the table itself.
"""

from __future__ import annotations

import json
import mimetypes
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import axe_playwright_python
import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.addresses import everything_there_is, path_of
from tests.scenes import one_scene
from tests.test_permissions import TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
# What the frame of every page holds is looked at once.
FRAME = [[".zk-side"], [".zk-tabbar"], [".zk-search"], ["#shortcuts"], ["#palette"], [".skip-link"]]
SERIOUS = """async (exclude) => {
  const options = { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] };
  const { violations } = await axe.run({ include: [["html"]], exclude }, options);
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}"""
# The names of a page that are cut off although they are narrower than some letters.
NARROW = """() => [...document.querySelectorAll("h1")].filter((h1) => h1.clientWidth < 60 && h1.scrollWidth > h1.clientWidth)
  .map((h1) => `${h1.clientWidth} px for ${h1.textContent}`)"""
DESK, TELEPHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# Files, redirects, and what scripts read or put into a page: no pages.
NO_PAGES = {
    "accounts:authenticator",
    "accounts:second",
    "healthz",
    "web:audit_file",
    "web:colleagues",
    "web:completeness_missing",
    "web:condition_values",
    "web:customer_cell",
    "web:customer_count",
    "web:customer_peek",
    "web:day_words",
    "web:divisions",
    "web:draft_moved_file",
    "web:file",
    "web:flow_file",
    "web:import_rejected",
    "web:import_verdicts",
    "web:pack_edition",
    "web:pack_export",
    "web:pick_customers",
    "web:pick_people",
    "web:pool_customer",
    "web:pulse",
    "web:service_worker",
    "web:task_file",
    "web:view_counts",
}


class Site(ThreadingHTTPServer):
    """The static files, which browsers keep, and the page that is looked at."""

    daemon_threads = True
    shown = ("", b"", 200)


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        file = finders.find(path.removeprefix("/static/")) if path.startswith("/static/") else None
        shown, page, status = self.server.shown
        if file:
            self.say(200, Path(file).read_bytes(), mimetypes.guess_type(path)[0], "max-age=3600")
        elif self.path == shown:
            self.say(status, page, "text/html; charset=utf-8", "no-store")
        else:
            self.say(204, b"", "text/plain", "no-store")

    def say(self, status: int, body: bytes, kind: str | None, keep: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind or "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", keep)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served() -> Iterator[Site]:
    with Site(("127.0.0.1", 0), Answer) as site:
        Thread(target=site.serve_forever, daemon=True).start()
        yield site
        site.shutdown()


@pytest.fixture(scope="module")
def everything(chromium, django_db_setup, django_db_blocker):
    """Build after Chromium has started: inside of its event loop Django has another connection."""
    with one_scene(django_db_blocker):
        yield everything_there_is()


def who_sees(name: str) -> str:
    """Return the admin where they see the page, else somebody who does."""
    expected = TABLE[name][1]
    return next((who for who in ("ada", *expected) if expected[who] == 200), "ada")


def query_of(name: str) -> str:
    """Return what is picked, for pages about many."""
    from zhike.customers.models import Customer

    if not name.startswith("web:bulk_") and name != "web:merge":
        return ""
    return "?" + "&".join(f"customer={pk}" for pk in Customer.objects.order_by("pk").values_list("pk", flat=True)[:2])


@pytest.mark.django_db
def test_no_page_has_a_serious_fault(everything, chromium):
    people, arguments = everything
    faults, no_pages, clients = {}, set(), {"stranger": Client()}
    for who, person in people.items():
        clients[who] = Client(headers={"Accept-Language": "en"})
        type(person).objects.filter(pk=person.pk).update(language="en")
        clients[who].force_login(person)
    with served() as site:
        page = chromium.new_page(
            base_url=f"http://127.0.0.1:{site.server_port}", viewport=DESK, reduced_motion="reduce"
        )
        for name in sorted(name for name, (method, _) in TABLE.items() if method == "get"):
            path = path_of(name, arguments) + query_of(name)
            response = clients[who_sees(name)].get(path)
            content = response.getvalue() if response.streaming else response.content
            if b"<html" not in content:
                no_pages.add(name)
                continue
            site.shown = (path, content, 200)
            page.goto(path)
            page.evaluate(AXE)
            found = page.evaluate(SERIOUS, FRAME if name != "web:home" else [])
            page.set_viewport_size(TELEPHONE)
            found += page.evaluate(NARROW)
            page.set_viewport_size(DESK)
            if found:
                faults[name] = found
        page.close()
    assert no_pages == NO_PAGES
    assert faults == {}, json.dumps(faults, ensure_ascii=False, indent=1)
