"""Saved views: who sees and changes them, what they keep, what becomes of conditions whose fields are gone."""

from __future__ import annotations

from uuid import uuid4

import pytest

from zhike.core.errors import ZhikeError

HIGH = {"field": "class.value", "op": "eq", "value": "high"}
IN_TOWN = {"field": "customer.city", "op": "eq", "value": "上海"}
GONE = {"field": "custom.gone", "op": "eq", "value": "x"}
VISITS = {"field": "metric.visit_days", "over": {"days": 17}, "op": "gte", "value": 3}


@pytest.fixture
def people(db):
    from tests.factories import make_people
    from tests.scenes import once, rules_in_force

    rules_in_force()
    return once("people", make_people)


def keep(by, **given):
    from zhike.classification.actions.views import create_view

    return create_view(**{"name": "京沪", "where": IN_TOWN, "by": by, **given})


def names(user):
    from zhike.classification.saved_views import views_of

    return [view.name for view in views_of(user)]


def seen_by(people):
    return [name for name in ("alice", "bob", "charlie", "carol", "ada") if names(getattr(people, name))]


@pytest.mark.parametrize(
    ("reach", "seen"),
    [
        ("mine", ["alice"]),
        ("team", ["alice", "bob", "ada"]),
        ("everyone", ["alice", "bob", "charlie", "carol", "ada"]),
    ],
)
def test_a_view_is_seen_by_those_it_is_shared_with(people, reach, seen):
    from zhike.classification.models import SavedView

    keep(people.alice)
    team = people.alice.team if reach == "team" else None
    SavedView.objects.update(reach=reach, team=team)
    assert seen_by(people) == seen


@pytest.mark.parametrize(
    ("reach", "may"),
    [("mine", ["alice"]), ("team", ["alice", "bob", "ada"]), ("everyone", ["alice", "ada"])],
)
def test_a_view_is_changed_by_its_owner_and_by_who_leads_those_it_is_shared_with(people, reach, may):
    from zhike.accounts.policy import can
    from zhike.classification.models import SavedView

    view = keep(people.alice)
    SavedView.objects.update(reach=reach, team=people.alice.team if reach == "team" else None)
    view.refresh_from_db()
    assert [
        name for name in ("alice", "bob", "charlie", "carol", "ada") if can(getattr(people, name), "change", view)
    ] == may


def test_only_leaders_share_with_everyone(people):
    from zhike.base.errors import Forbidden
    from zhike.classification.models import SavedView

    with pytest.raises(Forbidden):
        keep(people.alice, reach="everyone")
    assert SavedView.objects.count() == 0
    assert keep(people.bob, reach="everyone").reach == "everyone"


def test_nobody_without_a_team_shares_with_one(people):
    from zhike.base.inputs import Invalid
    from zhike.classification.models import SavedView

    with pytest.raises(Invalid) as caught:
        keep(people.ada, reach="team")
    assert caught.value.path == "reach"
    assert SavedView.objects.count() == 0


def test_a_form_that_is_sent_twice_makes_one_view(people):
    from zhike.classification.models import SavedView

    key = uuid4()
    assert keep(people.alice, form_key=key).pk == keep(people.alice, form_key=key).pk
    assert SavedView.objects.count() == 1


def test_the_second_who_changes_a_view_hears_of_the_first(people):
    from zhike.base.errors import Conflict
    from zhike.classification.actions.views import change_view, rename_view

    view = keep(people.alice, reach="team")
    rename_view(view=view, version=1, by=people.bob, name="沪", reach="team")
    with pytest.raises(Conflict) as caught:
        change_view(view=view, version=1, by=people.alice, where=HIGH)
    assert caught.value.zh == "Bob 刚改过这个视图，看清楚再保存"
    view.refresh_from_db()
    assert (view.name, view.where, view.version) == ("沪", {"version": 1, "where": IN_TOWN}, 2)


def test_nobody_takes_a_shared_view_for_themselves(people):
    from zhike.base.errors import Forbidden
    from zhike.classification.actions.views import rename_view

    view = keep(people.alice, reach="team")
    with pytest.raises(Forbidden):
        rename_view(view=view, version=1, by=people.bob, name="沪", reach="mine")
    view.refresh_from_db()
    assert (view.name, view.reach, view.version) == ("京沪", "team", 1)


def test_strangers_neither_copy_nor_pin_nor_delete(people):
    from zhike.base.errors import NotFound
    from zhike.classification.actions.views import copy_view, delete_view, pin_view
    from zhike.classification.models import SavedView, ViewPin

    view = keep(people.alice)
    for act in (
        lambda: copy_view(view=view, by=people.charlie, name="副本"),
        lambda: pin_view(view=view, by=people.charlie),
        lambda: delete_view(view=view, by=people.charlie),
    ):
        with pytest.raises(NotFound):
            act()
    assert (SavedView.objects.count(), ViewPin.objects.count()) == (1, 0)


