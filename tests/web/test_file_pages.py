"""Files on the page of a customer, and the star."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import make_customer
from zhike.accounts.models import User
from zhike.customers.actions.customers import update_customer
from zhike.customers.actions.files import attach
from zhike.customers.models import Attachment, Customer, Favourite


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


def read(client, path):
    """Return the answer with all of its file."""
    response = client.get(path)
    response.said = b"".join(response.streaming_content) if response.streaming else b""
    return response


def send(client, customer, name="合同.pdf", content=b"%PDF-1.7 x", key=None):
    form = {"file": SimpleUploadedFile(name, content), "key": str(key or uuid4())}
    return client.post(f"/customers/{customer.pk}/files/", form)


def test_a_file_is_uploaded_shown_and_handed_over_to_be_saved(alice, hotel):
    assert send(alice, hotel)["Location"] == f"/customers/{hotel.pk}/"
    made = Attachment.objects.get()
    path = f"/customers/{hotel.pk}/files/{made.pk}/"
    page = alice.get(f"/customers/{hotel.pk}/").text
    assert f'href="{path}">合同.pdf</a>' in page
    assert made.stored_as not in page
    response = read(alice, path)
    assert response.said == b"%PDF-1.7 x"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%E5%90%88%E5%90%8C.pdf")
    assert {name: response[name] for name in ("X-Content-Type-Options", "Content-Security-Policy", "Content-Type")} == {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Type": "application/pdf",
    }
    assert "private" in response["Cache-Control"]


@pytest.mark.parametrize("name", ["x.html", "x.svg", "x.xml", "x.xhtml", "x.pHaR", "x.png", "x.jpg;.html"])
def test_what_holds_a_page_is_never_a_page(alice, hotel, name):
    send(alice, hotel, name, b"<html><script>alert(1)</script></html>")
    response = read(alice, f"/customers/{hotel.pk}/files/{Attachment.objects.get().pk}/")
    assert response["Content-Type"] == "text/plain"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_only_those_who_see_the_customer_now_get_its_files(alice, people, hotel, signed_in, client):
    send(alice, hotel)
    path = f"/customers/{hotel.pk}/files/{Attachment.objects.get().pk}/"
    charlie = signed_in(people.charlie)
    assert tuple(read(one, path).status_code for one in (alice, charlie, client)) == (200, 404, 302)
    User.objects.filter(pk=people.alice.pk).update(team=None)
    update_customer(customer=hotel, version=1, by=None, owner=people.charlie)
    assert tuple(read(one, path).status_code for one in (alice, charlie)) == (404, 200)
    other = make_customer(owner=people.charlie)
    assert charlie.get(path.replace(f"/{hotel.pk}/", f"/{other.pk}/")).status_code == 404


def test_no_address_leads_to_the_folder(alice, hotel, folder):
    send(alice, hotel)
    made = Attachment.objects.get()
    paths = ("/files/", f"/files/{made.stored_as}", "/media/", f"/media/{made.stored_as[:2]}/{made.stored_as}")
    for path in (*paths, f"/static/{made.stored_as}", f"/customers/{hotel.pk}/files/../../../secret"):
        assert alice.get(path).status_code == 404, path


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "请选择一个文件。"),
        ({"file": "/etc/passwd"}, "请选择一个文件。"),
        ({"file": SimpleUploadedFile("x", b"x"), "key": "x"}, "请选择一个文件。"),
        ({"file": SimpleUploadedFile("leer.txt", b"")}, "文件是空的"),
    ],
)
def test_what_is_no_file_is_refused_in_words(alice, hotel, folder, form, words):
    response = alice.post(f"/customers/{hotel.pk}/files/", {"key": str(uuid4()), **form})
    assert response.status_code == 422
    assert words in response.text
    assert not Attachment.objects.exists()
    assert not folder.exists() or not any(folder.rglob("*"))


def test_what_is_too_large_is_refused_before_it_is_read(alice, hotel):
    path = f"/customers/{hotel.pk}/files/"
    response = alice.generic(
        "POST", path, b"--x\r\n", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(2 * 1024**3)
    )
    assert response.status_code == 413
    assert "文件太大：最多 20 MB" in response.text


def test_a_huge_picture_is_kept_as_it_is_and_never_drawn(alice, hotel):
    header = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (50_000).to_bytes(4) * 2 + b"\x08\x06\x00\x00\x00"
    send(alice, hotel, "huge.png", header)
    made = Attachment.objects.get()
    assert (made.type, made.size) == ("image/png", len(header))
    assert "<img" not in alice.get(f"/customers/{hotel.pk}/").text
    assert "照片会原样保存，里面的拍摄地点也在。" in alice.get(f"/customers/{hotel.pk}/files/").text


def test_a_removed_file_is_brought_back_from_the_toast(alice, people, hotel):
    made = attach(customer=hotel, by=people.alice, file=SimpleUploadedFile("合同.pdf", b"%PDF-"))
    path = f"/customers/{hotel.pk}/files/{made.pk}/"
    page = alice.post(f"{path}remove/", follow=True).text
    assert "合同.pdf 已删除" in page
    assert re.search(rf'action="{path}remove/".*?name="undo"', page, re.DOTALL)
    assert read(alice, path).status_code == 404
    alice.post(f"{path}remove/", {"undo": "1"})
    assert read(alice, path).status_code == 200


def test_a_starred_customer_is_at_hand_for_one_person_alone(alice, people, hotel, signed_in):
    make_customer("别家", owner=people.alice)
    for _ in range(2):
        alice.post(f"/customers/{hotel.pk}/star/")
    assert [(row.user, row.customer) for row in Favourite.objects.all()] == [(people.alice, hotel)]
    assert 'aria-pressed="true"' in alice.get(f"/customers/{hotel.pk}/").text
    listed = alice.get("/customers/?starred=1")
    assert [row.customer for row in listed.context["rows"]] == [hotel]
    assert "去掉条件：收藏" in listed.text
    bob = signed_in(people.bob)
    assert bob.get("/customers/?starred=1").context["rows"] == []
    assert 'aria-pressed="false"' in bob.get(f"/customers/{hotel.pk}/").text
    alice.post(f"/customers/{hotel.pk}/star/", {"off": "1"})
    assert not Favourite.objects.exists()
    hotel.refresh_from_db()
    assert hotel.version == 1


def test_a_star_outlives_the_right_but_shows_nothing(alice, people, hotel):
    alice.post(f"/customers/{hotel.pk}/star/")
    Customer.objects.filter(pk=hotel.pk).update(owner=people.charlie)
    assert alice.get("/customers/?starred=1").context["rows"] == []
    assert alice.post(f"/customers/{hotel.pk}/star/").status_code == 404
