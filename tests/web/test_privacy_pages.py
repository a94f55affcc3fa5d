"""The pages of personal data: a copy of everything, what is owed, words and assessments, being forgotten."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils.html import escape

from tests.factories import make_customer, make_event, make_user
from zhike.accounts.models import User
from zhike.audit.models import Entry
from zhike.classification.models import Placement, Publication
from zhike.core.text import Text
from zhike.customers.actions.addresses import add_address
from zhike.customers.actions.contacts import add_contact
from zhike.customers.actions.fields import add_field
from zhike.customers.fields import KINDS_BY_KEY
from zhike.customers.models import Customer
from zhike.duplicates.actions.merges import merge_customers
from zhike.jobs.actions.running import run_job
from zhike.jobs.models import Job
from zhike.privacy.actions.consents import record_consent
from zhike.privacy.actions.requests import open_request
from zhike.privacy.models import Assessment, BarredInput, Consent, ConsentText, Request
from zhike.web.privacy import package
from zhike.web.request import local_today

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(people, rules):
    customer = make_customer(
        "王小明", owner=people.alice, kind="person", phone="138 0013 8000", birthday=date(1990, 5, 1)
    )
    add_contact(customer=customer, by=None, name="=王妈妈", phone="139 0013 9000")
    make_event(customer, "order.placed", date(2026, 5, 1), amount=240_000_00, data={"title": "净水器"})
    make_event(customer, "call.made", date(2026, 5, 2), by=people.alice, data={"text": "问安装"})
    record_consent(customer=customer, purpose="email", state="given", channel="form", by=people.alice)
    open_request(customer=customer, kind="access", by=people.alice, identity="回拨")
    return customer


@pytest.fixture
def ada(people, signed_in):
    return signed_in(people.ada)


def fetched(client) -> zipfile.ZipFile:
    """Return the file of the latest job."""
    job = Job.objects.latest("pk")
    assert job.state == Job.State.DONE, job.said
    answer = client.get(reverse("web:job_file", args=[job.pk]))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
    assert answer.headers["Cache-Control"] == "private, no-store"
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def test_package_holds_everything_as_json_and_as_tables(ada, person, people, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    add_address(customer=person, by=None, division="310106", street="愚园路 168 号")
    merge_customers(ids=[person.pk, make_customer("同一个人").pk], survivor=person.pk, by=None)
    answer = ada.post(reverse("web:privacy_package", args=[person.pk]))

    assert answer.headers["Location"] == reverse("web:customer_privacy", args=[person.pk])
    archive = fetched(ada)
    document = json.loads(archive.read("person.json"))
    tables = [name for name in document if name not in {"format", "made_at"}]
    assert sorted(archive.namelist()) == sorted(["person.json", *(f"{name}.csv" for name in tables)])
    assert {row["field"]: row["value"] for row in document["fields"]}["phone"] == "+8613800138000"
    assert [one["name"] for one in document["contacts"]] == ["=王妈妈"]
    assert [one["street"] for one in document["addresses"]] == ["愚园路 168 号"]
    assert {one["value"] for one in document["reached_by"]} >= {"+8613800138000", "+8613900139000"}
    told = [(one["kind"], one["amount"], one["by"]) for one in document["timeline"]]
    assert ("order.placed", 24_000_000, "") in told
    assert ("call.made", None, "Alice") in told
    assert sum(kind == "customer.created" for kind, *_ in told) == 2  # that of the merged record is theirs too
    (consent,) = document["consents"]
    assert (consent["purpose"], consent["state"], consent["version"], len(consent["digest"])) == (
        "email",
        "given",
        1,
        64,
    )
    assert consent["text"] == ConsentText.objects.get().zh
    value = next(one for one in document["classes"] if one["dimension"] == "value")
    placement = Placement.objects.get(customer=person, dimension="value")
    assert (value["class"], value["decided_by"], value["inputs"]) == (
        placement.class_key,
        "rule",
        placement.reason["values"],
    )
    assert [one["kind"] for one in document["requests"]] == ["access"]
    rows = list(csv.reader(io.StringIO(archive.read("contacts.csv").decode("utf-8-sig"))))
    assert rows[1][0] == "'=王妈妈"
    entry = Entry.objects.get(action="subject.exported")
    assert (entry.actor, entry.subject_id, entry.data["files"]) == (people.ada, str(person.pk), len(tables) + 1)


def test_whoever_received_something_is_named_in_the_next_package(ada, person, people, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    ada.post(reverse("web:privacy_package", args=[person.pk]))
    ada.post(reverse("web:privacy_package", args=[person.pk]))

    document = json.loads(fetched(ada).read("person.json"))
    assert [(one["who"], one["what"]) for one in document["recipients"]] == [("Ada", "导出个人信息")]


def test_a_consent_is_noted_on_the_page_and_refused_in_words(people, person, signed_in):
    alice = signed_in(people.alice)
    address = reverse("web:consent", args=[person.pk])
    answer = alice.post(address, {"purpose": "phone", "state": "given", "channel": "phone"})
    assert answer.status_code == 302
    assert Consent.objects.filter(purpose="phone", state="given", by=people.alice).count() == 1

    answer = alice.post(address, {"purpose": "share", "state": "withdrawn", "channel": "phone"})
    assert answer.status_code == 422
    assert "没有可以撤回的同意" in answer.content.decode()
    assert not Consent.objects.filter(purpose="share").exists()


def test_refusing_and_allowing_on_the_page(people, person, signed_in):
    alice = signed_in(people.alice)
    address = reverse("web:profiling", args=[person.pk])
    alice.post(address, {"verdict": "refuse", "said": "不要"})
    assert not Placement.objects.filter(customer=person).exists()
    page = alice.get(reverse("web:customer", args=[person.pk]))
    assert page.status_code == 200
    assert "拒绝自动分类" in page.content.decode()
    assert alice.get(f"{reverse('web:customer', args=[person.pk])}?as_of=2026-06-01").status_code >= 400
    assert alice.post(address, {"verdict": "refuse"}).status_code == 409
    alice.post(address, {"verdict": "allow"})
    assert Placement.objects.filter(customer=person).exists()


def test_a_class_set_by_hand_says_no_word_of_what_rules_would_say(people, person, signed_in):
    from zhike.classification.actions.overrides import override_class
    from zhike.classification.actions.refusals import refuse_profiling

    refuse_profiling(customer=person, by=people.alice)
    override_class(customer=person, dimension="value", class_key="low", reason="熟人", by=people.alice)
    panel = signed_in(people.alice).get(reverse("web:why", args=[person.pk, "value"])).content.decode()

    assert "熟人" in panel
    assert "规则现在会判为" not in panel


def test_requests_are_listed_by_their_day_and_closed_by_leaders(people, person, signed_in):
    open_request(customer=person, kind="correct", by=None, received_on=date(2026, 1, 1))
    bob = signed_in(people.bob)
    page = bob.get(reverse("web:privacy_requests"))
    assert [one.kind for one in page.context["requests"]] == ["correct", "access"]
    late = page.context["requests"][0]

    bob.post(reverse("web:privacy_request", args=[late.pk]), {"verdict": "decline", "answer": ""})
    assert Request.objects.get(pk=late.pk).state == "open"
    bob.post(reverse("web:privacy_request", args=[late.pk]), {"verdict": "done", "answer": "改好了"})
    assert (Request.objects.get(pk=late.pk).state, Request.objects.get(pk=late.pk).closed_by) == ("done", people.bob)


def test_erasure_shows_what_goes_and_wants_the_name(ada, person):
    address = reverse("web:erase", args=[person.pk])
    page = ada.get(address)
    assert dict(page.context["goes"])["联系人"] == 1
    version = Customer.objects.get(pk=person.pk).version

    assert ada.post(address, {"version": version, "typed": "王大明"}).status_code == 422
    assert ada.post(address, {"version": version - 1 or 9, "typed": "王小明"}).status_code == 409
    assert Customer.objects.get(pk=person.pk).name == "王小明"
    assert ada.post(address, {"version": version, "typed": "王小明"}).status_code == 302
    assert Customer.objects.get(pk=person.pk).erased_at is not None
    assert ada.get(address).status_code == 404


def test_words_and_assessment_are_written_in_versions(ada):
    address = reverse("web:consent_text", args=["email"])
    assert ada.post(address, {"zh": "新的", "en": ""}).status_code == 422
    assert ada.post(address, {"zh": "新的", "en": "new"}).status_code == 302
    assert [one.number for one in ConsentText.objects.filter(purpose="email").order_by("pk")] == [1, 2]
    assert ada.get(reverse("web:consent_text", args=["nothing"])).status_code == 404

    address = reverse("web:impact_assessment")
    parts = {"purpose": "服务", "necessity": "少打扰", "impact": "小", "measures": "可拒绝"}
    Assessment.objects.all().delete()
    assert "Classes decide no price" not in ada.get(address).text
    assert "不用来定价" in ada.get(address).text  # the draft that is ready to be filed
    assert ada.post(address, {**parts, "impact": ""}).status_code == 422
    assert ada.post(address, parts).status_code == 302
    assert Assessment.objects.get().impact == "小"


def test_an_input_is_barred_and_allowed_on_the_page(ada, rules):
    address = reverse("web:dimension_inputs", args=["value"])
    assert ada.post(address, {"input": "customer.city", "reason": ""}).status_code == 422
    assert ada.post(address, {"input": "customer.city", "reason": "不按地域"}).status_code == 302
    barred = BarredInput.objects.get()
    assert not Publication.objects.exists()
    ada.post(reverse("web:input_allow", args=["value", barred.pk]))
    assert BarredInput.objects.filter(lifted_at=None).count() == 0


# --- The copy as a job ---


@pytest.fixture
def copy(ada, person, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    ada.post(reverse("web:privacy_package", args=[person.pk]))
    return Job.objects.get()


def file_of(client, job) -> int:
    answer = client.get(reverse("web:job_file", args=[job.pk]))
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer.status_code


def test_a_long_history_is_left_to_the_worker_with_its_progress(ada, person, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(package.Copy, "at_once", 1)
    monkeypatch.setattr(package, "CHUNK", 2)
    answer = ada.post(reverse("web:privacy_package", args=[person.pk]))
    job = Job.objects.get()
    assert (answer.headers["Location"], job.state) == (reverse("web:job", args=[job.pk]), Job.State.QUEUED)
    seen = []
    work = package._tables

    def watched(customer, by, rules, told):
        return work(customer, by, rules, lambda done: seen.append(done) or told(done))

    monkeypatch.setattr(package, "_tables", watched)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done == job.total > 2, seen[0]) == (Job.State.DONE, True, 2)
    assert not Entry.objects.filter(action="file.fetched").exists()
    assert file_of(ada, job) == 200
    fetched_entry = Entry.objects.get(action="file.fetched")
    assert (fetched_entry.subject_id, fetched_entry.data["what"]) == (str(person.pk), "copy")


def test_the_copy_is_its_owners_alone_and_expires(ada, copy, signed_in, people, settings):
    from zhike.jobs.actions.tidying import remove_expired

    assert file_of(ada, copy) == 200
    assert file_of(signed_in(make_user("Eve", role="admin")), copy) == 404
    assert file_of(signed_in(people.bob), copy) == 404
    settings.ZHIKE_NOW = copy.expires_at + timedelta(seconds=1)
    assert file_of(ada, copy) == 404
    assert remove_expired() == 1
    assert not list((settings.MEDIA_ROOT / "exports").iterdir())


def test_who_may_disclose_no_longer_fetches_nothing(ada, copy, people):
    User.objects.filter(pk=people.ada.pk).update(role="manager")
    assert file_of(ada, copy) in {302, 403, 404}
    assert not Entry.objects.filter(action="file.fetched").exists()


def test_an_erased_person_is_in_no_copy_that_is_left(ada, copy, person, people, settings):
    from zhike.privacy.actions.erasure import erase_customer

    person.refresh_from_db()
    erase_customer(customer=person, by=people.ada, seen=person.version)
    assert file_of(ada, copy) == 404
    text = str(list(Job.objects.values()))
    assert not any(word in text for word in ("王小明", "13800138000"))


def test_whoever_may_not_disclose_asks_for_no_copy(people, person, signed_in):
    for who in (people.alice, people.bob):
        assert signed_in(who).post(reverse("web:privacy_package", args=[person.pk])).status_code == 403
    assert signed_in(people.charlie).post(reverse("web:privacy_package", args=[person.pk])).status_code == 404
    assert Job.objects.count() == 0


@pytest.mark.parametrize(("language", "title"), [("zh-hans", "个人信息收集清单"), ("en", "Inventory of personal data")])
def test_the_inventory_is_a_page_that_has_every_row(people, rules, signed_in, language, title):
    from zhike.core.facts import FieldType
    from zhike.customers.actions.fields import define_field
    from zhike.privacy.inventory import INVENTORY

    define_field(key="seats", type_=FieldType.INTEGER, by=None)
    User.objects.filter(pk=people.alice.pk).update(language=language)
    page = signed_in(people.alice).get(reverse("web:inventory")).text
    assert f'<h1 class="zk-h1">{title}</h1>' in page
    missing = [
        row.column
        for section in INVENTORY
        for row in section.rows
        if f'<code class="zk-sm">{row.column}</code>' not in page
        or escape(row.what.get("en" if language == "en" else "zh")) not in page
    ]
    assert missing == []
    assert "seats" in page
    assert f'href="{reverse("web:inventory")}"' in signed_in(people.alice).get("/settings/").text


def test_until_the_assessment_is_filed_the_day_begins_with_it(people, rules, signed_in, ada):
    Assessment.objects.all().delete()
    person = make_customer("王小明", owner=people.alice, kind="person")
    make_event(person, "order.placed", amount=30_000_000)
    alice = signed_in(people.alice)
    assert "个人客户还没有自动分类" in ada.get("/").text
    assert "个人客户还没有自动分类" not in alice.get("/").text
    assert "影响评估还没有归档" in alice.get(reverse("web:customer", args=[person.pk])).text
    assert "影响评估还没有归档" in alice.get(reverse("web:customer_privacy", args=[person.pk])).text
    page = ada.get(reverse("web:impact_assessment"))
    sent = {name: field.initial for name, field in page.context["form"].fields.items()}
    sent = {name: page.context["form"].initial[name] for name in sent}
    assert ada.post(reverse("web:impact_assessment"), sent).status_code == 302

    from zhike.classification.tasks import place_due_customers_soon

    place_due_customers_soon()
    assert Placement.objects.filter(customer=person, dimension="value", class_key="high").exists()
    assert "个人客户还没有自动分类" not in ada.get("/").text


def test_a_guardians_consent_is_asked_for_children_alone(people, rules, signed_in):
    alice = signed_in(people.alice)
    grown = make_customer("大人", owner=people.alice, kind="person", birthday=date(1990, 5, 1))
    child = make_customer(
        "孩子", owner=people.alice, kind="person", birthday=local_today().replace(day=1) - timedelta(days=3000)
    )
    assert "监护人同意" not in alice.get(reverse("web:customer_privacy", args=[grown.pk])).text
    page = alice.get(reverse("web:customer_privacy", args=[child.pk])).text
    assert "监护人同意" in page
    assert "监护人同意以后规则才判定" in page
    assert "没有监护人的同意不作自动分类" in alice.get(reverse("web:customer", args=[child.pk])).text


def test_sensitive_fields_ask_for_the_consent_and_are_emptied_without_it(people, person, signed_in):
    field = add_field(field_kind=KINDS_BY_KEY["text"], by=None, label=Text("病史", ""), is_sensitive=True)
    alice, page = signed_in(people.alice), reverse("web:customer_privacy", args=[person.pk])
    edit = reverse("web:customer_edit", args=[person.pk])
    given = {
        "kind": "person",
        "name": "王小明",
        "owner": people.alice.pk,
        "version": person.version,
        field.name: "过敏",
    }

    refused = alice.post(edit, given)
    assert refused.status_code == 422
    assert "「病史」是敏感个人信息：先在客户的「个人信息」页记下单独同意，再填写" in refused.text
    assert f'href="{page}#consents"' in refused.text
    column = reverse("web:customer_cell", args=[person.pk]) + f"?column={field.name}"
    cell = alice.post(column, {"version": person.version, "value": "过敏"})
    assert (cell.status_code, "「病史」是敏感个人信息" in cell.text) == (422, True)
    assert Customer.objects.get(pk=person.pk).custom == {}

    Customer.objects.filter(pk=person.pk).update(custom={field.key: "过敏"})
    empty = reverse("web:sensitive_empty", args=[person.pk])
    assert f'action="{empty}"' in alice.get(page).text
    assert alice.post(empty).headers["Location"] == page
    assert Customer.objects.get(pk=person.pk).custom == {}
    assert f'action="{empty}"' not in alice.get(page).text


def test_a_sensitive_field_is_allowed_on_the_page_of_its_dimension(ada, rules):
    field = add_field(field_kind=KINDS_BY_KEY["text"], by=None, label=Text("病史", ""), is_sensitive=True)
    page = reverse("web:dimension_inputs", args=["value"])
    allow = f'name="allow" value="{field.name}"'
    assert allow in ada.get(page).text

    assert ada.post(page, {"allow": field.name}).headers["Location"] == page
    assert allow not in ada.get(page).text
