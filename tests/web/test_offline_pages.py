"""What a device keeps for when there is no connection is for everybody the same."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles.finders import find
from django.test import Client


@pytest.mark.django_db
def test_the_page_names_nobody_and_all_that_it_is_made_of_exists(alice, hotel):
    page = Client().get("/offline/").text
    assert page == alice.get("/offline/").text
    assert "梧桐" not in page
    parts = re.findall(r'(?:href|src)="/static/([^"]+)"', page)
    assert "web/offline.js" in parts
    assert [part for part in parts if find(part) is None] == []


@pytest.mark.django_db
def test_the_script_answers_for_all_addresses_and_is_asked_for_anew(alice):
    script = Client().get("/service-worker.js")
    assert (script.headers["Content-Type"], script.headers["Cache-Control"]) == ("text/javascript", "no-cache")
    assert "worker-src 'self'" in script.headers["Content-Security-Policy"]
    address = re.search(r'data-worker="([^"]+)"', alice.get("/").text)[1]
    assert address == "/service-worker.js?page=/offline/&amp;language=zh-hans&amp;edition=/static/web/offline.js"
