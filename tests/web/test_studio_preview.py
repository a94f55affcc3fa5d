"""What a draft would do, as the studio shows it: numbers, the picture, the customers, the file."""

from __future__ import annotations

import csv
import io

import pytest

from tests.web.drafting import draft_of, send, with_bound

PREVIEW = "/classes/value/draft/preview/"


@pytest.fixture
def ada(people, rules, signed_in):
    return signed_in(people.ada)


@pytest.fixture
def shop(people, rules, hotel):
    """The hotel at ¥240,000, and a shop of nobody's at ¥210,000 whose name a spreadsheet would compute."""
    from tests.factories import make_customer, make_event

    customer = make_customer("=1+1 商店", kind="company")
    make_event(customer, "order.placed", amount=21_000_000)
    return customer


def test_it_counts_draws_and_names_who_changes(people, ada, shop, hotel):
    draft = draft_of(people.ada)
    page = send(ada, PREVIEW, {"data": with_bound(draft.data, 22_000_000)})
    impact = page.context["impact"]
    assert (impact.changed, impact.total, impact.share) == (1, 2, 50.0)
    assert [(f.old, f.new, f.customers) for f in impact.flows] == [("high", "regular", 1)]
    assert impact.sizes == {"high": (2, 1), "low": (0, 0), "regular": (0, 1)}
    assert [(m.customer, m.old.label, m.new.label, m.reason) for m in impact.movers] == [
        (shop, "高价值", "普通", "近 365 天成交额 ¥210,000")
    ]
    assert [(link.old, link.new, link.customers) for link in impact.sankey.links] == [("high", "regular", 1)]
    assert 'aria-label="高价值到普通 1 位"' in page.text
    assert impact.owners == [("无人负责", 1)]


def test_what_is_not_saved_is_previewed_and_stays_unsaved(people, ada, shop):
    draft = draft_of(people.ada)
    send(ada, PREVIEW, {"data": with_bound(draft.data, 22_000_000)})
    draft.refresh_from_db()
    assert draft.revision == 1


def put_in_force(scheme, data):
    from zhike.classification.models import SchemeVersion

    scheme.current = SchemeVersion.objects.create(scheme=scheme, number=99, state="retired", data=data)
    scheme.save()


def test_classes_that_must_hold_for_days_are_counted_by_the_rules_of_today_and_it_says_so(people, ada, shop):
    draft = draft_of(people.ada)
    note = "（高价值 3 天）：已经满了的发布时就换，没满的先留在原来的类别"
    plain = with_bound(draft.data, 22_000_000)
    damped = {**plain, "classes": [{**plain["classes"][0], "hold_days": 3}, *plain["classes"][1:]]}
    pages = [send(ada, PREVIEW, {"data": data}) for data in (plain, damped)]
    assert [(page.context["impact"].changed, note in page.text) for page in pages] == [(1, False), (1, True)]
    assert [page.context["impact"].waits_now for page in pages] == [False, False]
    put_in_force(draft.scheme, damped)
    page = send(ada, PREVIEW, {"data": plain})
    assert (page.context["impact"].waits_now, "正在等的客户，发布时也会换，这里没有计入" in page.text) == (True, True)


def test_a_draft_that_is_wrong_says_what_is_missing(people, ada):
    draft = draft_of(people.ada)
    page = send(ada, PREVIEW, {"data": with_bound(draft.data, "x")})
    assert "草稿还算不出来" in page.text
    assert page.context["unready"] == "应为以分计的整数，这里是 'x'。"


def test_a_metric_that_only_the_draft_reads_is_worked_out_first(people, ada, shop):
    from zhike.classification.actions.drafts import save_draft

    draft = draft_of(people.ada)
    data = with_bound(draft.data, 22_000_000)
    data["classes"][0]["when"]["over"] = {"days": 77}
    unsaved = send(ada, PREVIEW, {"data": data})
    assert (unsaved.context["filling"].metrics, unsaved.context["filling"].is_saved) == (1, False)
    save_draft(draft=draft, data=data, revision=1, by=people.ada)
    assert send(ada, PREVIEW, {"data": data}).context["impact"].changed == 1


def test_many_customers_are_left_to_the_worker(people, ada, shop, monkeypatch):
    from procrastinate.contrib.django.models import ProcrastinateJob

    from zhike.classification.actions.drafts import save_draft
    from zhike.web.classes import impact_views

    monkeypatch.setattr(impact_views, "FEW_CUSTOMERS", 1)
    draft = draft_of(people.ada)
    data = with_bound(draft.data, 22_000_000)
    data["classes"][0]["when"]["over"] = {"days": 77}
    save_draft(draft=draft, data=data, revision=1, by=people.ada)
    for _ in range(2):
        page = send(ada, PREVIEW, {"data": data})
        assert page.context["filling"].is_saved
    assert list(ProcrastinateJob.objects.values_list("task_name", flat=True)) == [
        "zhike.classification.tasks.fill_metrics"
    ]


def test_without_a_script_a_button_asks_for_the_numbers(people, ada, shop):
    from zhike.classification.actions.drafts import save_draft
    from zhike.classification.models import KeptMetric

    draft = draft_of(people.ada)
    data = with_bound(draft.data, 22_000_000)
    data["classes"][0]["when"]["over"] = {"days": 77}
    save_draft(draft=draft, data=data, revision=1, by=people.ada)
    assert "现在就算" in ada.get("/classes/value/draft/").text
    assert not KeptMetric.objects.get().complete
    ada.post(PREVIEW)
    assert KeptMetric.objects.get().complete
    assert ada.get("/classes/value/draft/").context["impact"].changed == 1


def save_bound(people, value):
    from zhike.classification.actions.drafts import save_draft

    draft = draft_of(people.ada)
    return save_draft(draft=draft, data=with_bound(draft.data, value), revision=1, by=people.ada)


def test_the_list_of_all_and_of_one_flow(people, ada, shop):
    save_bound(people, 22_000_000)
    page = ada.get("/classes/value/draft/moved/")
    assert [(m.customer.name, m.reason) for m in page.context["movers"]] == [("=1+1 商店", "近 365 天成交额 ¥210,000")]
    assert ada.get("/classes/value/draft/moved/?from=high&to=regular").context["count"].value == 1
    assert ada.get("/classes/value/draft/moved/?from=low").context["count"].value == 0
    assert ada.get("/classes/value/draft/moved/?at=nonsense").status_code == 200


def test_the_file_computes_nothing_in_a_spreadsheet(people, ada, shop):
    save_bound(people, 22_000_000)
    response = ada.get("/classes/value/draft/moved.csv")
    assert response.headers["Content-Disposition"] == 'attachment; filename="value-v2.csv"'
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [
        ["编号", "客户", "负责人", "现在", "以后", "依据"],
        [str(shop.pk), "'=1+1 商店", "", "高价值", "普通", "近 365 天成交额 ¥210,000"],
    ]


def test_a_manager_sees_the_effect_on_what_is_theirs(people, rules, shop, signed_in):
    save_bound(people, 22_000_000)
    page = signed_in(people.bob).get("/classes/value/draft/")
    assert (page.context["impact"].changed, page.context["impact"].total) == (0, 1)
    assert "只算你能看到的" in page.text


def test_a_new_dimension_gives_classes_and_moves_nobody(people, ada, shop):
    from zhike.classification.actions.drafts import add_dimension

    add_dimension(key="risk", label={"zh": "风险", "en": "Risk"}, by=people.ada)
    impact = ada.get("/classes/risk/draft/").context["impact"]
    assert (impact.newcomers, impact.total, list(impact.movers)) == (True, 2, [])
