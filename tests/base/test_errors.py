"""Every error is a sentence: as a page, as a part for htmx, as JSON."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.db.backends.utils import CursorWrapper
from django.http import Http404
from django.test import RequestFactory
from django.urls import path
from django.views.decorators.http import require_POST

from zhike.base.errors import Conflict, NotFound
from zhike.config.urls import handler400, handler403, handler404, handler500  # noqa: F401

SENTENCES = {"zh-hans": "别人刚刚改过这条记录。", "en": "Somebody else has just changed this record."}


def conflict(request):
    raise Conflict(SENTENCES["zh-hans"], SENTENCES["en"])


def missing(request):
    raise NotFound


def nowhere(request):
    raise Http404


def down(request):
    raise OperationalError("connection refused")


@require_POST
def form_only(request):
    raise NotImplementedError


def broken(request):
    raise ZeroDivisionError("secret detail")


urlpatterns = [
    path("conflict", conflict),
    path("missing", missing),
    path("nowhere", nowhere),
    path("down", down),
    path("broken", broken),
    path("form", form_only),
]

pytestmark = [pytest.mark.urls(__name__)]


@pytest.fixture
def visitor(client, settings):
    """A client that gets the answer to an error, without the pages' own doors in the way."""
    settings.MIDDLEWARE = [
        name for name in settings.MIDDLEWARE if name.startswith(("zhike.base", "django.middleware.locale"))
    ]
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    ("address", "status"),
    [("/conflict", 409), ("/missing", 404), ("/nowhere", 404), ("/down", 503), ("/broken", 500)],
)
def test_page_has_the_status_and_no_cause(visitor, address: str, status: int):
    response = visitor.get(address)
    assert response.status_code == status
    text = response.content.decode()
    assert text.startswith("\n<!doctype html>") or "<!doctype html>" in text
    assert "secret detail" not in text
    assert "connection refused" not in text


def test_conflict_is_told_in_the_language_of_the_page(visitor):
    assert SENTENCES["zh-hans"] in visitor.get("/conflict").content.decode()


def test_program_gets_json(visitor):
    response = visitor.get("/conflict", headers={"Accept": "application/json"})
    assert response.status_code == 409
    assert response.json() == {"code": "conflict", "message": SENTENCES["zh-hans"]}


def test_htmx_gets_the_sentence_alone(visitor):
    response = visitor.get("/conflict", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert response.status_code == 409
    assert "<html" not in response.content.decode()
    assert SENTENCES["zh-hans"] in response.content.decode()


def test_pages_are_kept_out_of_caches(visitor):
    assert "no-store" in visitor.get("/missing").headers["Cache-Control"]


def test_request_factory_is_enough_for_a_page():
    from zhike.base.middleware import page_not_found

    assert page_not_found(RequestFactory().get("/"), Http404()).status_code == 404


@pytest.mark.django_db
def test_database_that_goes_down_behind_a_session_is_told_in_words(client):
    client.cookies["zhike_session"] = "a-session-that-must-be-looked-up"
    client.raise_request_exception = False
    with patch.object(CursorWrapper, "execute", side_effect=OperationalError("connection refused")):
        response = client.get("/nowhere")
    assert response.status_code == 503
    assert "暂时连接不上数据库" in response.content.decode()


def test_the_address_of_a_form_opened_as_a_page_is_answered_in_words(visitor):
    answer = visitor.get("/form", headers={"Accept-Language": "zh-hans"})
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "这个地址只接收表单，不能直接打开。" in answer.text
