"""设置 → 标签."""

from __future__ import annotations

import pytest

from tests.factories import make_customer
from zhike.customers.models import Customer, Tag


@pytest.fixture
def chain(people, rules):
    return make_customer("甲", owner=people.alice, tags=["连锁", "VIP"])


def test_everybody_reads_the_dictionary_and_leaders_write_it(people, chain, signed_in):
    tag = Tag.objects.get(name="连锁")
    page = signed_in(people.bob).get("/settings/tags/").text
    assert f'href="/settings/tags/{tag.pk}/"' in page
    assert '<a href="/customers/?tag=%E8%BF%9E%E9%94%81">1</a>' in page
    assert f'href="/settings/tags/{tag.pk}/"' not in signed_in(people.alice).get("/settings/tags/").text
    assert "有哪些标签" in signed_in(people.alice).get("/settings/").text


def test_a_tag_is_described_and_its_customers_show_it(people, chain, signed_in):
    tag = Tag.objects.get(name="连锁")
    form = {"name": "连锁企业", "definition": "三家以上门店", "tone": "azurite", "name_en": "Chain", "version": 1}
    ada = signed_in(people.ada)
    assert ada.post(f"/settings/tags/{tag.pk}/", form)["Location"] == "/settings/tags/"
    chain.refresh_from_db()
    assert chain.tags == ["连锁企业", "VIP"]
    page = ada.get(f"/customers/{chain.pk}/").text
    assert '<span class="zk-chip" data-tone="azurite" title="三家以上门店">连锁企业</span>' in page
    assert ada.post(f"/settings/tags/{tag.pk}/", {**form, "name": "x"}).status_code == 409


def test_a_manager_describes_a_tag_but_does_not_call_it_otherwise(people, chain, signed_in):
    tag = Tag.objects.get(name="连锁")
    signed_in(people.bob).post(
        f"/settings/tags/{tag.pk}/", {"name": "x", "definition": "y", "tone": "ink", "version": 1}
    )
    tag.refresh_from_db()
    assert (tag.name, tag.definition) == ("连锁", "y")


def test_two_are_merged_and_one_is_retired(people, chain, signed_in):
    ada = signed_in(people.ada)
    one, other = Tag.objects.get(name="连锁"), Tag.objects.get(name="VIP")
    assert ada.post(f"/settings/tags/{one.pk}/merge/", {"into": one.pk, "version": 1}).status_code == 422
    ada.post(f"/settings/tags/{one.pk}/merge/", {"into": other.pk, "version": 1})
    chain.refresh_from_db()
    assert chain.tags == ["VIP"]
    ada.post(f"/settings/tags/{other.pk}/retire/")
    assert "已停用" in ada.get("/settings/tags/").text
    ada.post(f"/settings/tags/{other.pk}/retire/", {"again": "1"})
    assert Tag.objects.get().retired_at is None


def test_what_rules_in_force_ask_for_keeps_its_name(people, chain, signed_in):
    from zhike.classification.actions.drafts import start_draft
    from zhike.classification.actions.publications import publish, run_publication
    from zhike.classification.models import SchemeVersion
    from zhike.classification.rules import rulebook

    draft = start_draft(dimension="need", by=people.ada)
    draft.data["classes"][0]["when"] = {"field": "customer.tags", "op": "has_any", "value": ["连锁"]}
    SchemeVersion.objects.filter(pk=draft.pk).update(data=draft.data)
    run_publication(publish(drafts=[SchemeVersion.objects.get(pk=draft.pk)], by=people.ada).pk)
    assert rulebook().scheme("need").classes[0].when is not None
    ada = signed_in(people.ada)
    tag, other = Tag.objects.get(name="连锁"), Tag.objects.get(name="VIP")
    form = {"name": "连锁企业", "tone": "ink", "version": 1}
    for path, sent in (
        (f"/settings/tags/{tag.pk}/", form),
        (f"/settings/tags/{tag.pk}/merge/", {"into": other.pk, "version": 1}),
    ):
        response = ada.post(path, sent)
        assert response.status_code == 409
        assert "先让规则也认新名字" in response.text
    assert Customer.objects.get().tags == ["连锁", "VIP"]


def test_tags_typed_in_a_cell_of_the_list_reach_the_dictionary(alice, hotel):
    Tag.objects.create(name="VIP", name_folded="vip")
    response = alice.post(f"/customers/{hotel.pk}/cell/?column=tags", {"value": "vip，新店", "version": hotel.version})
    assert response.status_code == 200
    hotel.refresh_from_db()
    assert hotel.tags == ["VIP", "新店"]
    assert set(Tag.objects.values_list("name", flat=True)) >= {"VIP", "新店"}
