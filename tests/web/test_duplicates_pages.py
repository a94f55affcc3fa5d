"""Pairs on their page, side by side, and beside the form while somebody types."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from tests.factories import make_customer, make_people, make_user
from tests.scenes import one_scene

pytestmark = pytest.mark.django_db
SENTENCE = "有一条重复，请问经理"


@pytest.fixture(scope="module")
def scene(django_db_setup, django_db_blocker):
    from zhike.accounts.actions import set_company
    from zhike.classification.actions.packs import install_pack
    from zhike.duplicates.actions.searching import search_everybody

    with one_scene(django_db_blocker):
        set_company(by=None, name="清源水科技", timezone="Asia/Shanghai", currency="CNY")
        install_pack(pack="general", by=None)
        people = make_people()
        one = make_customer(
            "上海梧桐里酒店管理有限公司", owner=people.alice, phone="13800138000", city="上海", kind="company"
        )
        two = make_customer("梧桐里酒店管理(上海)", owner=people.alice, phone="13800138000", kind="company")
        three = make_customer("梧桐里酒店", owner=people.charlie, phone="13800138000", kind="company")
        search_everybody(lambda _done, _total: None)
        yield {"people": people, "one": one, "two": two, "three": three, "otto": make_user("Otto", role="auditor")}


@pytest.fixture
def page(scene, signed_in):
    def open_as(name, address, data=None, **given):
        user = scene["otto"] if name == "otto" else getattr(scene["people"], name)
        client = signed_in(user)
        answer = client.get(address, **given) if data is None else client.post(address, data, **given)
        return answer.status_code, answer.content.decode(), answer

    return open_as


def pair(scene, one="one", other="two"):
    from zhike.duplicates.models import Pair

    return Pair.objects.get(customer=scene[one], other=scene[other])


def test_the_list_shows_whom_one_sees_and_narrows(scene, page):
    status, text, _ = page("alice", "/duplicates/")
    assert (status, text.count('class="zk-row zk-pair"')) == (200, 1)
    assert "手机相同" in text
    assert "梧桐里酒店</a>" not in text
    assert page("charlie", "/duplicates/")[1].count("zk-pair-who") == 0
    everything = page("ada", "/duplicates/")[1]
    assert everything.count('class="zk-row zk-pair"') == 3
    group = pair(scene).group
    for narrowed, expected in {
        "band=strong": 3,
        "band=possible": 0,
        "by=phone": 3,
        "by=email": 0,
        f"owner={scene['people'].charlie.pk}": 2,
        f"customer={scene['two'].pk}": 2,
        f"group={group}": 3,
        "state=other": 0,
    }.items():
        assert page("ada", f"/duplicates/?{narrowed}")[1].count('class="zk-row zk-pair"') == expected, narrowed
    for wrong in ("band=x", "by=x", "state=x", "owner=x", "customer=" + "9" * 30):
        assert page("ada", f"/duplicates/?{wrong}")[0] == 404


def test_two_stand_side_by_side_with_their_parts(scene, page):
    status, text, _ = page("alice", f"/duplicates/{pair(scene).pk}/")
    assert status == 200
    assert "上海 · 梧桐里 · 酒店管理 · 有限公司" in text
    assert re.search(r"手机相同 <span[^>]*>\d", text)
    assert "138 0013 8000" in text
    masked = page("otto", f"/duplicates/{pair(scene).pk}/")[1]
    assert "0013 8000" not in masked
    assert "不是同一位</button>" not in masked
    assert page("alice", f"/duplicates/{pair(scene, 'one', 'three').pk}/")[0] == 404


def test_saying_that_they_are_not_one_and_taking_it_back(scene, page):
    found = pair(scene)
    assert page("alice", f"/duplicates/{found.pk}/part/", {})[0] == 302
    assert pair(scene).state == "other"
    assert "收回" in page("alice", f"/duplicates/{found.pk}/")[1]
    assert page("alice", f"/duplicates/{found.pk}/reopen/", {})[0] == 302
    assert pair(scene).state == "open"
    status, text, _ = page(
        "alice", f"/duplicates/{found.pk}/part/", {}, headers={"HX-Request": "true", "HX-Request-Type": "partial"}
    )
    assert (status, "记住了" in text) == (200, True)
    assert "0 / 1" in page("alice", "/duplicates/")[1]


def test_many_are_parted_at_once_or_none(scene, page):
    ids = [pair(scene).pk, pair(scene, "one", "three").pk]
    assert page("alice", "/duplicates/part/", {"pair": ids})[0] == 404
    assert page("alice", "/duplicates/part/", {"pair": ["x"]})[0] == 422
    assert pair(scene).state == "open"
    assert page("ada", "/duplicates/part/", {"pair": ids})[0] == 302
    assert [pair(scene).state, pair(scene, "one", "three").state] == ["other", "other"]


def test_the_record_says_how_many_it_may_be(scene, page):
    assert f'href="/duplicates/{pair(scene).pk}/">可能重复 1</a>' in page("alice", f"/customers/{scene['one'].pk}/")[1]
    whole = page("ada", f"/customers/{scene['one'].pk}/")[1]
    assert f'href="/duplicates/?customer={scene["one"].pk}">可能重复 2</a>' in whole
    hidden = page("charlie", f"/customers/{scene['three'].pk}/")[1]
    assert SENTENCE in hidden
    assert "梧桐里酒店管理" not in hidden


TYPED = {"kind": "company", "name": "梧桐里酒店管理", "phone": "+86 138-0013-8000"}


def test_somebody_who_types_is_told_of_whom_they_see_and_of_nobody_else(scene, page):
    status, text, _ = page("alice", "/duplicates/typed/", TYPED)
    assert status == 200
    assert [scene[name].name in text for name in ("one", "two")] == [True, True]
    assert "梧桐里酒店</a>" not in text
    assert f"还{SENTENCE[:5]}" in text or "还有一条重复，请问经理" in text
    for who in ("charlie", "carol"):
        told = page(who, "/duplicates/typed/", TYPED | {"name": "另一个名字"})[1]
        assert not any(secret in told for secret in ("梧桐里酒店管理", "Alice", "13800138000", "0013"))
    assert SENTENCE in page("carol", "/duplicates/typed/", TYPED)[1]
    assert page("carol", "/duplicates/typed/", {"name": "甲"})[1].strip() == ""
    assert page("carol", "/duplicates/typed/", {**TYPED, "of": scene["one"].pk})[0] == 404
    assert page("carol", "/duplicates/typed/", {**TYPED, "of": "x"})[0] == 404
    assert page("alice", "/duplicates/typed/", {**TYPED, "of": scene["one"].pk})[1].count("zk-alike-one") == 1


@pytest.mark.parametrize("phone", ["138 0013 8000", "+8613800138000", "１３８００１３８０００"])
def test_one_number_however_written_is_one_candidate(scene, page, phone):
    told = page("carol", "/duplicates/typed/", {"kind": "company", "name": "恒拓精密", "phone": phone})[1]
    assert SENTENCE in told


def test_a_save_is_asked_about_once_and_one_press_saves(scene, page):
    from zhike.customers.models import Customer

    form = {**TYPED, "key": str(uuid4()), "owner": scene["people"].carol.pk}
    status, text, _ = page("carol", "/customers/new/", form)
    assert (status, SENTENCE in text, 'name="anyway"' in text) == (422, True, True)
    assert Customer.objects.filter(name=TYPED["name"]).count() == 0
    status, _, answer = page("carol", "/customers/new/", {**form, "anyway": "1"})
    assert status == 302
    made = Customer.objects.get(name=TYPED["name"])
    assert answer.url == f"/customers/{made.pk}/"
    # Sent again it is the same customer, and nobody's duplicate.
    assert page("carol", "/customers/new/", form)[0] == 302
    assert Customer.objects.filter(name=TYPED["name"]).count() == 1


def test_saving_all_the_same_says_that_it_is_none_of_those_who_were_named(scene, page):
    from zhike.customers.models import Customer
    from zhike.duplicates.actions.searching import search_everybody
    from zhike.duplicates.models import Pair

    alice, one, two, three = scene["people"].alice, scene["one"], scene["two"], scene["three"]
    form = {**TYPED, "key": str(uuid4()), "owner": alice.pk}
    text = page("alice", "/customers/new/", form)[1]
    seen = [int(pk) for pk in re.findall(r'name="seen" value="(\d+)"', text)]
    assert sorted(seen) == [one.pk, two.pk]

    assert page("alice", "/customers/new/", {**form, "anyway": "1", "seen": [*seen, three.pk, "x"]})[0] == 302

    made = Customer.objects.get(name=TYPED["name"])
    search_everybody(lambda _done, _total: None)
    said = {pair.customer_id: (pair.state, pair.decided_by_id) for pair in Pair.objects.filter(other=made)}
    assert said == {one.pk: ("other", alice.pk), two.pk: ("other", alice.pk), three.pk: ("open", None)}


def test_an_edit_is_asked_about_only_when_it_changes_what_is_compared(scene, page):
    one = scene["one"]
    address = f"/customers/{one.pk}/edit/"
    kept = {"kind": "company", "name": one.name, "phone": one.phone, "city": one.city, "version": one.version}
    kept["owner"] = one.owner_id
    status, text, _ = page("alice", address, {**kept, "city": "上海市"})
    assert (status, "可能已经有这位客户" in text) == (422, True)
    assert page("alice", address, {**kept, "source": "展会"})[0] == 302
    one.refresh_from_db()


def test_a_leader_has_everybody_searched(scene, page):
    from zhike.jobs.models import Job

    key = str(uuid4())
    status, _, answer = page("bob", "/duplicates/search/", {"key": key})
    job = Job.objects.get(kind="duplicates")
    assert (status, answer.url) == (302, f"/jobs/{job.pk}/")
    assert page("bob", "/duplicates/search/", {"key": key})[2].url == answer.url
    assert "查找全部客户" in page("bob", "/duplicates/")[1]
    assert "查找全部客户" not in page("alice", "/duplicates/")[1]
