"""Pairs are found over everybody and for one, remembered as people decided, and shown to whoever sees both."""

from __future__ import annotations

from datetime import date

import pytest

from tests.factories import make_customer, make_people, make_user
from tests.scenes import one_scene

pytestmark = pytest.mark.django_db
CODE = "91310115MA1K3Y0X0G"


@pytest.fixture(scope="module")
def scene(django_db_setup, django_db_blocker):
    from zhike.customers.actions.contacts import add_contact
    from zhike.duplicates.actions.searching import search_everybody

    with one_scene(django_db_blocker):
        people = make_people()
        one = make_customer("上海梧桐里酒店管理有限公司", owner=people.alice, phone="138 0013 8000", city="上海")
        two = make_customer("梧桐里酒店管理(上海)", owner=people.alice, phone="１３８００１３８０００", city="上海市")
        three = make_customer("梧桐里酒店", owner=people.charlie, phone="+8613800138000", kind="company")
        branch = make_customer("上海梧桐里酒店管理有限公司苏州分公司", owner=people.alice, city="苏州")
        person = make_customer("张伟", owner=people.alice, kind="person", birthday=date(1990, 5, 6), email="zw@acme.cn")
        again = make_customer("Zhang Wei", owner=people.charlie, kind="person", birthday=date(1990, 5, 6))
        add_contact(customer=one, by=people.alice, name="沈一帆", phone="13911112222")
        heard = []
        search_everybody(lambda done, total: heard.append((done, total)))
        yield {
            "people": people,
            "one": one,
            "two": two,
            "three": three,
            "branch": branch,
            "person": person,
            "again": again,
            "heard": heard,
        }


def names(scene, rows):
    by_id = {value.pk: key for key, value in scene.items() if hasattr(value, "version")}
    return {frozenset((by_id[pair.customer_id], by_id[pair.other_id])) for pair in rows}


TRIO = {frozenset(pair) for pair in (("one", "two"), ("one", "three"), ("two", "three"))}


def test_a_search_finds_those_who_share_a_number_and_a_name(scene):
    from zhike.duplicates.models import Pair

    assert names(scene, Pair.objects.all()) == TRIO | {frozenset(("person", "again"))}
    assert scene["heard"][-1][0] == scene["heard"][-1][1] > 0
    trio = Pair.objects.filter(group__isnull=False).exclude(customer=scene["person"].pk)
    assert {pair.group for pair in trio} == {scene["one"].pk}
    pair = Pair.objects.get(customer=scene["one"], other=scene["two"])
    told = {piece["part"]: piece["level"] for piece in pair.evidence}
    assert told == {"phone": "mobile", "company": "same", "region": "same", "city": "same"}


def test_a_pair_is_seen_by_whoever_sees_both(scene):
    from zhike.base.errors import NotFound
    from zhike.duplicates.listing import get_pair, open_pairs
    from zhike.duplicates.models import Pair

    people = scene["people"]
    assert names(scene, open_pairs(people.alice)) == {frozenset(("one", "two"))}
    assert names(scene, open_pairs(people.charlie)) == set()
    assert len(names(scene, open_pairs(people.ada))) == 4
    hidden = Pair.objects.get(customer=scene["one"], other=scene["three"])
    with pytest.raises(NotFound):
        get_pair(people.alice, hidden.pk)


def test_what_was_said_not_to_be_the_same_stays_so_until_a_key_comes_to_agree(scene):
    from zhike.customers.actions.customers import update_customer
    from zhike.duplicates.actions.pairs import part_pairs
    from zhike.duplicates.actions.searching import search_everybody, search_for
    from zhike.duplicates.models import Pair

    people, pair = scene["people"], Pair.objects.get(customer=scene["person"], other=scene["again"])
    assert part_pairs(ids=[pair.pk], by=people.ada) == 1
    assert part_pairs(ids=[pair.pk], by=people.ada) == 0
    search_everybody(lambda _done, _total: None)
    pair.refresh_from_db()
    assert (pair.state, pair.decided_by) == ("other", people.ada)
    update_customer(customer=scene["again"], version=scene["again"].version, by=None, email="ZW@acme.cn")
    search_for([scene["again"].pk])
    pair.refresh_from_db()
    assert (pair.state, pair.decided_by_id, pair.decided_at) == ("open", None, None)
    assert "email" in {piece["part"] for piece in pair.evidence}


def test_who_may_not_change_both_decides_nothing(scene):
    from zhike.base.errors import Conflict, Forbidden, NotFound
    from zhike.duplicates.actions.pairs import part_pairs, reopen_pair
    from zhike.duplicates.models import Pair

    people = scene["people"]
    pair = Pair.objects.get(customer=scene["one"], other=scene["three"])
    with pytest.raises(NotFound):
        part_pairs(ids=[pair.pk], by=people.alice)
    with pytest.raises(NotFound):
        part_pairs(ids=[-1], by=people.ada)
    with pytest.raises(NotFound):
        reopen_pair(pair=pair, by=people.alice)
    with pytest.raises(Forbidden):
        part_pairs(ids=[pair.pk], by=make_user(role="auditor"))
    pair.refresh_from_db()
    assert pair.state == "open"
    assert issubclass(Conflict, Exception)


