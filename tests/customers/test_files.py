"""Files kept with a customer: what a browser calls them and what they hold does no harm."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_customer, make_people
from tests.scenes import once
from zhike.base.errors import NotFound
from zhike.base.inputs import Invalid
from zhike.customers.actions.files import attach, forget_removed, remove_file, restore_file
from zhike.customers.models import Attachment
from zhike.customers.stored import NAME_MAX, path_of, shown_name, type_of
from zhike.timeline.models import Event


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


@pytest.fixture
def people(db):
    return once("people", make_people)


def upload(name="合同.pdf", content=b"%PDF-1.7 x"):
    return SimpleUploadedFile(name, content)


def on_disk(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def told():
    return [(e.kind, e.data["name"]) for e in Event.objects.filter(kind__startswith="file.").order_by("pk")]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("合同 2026.pdf", "合同 2026.pdf"),
        ("../../db.sqlite3", "db.sqlite3"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/etc/passwd", "passwd"),
        ("a\x00b.png", "ab.png"),
        ("a\r\nSet-Cookie: x.png", "aSet-Cookie x.png"),
        ("\u202egnp.exe", "gnp.exe"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1.tar.gz", "_com1.tar.gz"),
        ("", "file"),
        ("...", "file"),
        (".htaccess", "htaccess"),
        ("x.jpg;.html", "x.jpg;.html"),
        ("长" * 300 + ".docx", "长" * 115 + ".docx"),
    ],
)
def test_a_name_is_only_shown_and_can_be_saved_anywhere(given, shown):
    assert shown_name(given) == shown


@given(st.text(max_size=400))
def test_whatever_a_browser_calls_a_file_the_name_is_harmless(text):
    name = shown_name(text)
    assert 0 < len(name) <= NAME_MAX
    assert name.isprintable()
    assert not set(name) & set('/\\:*?"<>|')
    assert shown_name(name) == name


@pytest.mark.parametrize(
    ("content", "type_"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"GIF89a/*<script>*/=1", "image/gif"),
        (b"<html><script>alert(1)</script>", "text/plain"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", "text/plain"),
        (b"<?xml version='1.0'?>", "text/plain"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "text/plain"),
        ("名称，电话".encode(), "text/plain"),
        ("名称，电话".encode()[:-1], "text/plain"),
        ("名称".encode("gb18030"), "application/octet-stream"),
        (b"MZ\x90\x00", "application/octet-stream"),
    ],
)
def test_what_a_file_is_is_told_by_its_first_bytes(content, type_):
    assert type_of(content) == type_


@given(st.binary(max_size=600))
def test_nothing_is_ever_called_what_a_browser_would_run(content):
    assert not {"html", "svg", "xml", "javascript"} & set(type_of(content).replace("+", "/").split("/"))


def test_a_file_lies_under_a_drawn_name_that_only_the_program_reads(people, folder):
    customer = make_customer(owner=people.alice)
    made = attach(customer=customer, file=upload("../../x.html", b"<script>"), by=people.alice)
    assert (made.name, made.type, made.size, made.added_by) == ("x.html", "text/plain", 8, people.alice)
    assert on_disk(folder) == [made.stored_as]
    assert len(made.stored_as) == 32
    assert made.stored_as.isalnum()
    path = path_of(made.stored_as)
    assert (path.read_bytes(), oct(path.stat().st_mode)[-3:], oct(path.parent.stat().st_mode)[-3:]) == (
        b"<script>",
        "600",
        "700",
    )
    assert told() == [("file.added", "x.html")]


@pytest.mark.parametrize("size", [0, 20 * 1024 * 1024 + 1])
def test_an_empty_or_too_large_file_leaves_nothing(people, folder, size):
    customer = make_customer(owner=people.alice)
    with pytest.raises(Invalid) as caught:
        attach(customer=customer, file=upload(content=b"x" * size), by=people.alice)
    assert (caught.value.path, Attachment.objects.count(), on_disk(folder), told()) == ("file", 0, [], [])


def test_a_stranger_leaves_no_file_and_removes_none(people, folder):
    customer = make_customer(owner=people.alice)
    with pytest.raises(NotFound):
        attach(customer=customer, file=upload(), by=people.charlie)
    assert on_disk(folder) == []
    made = attach(customer=customer, file=upload(), by=people.alice)
    for act in (remove_file, restore_file):
        with pytest.raises(NotFound):
            act(attachment=made, by=people.charlie)
    made.refresh_from_db()
    assert made.removed_at is None


def test_a_form_sent_twice_keeps_one_file(people, folder):
    customer, key = make_customer(owner=people.alice), uuid4()
    made = [attach(customer=customer, file=upload(), by=people.alice, form_key=key) for _ in range(2)]
    assert made[0] == made[1]
    assert on_disk(folder) == [made[0].stored_as]
    assert told() == [("file.added", "合同.pdf")]


def test_what_fails_in_the_database_is_taken_off_the_disk(people, folder, monkeypatch):
    customer = make_customer(owner=people.alice)
    monkeypatch.setattr("zhike.customers.actions.files.MOST", 0)
    with pytest.raises(Invalid):
        attach(customer=customer, file=upload(), by=people.alice)
    assert on_disk(folder) == []


def test_a_removed_file_comes_back_or_is_forgotten_after_a_month(people, folder, monkeypatch):
    customer = make_customer(owner=people.alice)
    kept, gone = (attach(customer=customer, file=upload(name), by=people.alice) for name in ("a.txt", "b.txt"))
    for _ in range(2):
        remove_file(attachment=gone, by=people.alice)
    remove_file(attachment=kept, by=people.alice)
    restore_file(attachment=kept, by=people.alice)
    assert told()[2:] == [("file.removed", "b.txt"), ("file.removed", "a.txt"), ("file.restored", "a.txt")]
    assert forget_removed() == 0
    gone.refresh_from_db()
    later = gone.removed_at + timedelta(days=30, seconds=1)
    monkeypatch.setattr("zhike.customers.actions.files.now", lambda: later)
    assert forget_removed() == 1
    assert list(Attachment.objects.values_list("name", flat=True)) == ["a.txt"]
    assert on_disk(folder) == [kept.stored_as]
