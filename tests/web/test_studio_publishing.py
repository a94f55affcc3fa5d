"""Drafts on their way into force: asked for, watched, cancelled, confirmed, undone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.web.drafting import draft_of, with_bound

PUBLISH = "/classes/value/draft/publish/"


@pytest.fixture
def ada(people, rules, signed_in):
    return signed_in(people.ada)


@pytest.fixture
def draft(people, rules, hotel):
    from zhike.classification.actions.drafts import save_draft

    draft = draft_of(people.ada)
    return save_draft(draft=draft, data=with_bound(draft.data, 30_000_000), revision=1, by=people.ada)


def send(client, draft, **given):
    return client.post(PUBLISH, {"when": "now", "revision": draft.revision, "note": "收紧一点", **given})


def carry_out():
    from zhike.classification.tasks import carry_publications_through

    return carry_publications_through.func()


def test_the_dialog_says_what_it_moves_and_that_it_can_be_undone(ada, draft):
    page = ada.get(PUBLISH).text
    assert "1 位客户会换类，其中 1 位降级" in page
    assert "生效以后可以退回" in page


def test_publishing_leads_to_its_page_and_on_to_the_classes(ada, draft, hotel):
    from procrastinate.contrib.django.models import ProcrastinateJob

    from zhike.classification.models import Publication

    response = send(ada, draft)
    publication = Publication.objects.get()
    assert response.headers["Location"] == f"/classes/publications/{publication.pk}/"
    assert list(ProcrastinateJob.objects.values_list("task_name", flat=True)) == [
        "zhike.classification.tasks.carry_publications_through"
    ]
    waiting = ada.get(response.headers["Location"])
    assert 'hx-trigger="every 1s"' in waiting.text
    assert carry_out() == 1
    page = ada.get(response.headers["Location"])
    assert 'hx-trigger="every 1s"' not in page.text
    (moves,) = page.context["moves"]
    assert (moves.label, [(m.old.label, m.new.label, m.customers) for m in moves.moves]) == (
        "客户价值",
        [("高价值", "普通", 1)],
    )
    assert "收紧一点" in page.text
    assert hotel.placements.get(dimension="value").class_key == "regular"


def test_whoever_answers_for_moved_customers_confirms_it(people, ada, draft, signed_in):
    from zhike.classification.models import Acknowledgement

    path = send(ada, draft).headers["Location"]
    carry_out()
    assert "我知道了" not in ada.get(path).text
    alice = signed_in(people.alice)
    assert "我知道了" in alice.get(path).text
    ada.post(f"{path}confirm/")
    assert Acknowledgement.objects.get().confirmed_at is None
    alice.post(f"{path}confirm/")
    assert Acknowledgement.objects.get().confirmed_at is not None
    assert "我知道了" not in alice.get(path).text


def test_a_draft_that_changed_since_it_was_looked_at_is_not_published(people, ada, draft):
    from zhike.classification.actions.drafts import save_draft
    from zhike.classification.models import Publication

    looked_at = draft.revision
    save_draft(draft=draft, data=with_bound(draft.data, 1), revision=looked_at, by=people.bob)
    page = ada.post(PUBLISH, {"when": "now", "revision": looked_at})
    assert page.status_code == 422
    assert "草稿刚刚又改过" in page.text
    assert not Publication.objects.exists()


def test_at_a_time_it_waits_and_can_be_cancelled(ada, draft):
    from zhike.classification.models import Publication

    missing = send(ada, draft, when="later")
    assert missing.status_code == 422
    assert "填写生效时间。" in missing.text
    soon = timezone.localtime() + timedelta(days=1)
    path = send(ada, draft, when="later", starts_at=f"{soon:%Y-%m-%dT%H:%M}").headers["Location"]
    assert carry_out() == 0
    assert "在那之前客户的类别不变" in ada.get(path).text
    assert "已预约" in ada.get("/classes/value/draft/").text
    ada.post(f"{path}cancel/")
    assert Publication.objects.get().state == "cancelled"
    again = ada.post(f"{path}cancel/", follow=True)
    assert "不能取消" in again.text


def test_a_time_that_has_passed_is_refused(ada, draft):
    page = send(ada, draft, when="later", starts_at="2020-01-01T10:00")
    assert page.status_code == 422
    assert "生效的时间已经过去" in page.text


def test_a_draft_that_is_wrong_is_not_published(people, ada, draft):
    from zhike.classification.actions.drafts import save_draft
    from zhike.classification.models import Publication

    draft = save_draft(draft=draft, data=with_bound(draft.data, "x"), revision=2, by=people.ada)
    page = send(ada, draft)
    assert page.status_code == 422
    assert "应为以分计的整数" in page.text
    assert not Publication.objects.exists()


def test_those_whose_new_class_waits_for_somebody_are_counted(people, ada, rules, hotel):
    from zhike.classification.actions.drafts import save_draft
    from zhike.classification.models import Placement, Publication

    draft = draft_of(people.ada)
    data = with_bound(draft.data, 30_000_000)
    data["classes"][0]["demote"] = "review"
    send(ada, save_draft(draft=draft, data=data, revision=1, by=people.ada))
    carry_out()
    assert Placement.objects.get(customer=hotel, dimension="value").class_key == "high"
    page = ada.get(f"/classes/publications/{Publication.objects.get().pk}/")
    assert [(one.label, one.size.value) for one in page.context["waiting"]] == [("客户价值", 1)]
    assert "客户价值：1 位的新类别要有人同意，在那之前不换" in page.text
    assert 'href="/reviews/?owner=all&amp;dimension=value"' in page.text
    assert "没有客户换类" in page.text


def test_rolling_back_brings_the_classes_back(ada, draft, hotel):
    send(ada, draft)
    carry_out()
    assert "「客户价值」退回 v1" in ada.get("/classes/value/roll-back/1/").text
    path = ada.post("/classes/value/roll-back/1/", {"note": "太严了"}).headers["Location"]
    carry_out()
    assert "太严了" in ada.get(path).text
    assert hotel.placements.get(dimension="value").class_key == "high"
    assert [r.version.number for r in ada.get("/classes/value/").context["versions"]] == [3, 2, 1]


def test_the_version_in_force_is_not_rolled_back_to(ada, draft):
    page = ada.post("/classes/value/roll-back/1/", {})
    assert page.status_code == 422
    assert "只能退回以前的版本" in page.text


def test_a_publication_that_failed_says_why(people, ada, draft):
    from zhike.classification.models import Publication

    path = send(ada, draft).headers["Location"]
    Publication.objects.update(state="failed", problem={"zh": "规则刚被别人换过", "en": "changed"})
    assert "没有生效，客户的类别没有变。 规则刚被别人换过" in ada.get(path).text