def test_a_decision_is_taken_back_and_counts_as_precision(scene):
    from zhike.duplicates.actions.pairs import part_pairs, reopen_pair, settle_merged
    from zhike.duplicates.listing import band_of, precision
    from zhike.duplicates.models import Pair

    ada = scene["people"].ada
    trio = Pair.objects.filter(group=scene["one"].pk)
    assert {band_of(pair.score) for pair in trio} == {"strong"}
    parted = trio.get(other=scene["two"])
    part_pairs(ids=[parted.pk], by=ada)
    settle_merged(ids=[scene["two"].pk, scene["three"].pk], by=ada)
    strong = next(one for one in precision(ada) if one.band == "strong")
    assert (strong.decided, strong.merged, strong.share) == (2, 1, 0.5)
    assert [one.share for one in precision(scene["people"].charlie)] == [None] * 3
    reopen_pair(pair=parted, by=ada)
    parted.refresh_from_db()
    assert (parted.state, parted.decided_by_id) == ("open", None)


def test_a_pair_that_no_longer_holds_is_forgotten(scene):
    from zhike.customers.actions.customers import update_customer
    from zhike.duplicates.actions.searching import search_for
    from zhike.duplicates.models import Pair

    three = scene["three"]
    update_customer(customer=three, version=three.version, by=None, phone="13700001111", name="恒拓精密制造")
    search_for([three.pk])
    assert names(scene, Pair.objects.all()) == {frozenset(("one", "two")), frozenset(("person", "again"))}


def test_one_customer_is_looked_up_by_what_they_share(scene):
    from zhike.duplicates.candidates import look_up, told, without_decided
    from zhike.duplicates.reading import record_of

    typed = record_of(0, name="梧桐里酒店管理", phones=["138-0013-8000"])
    found = look_up(typed)
    assert {one.customer for one in found} == {scene[name].pk for name in ("one", "two", "three")}
    mine = told(scene["people"].alice, found)
    assert ({customer for customer, _ in mine.found}, mine.hidden) == ({scene["one"], scene["two"]}, 1)
    assert told(scene["people"].charlie, found).hidden == 2
    assert without_decided(scene["one"].pk, found) == found
    by_mail = look_up(record_of(0, kind="person", name="王五", emails=["zw@ACME.cn"]))
    assert {one.customer for one in by_mail} == {scene["person"].pk}
    assert look_up(record_of(0, name="", phones=[])) == []


def test_a_credit_code_finds_its_holder(scene):
    from zhike.core.facts import FieldType
    from zhike.customers.actions.fields import define_field
    from zhike.duplicates.candidates import look_up
    from zhike.duplicates.reading import record_of

    define_field(key="credit_code", type_=FieldType.TEXT, by=None)
    holder = make_customer("恒拓精密制造", custom={"credit_code": CODE})
    found = look_up(record_of(0, name="Hengtuo Precision", credit_code=CODE))
    assert [one.customer for one in found] == [holder.pk]


def test_events_and_imports_ask_for_a_search(scene, monkeypatch, django_capture_on_commit_callbacks):
    from zhike.customers.actions.customers import update_customer
    from zhike.duplicates import tasks

    asked = []
    monkeypatch.setattr(tasks, "_ask", lambda ids: asked.append(list(ids)))
    monkeypatch.setattr(tasks, "_ask_everybody", lambda: asked.append("everybody"))
    with django_capture_on_commit_callbacks(execute=True):
        made = make_customer("新客户一号")
        update_customer(customer=made, version=made.version, by=None, source="展会")
    made.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        update_customer(customer=made, version=made.version, by=None, phone="13900009999")
        tasks.after_import([1, 2], None)
        tasks.after_import(list(range(tasks.FEW + 1)), None)
    assert asked == [[made.pk], [made.pk], [1, 2], "everybody"]


def test_the_worker_searches_and_says_what_came_of_it(scene):
    from zhike.base.errors import Forbidden
    from zhike.duplicates import tasks
    from zhike.duplicates.models import Pair
    from zhike.jobs.actions.running import run_job

    Pair.objects.all().delete()
    job = tasks.ask_search(by=scene["people"].bob)
    assert job.is_open
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.said["zh"]) == ("done", "4 对可能重复，其中新的 4 对")
    with pytest.raises(Forbidden):
        tasks.ask_search(by=scene["people"].alice)
    assert tasks.look_for_everybody() == 4
    assert tasks.look_for([scene["person"].pk]) == 1
    tasks._ask([scene["one"].pk])
    tasks._ask_everybody()
