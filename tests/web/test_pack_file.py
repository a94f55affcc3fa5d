"""A pack that one has as a file: what it would change is shown first, and what is no pack is refused."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

PATH = "/classes/packs/file/"
PACK = "pack: own\nversion: 1\ndimensions: []\n"


@pytest.fixture
def ada(people, rules, signed_in):
    return signed_in(people.ada)


def send(client, raw, name="own.yaml"):
    return client.post(PATH, {"file": SimpleUploadedFile(name, raw)})


def state():
    from zhike.audit.models import Entry
    from zhike.classification.models import InstalledPack, SchemeVersion

    return [model.objects.count() for model in (InstalledPack, SchemeVersion, Entry)]


def test_what_was_exported_is_looked_at_and_then_put_in_force(ada, people, hotel):
    from zhike.audit.models import Entry
    from zhike.classification.models import InstalledPack, Placement
    from zhike.classification.rules import rulebook
    from zhike.packs import load_data
    from zhike.packs.writing import write_yaml

    assert send(ada, ada.get("/classes/packs/export.yaml").content).context["plan"].is_nothing
    before = state()
    page = send(ada, write_yaml(load_data("retail")).encode(), "零售.yaml")
    plan = page.context["plan"]
    assert [part.label for part in plan.gone] == ["购买意向", "客户需求", "客户类型"]
    assert "零售.yaml" in page.text
    assert state() == before

    sent = {"name": "零售.yaml", "text": page.context["file"].text, "seen": plan.seen}
    response = ada.post(PATH, sent, follow=True)
    assert response.redirect_chain == [("/classes/", 302)]
    assert [scheme.dimension for scheme in rulebook().schemes] == ["status", "activity", "value"]
    assert Placement.objects.get(customer=hotel, dimension="status").class_key == "won"
    kept = InstalledPack.objects.order_by("pk").last()
    assert (kept.key, kept.by) == ("retail", people.ada)
    assert Entry.objects.order_by("pk").last().data["pack"] == "retail"


def test_who_comes_back_to_the_address_chooses_the_file_again(ada):
    assert ada.get(PATH, follow=True).redirect_chain == [("/classes/packs/", 302)]


def test_rules_that_a_colleague_changed_meanwhile_are_looked_at_again(ada):
    raw = ada.get("/classes/packs/export.yaml").content
    before = state()
    response = ada.post(PATH, {"name": "own.yaml", "text": raw.decode(), "seen": "0"})
    assert (response.status_code, "规则刚被别人换过，请再看一遍再启用" in response.text) == (409, True)
    assert state() == before


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"PK\x03\x04\xff\xfe", "文件不是 UTF-8 编码。"),
        (b"a: &x [1]\nb: *x\n", "不能使用别名（*）"),
        (b"!!python/object/apply:os.system [id]", "不是有效的 YAML"),
        (b"[" * 100_000, "嵌套太深。"),
        (b"#" * 2_000_001, "own.yaml 超过 2 MB，不像是分类包。"),
        (b'pack: "a\\0b"\n', "文字里有存不了的字符"),
        (b'pack: "\\ud800"\n', "文字里有存不了的字符"),
        (b"pack: own\nversion: 1\nsecret: 1\n", "不认识的键 secret"),
    ],
    ids=["zip", "alias", "object", "deep", "large", "nul", "half a letter", "key"],
)
def test_what_is_no_pack_is_refused_and_nothing_written(raw, reason, ada):
    before = state()
    response = send(ada, raw)
    assert (response.status_code, reason in response.text) == (422, True)
    assert state() == before


def test_without_a_file_it_is_asked_for(ada):
    response = ada.post(PATH)
    assert (response.status_code, "请选择一个分类包文件" in response.text) == (422, True)


def test_nobody_else_is_offered_it_or_may_do_it(alice):
    assert PATH not in alice.get("/classes/packs/").text
    before = state()
    assert send(alice, PACK.encode()).status_code == 403
    assert state() == before