def test_pins_are_each_persons_own_and_in_their_order(people):
    from zhike.classification.actions.views import order_pins, pin_view
    from zhike.classification.saved_views import pinned_views

    first, second, third = (keep(people.bob, name=name, reach="everyone", pinned=True) for name in "甲乙丙")
    pin_view(view=second, by=people.charlie)
    order_pins(views=[third.pk, first.pk], by=people.bob)
    assert [view.name for view in pinned_views(people.bob)] == ["丙", "甲", "乙"]
    assert [view.name for view in pinned_views(people.charlie)] == ["乙"]


def test_a_view_that_is_shared_no_more_leaves_the_side_of_others(people):
    from zhike.classification.actions.views import pin_view, rename_view
    from zhike.classification.saved_views import pinned_views

    view = keep(people.bob, reach="everyone")
    pin_view(view=view, by=people.charlie)
    rename_view(view=view, version=1, by=people.bob, name="京沪", reach="mine")
    assert pinned_views(people.charlie) == []


@pytest.mark.parametrize(
    "where",
    [
        GONE,
        {"all": []},
        {"field": "customer.owner__password", "op": "contains", "value": "a"},
        [],
        None,
        {"any": [HIGH, GONE]},
    ],
)
def test_a_condition_that_says_nothing_is_not_kept(people, where):
    from zhike.classification.models import SavedView

    with pytest.raises(ZhikeError):
        keep(people.alice, where=where)
    assert SavedView.objects.count() == 0


def test_columns_are_kept_once_each_and_no_wider_than_can_be_seen(people):
    given = [
        {"key": "name", "width": 9_999},
        {"key": "city"},
        {"key": "name", "width": 100},
        {"key": "next", "width": 1},
    ]
    assert keep(people.alice, columns=given).columns == [
        {"key": "name", "width": 800},
        {"key": "city", "width": None},
        {"key": "next", "width": 48},
    ]


@pytest.mark.parametrize(
    "columns", ["name", [1], [{"width": 3}], [{"key": "a", "width": "wide"}], [{"key": "a"}] * 301]
)
def test_columns_that_cannot_be_read_are_refused(people, columns):
    from zhike.base.inputs import Invalid
    from zhike.classification.models import ListColumns, SavedView

    with pytest.raises(Invalid):
        keep(people.alice, columns=columns)
    assert (SavedView.objects.count(), ListColumns.objects.count()) == (0, 0)


def test_the_metrics_of_a_view_are_kept_as_long_as_it_is(people):
    from zhike.classification.actions.drafts import forget_what_nobody_reads
    from zhike.classification.actions.views import change_view, delete_view
    from zhike.classification.models import KeptMetric

    def kept():
        return list(KeptMetric.objects.values_list("ref", flat=True))

    view = keep(people.alice, where={"all": [HIGH, VISITS]})
    assert kept() == ["metric.visit_days@17"]
    forget_what_nobody_reads()
    assert kept() == ["metric.visit_days@17"]
    change_view(view=view, version=1, by=people.alice, where=HIGH)
    assert kept() == []
    delete_view(view=keep(people.alice, where=VISITS), by=people.alice)
    assert kept() == []


def read(data):
    from zhike.classification.rules import rulebook
    from zhike.classification.saved_views import read_condition

    return read_condition(data, rulebook().fields)


@pytest.mark.parametrize(
    ("data", "left", "places"),
    [
        ({"all": [HIGH, GONE]}, {"all": [HIGH]}, ["where.all[1].field"]),
        (
            {"all": [HIGH, {"any": [GONE, GONE]}]},
            {"all": [HIGH]},
            ["where.all[1].any[0].field", "where.all[1].any[1].field"],
        ),
        ({"all": [HIGH, {"not": {"any": [IN_TOWN, GONE]}}]}, {"all": [HIGH]}, ["where.all[1].not.any[1].field"]),
        (GONE, {"everyone": True}, ["where.field"]),
        ({"all": [HIGH, {**HIGH, "value": "gone"}]}, {"all": [HIGH]}, ["where.all[1].value"]),
        ({"all": [HIGH, IN_TOWN]}, {"all": [HIGH, IN_TOWN]}, []),
    ],
)
def test_what_can_no_longer_be_read_is_left_out_and_named(people, data, left, places):
    found = read(data)
    assert (found.data, [problem.path for problem in found.problems]) == (left, places)


def test_a_view_shows_to_each_person_their_own(people):
    from tests.factories import make_customer
    from zhike.classification.rules import rulebook
    from zhike.classification.saved_views import count_view

    view = keep(people.bob, reach="everyone")
    make_customer("甲", owner=people.alice, city="上海")
    make_customer("乙", owner=people.charlie, city="上海")
    make_customer("丙", owner=people.charlie, city="北京")
    counts = {
        name: count_view(getattr(people, name), view, rulebook().fields).value
        for name in ("alice", "bob", "charlie", "ada")
    }
    assert counts == {"alice": 1, "bob": 1, "charlie": 1, "ada": 2}
