"""设置 → 标签."""

from __future__ import annotations

import pytest

from tests.factories import make_customer
from zhike.accounts.models import User
from zhike.audit.models import Entry
from zhike.base.inputs import Invalid
from zhike.customers.actions.customers import create_customer
from zhike.customers.models import Customer, Tag
from zhike.jobs.actions.running import run_job
from zhike.jobs.models import Job
from zhike.timeline.models import Event


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


# --- Too many to wait for ---


@pytest.fixture
def few(monkeypatch):
    """Let two be many, and one step take two."""
    from zhike.customers.actions import tags
    from zhike.web.tags import kinds

    monkeypatch.setattr(kinds, "AT_ONCE", 2)
    monkeypatch.setattr(kinds.Retag, "at_once", 2)
    monkeypatch.setattr(tags.move_carriers.__wrapped__, "__kwdefaults__", {"most": 2})


def carried() -> dict[str, list[str]]:
    return dict(Customer.objects.order_by("name").values_list("name", "tags"))


def test_a_name_that_many_carry_changes_in_the_background(people, chain, signed_in, few):
    for name in ("乙", "丙", "丁"):
        make_customer(name, owner=people.alice, tags=["连锁"])
    tag = Tag.objects.get(name="连锁")
    answer = signed_in(people.ada).post(
        f"/settings/tags/{tag.pk}/", {"name": "连锁企业", "definition": "", "tone": "ink", "version": 1}
    )
    job = Job.objects.get()
    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert (job.state, job.total, set(map(tuple, carried().values()))) == ("queued", 4, {("连锁", "VIP"), ("连锁",)})
    # Until they follow, the dictionary knows both: the old one is given to nobody new.
    assert dict(Tag.objects.values_list("name", "retired_at"))["连锁企业"] is None
    with pytest.raises(Invalid):
        create_customer(name="戊", by=people.alice, tags=["连锁"])
    make_customer("己", owner=people.alice, tags=["连锁企业"])

    run_job(job.pk)

    job.refresh_from_db()
    assert (job.state, job.done, job.changed) == ("done", 4, 4)
    assert {tags[0] for tags in carried().values()} == {"连锁企业"}
    assert set(Tag.objects.values_list("name", flat=True)) == {"连锁企业", "VIP"}
    assert Event.objects.filter(kind="customer.updated", data__changes__0__field="tags").count() == 4
    assert Entry.objects.get(action="bulk.changed").data == {"what": "retag", "fields": ["tags"], "count": 4}


def test_a_merge_that_is_broken_off_goes_on_and_nobody_is_left(people, chain, signed_in, few, monkeypatch):
    from zhike.web.tags import kinds

    for name in ("乙", "丙", "丁", "戊"):
        make_customer(name, owner=people.alice, tags=["连锁"])
    tag, into = Tag.objects.get(name="连锁"), Tag.objects.get(name="VIP")
    signed_in(people.ada).post(f"/settings/tags/{tag.pk}/merge/", {"into": into.pk, "version": 1})
    job = Job.objects.get()
    calls = iter([True, False])
    real = kinds.move_carriers

    def killed_at_the_second(**given):
        if not next(calls):
            raise KeyboardInterrupt
        return real(**given)

    monkeypatch.setattr(kinds, "move_carriers", killed_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        run_job(job.pk)
    assert list(carried().values()).count(["连锁"]) == 3
    Customer.objects.filter(name="甲").update(tags=["连锁"], tags_folded=["连锁"])  # behind the place where it goes on
    monkeypatch.setattr(kinds, "move_carriers", real)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, set(map(tuple, carried().values()))) == ("done", {("VIP",)})
    assert list(Tag.objects.values_list("name", flat=True)) == ["VIP"]


def test_whoever_may_merge_no_longer_stops_it(people, chain, signed_in, few):
    for name in ("乙", "丙"):
        make_customer(name, owner=people.alice, tags=["连锁"])
    tag, into = Tag.objects.get(name="连锁"), Tag.objects.get(name="VIP")
    signed_in(people.ada).post(f"/settings/tags/{tag.pk}/merge/", {"into": into.pk, "version": 1})
    User.objects.filter(pk=people.ada.pk).update(role="manager")
    job = Job.objects.get()
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, carried()["乙"], Tag.objects.filter(pk=tag.pk).exists()) == ("failed", ["连锁"], True)
