"""Settings: the tree of teams, the matrix of rights, territories, and sharing from the record."""

from __future__ import annotations

import pytest

from tests.factories import make_team, make_user
from zhike.accounts.grants import VERBS
from zhike.accounts.models import FieldRight, Role, Share, Team, Territory
from zhike.accounts.policy import rights_of_role
from zhike.accounts.rights import Access, Rights, Scope
from zhike.web.teams.matrix import OBJECT_NAMES, VERB_NAMES, matrix, read_rights

CUSTOMER = "customers.Customer"


@pytest.fixture
def ada(people, rules, signed_in):
    return signed_in(people.ada)


def test_teams_hang_below_one_another(people, ada):
    top = make_team("直销部")
    east = people.alice.team
    sent = {"name": "华东组", "parent": top.pk, "leader": people.bob.pk}
    assert ada.post(f"/settings/teams/{east.pk}/", sent).status_code == 302

    page = ada.get("/settings/teams/")

    branches = [(branch.team.name, branch.depth, branch.members) for branch in page.context["branches"]]
    assert ("直销部", 0, 0) in branches
    assert branches[branches.index(("直销部", 0, 0)) + 1] == ("华东组", 1, 2)
    assert "负责人 Bob" in page.text


def test_a_circle_of_teams_is_refused_in_words(people, ada):
    top = make_team("直销部")
    Team.objects.filter(pk=people.alice.team_id).update(parent=top)

    refused = ada.post(f"/settings/teams/{top.pk}/", {"name": "直销部", "parent": people.alice.team_id})

    assert refused.status_code == 422
    assert "不能放到自己的下级里" in refused.text
    top.refresh_from_db()
    assert top.parent is None


def test_a_new_team_has_its_place_and_leader(people, ada):
    ada.post("/settings/teams/new/", {"name": "华南组", "parent": "", "leader": people.carol.pk})

    made = Team.objects.get(name="华南组")
    assert (made.parent, made.leader) == (None, people.carol)


def test_everybody_reads_the_rights_and_only_some_change_them(alice):
    page = alice.get("/settings/roles/sales/").text

    assert "只读" not in page
    assert "<select" not in page
    assert "复制成新角色" not in page


def test_a_role_is_copied_and_changed_on_its_page(people, ada):
    copied = ada.post("/settings/roles/sales/copy/")
    assert copied.headers["Location"] == "/settings/roles/own_1/"
    page = ada.get("/settings/roles/own_1/")
    assert "<select" in page.text

    sent = {"label_zh": "区域销售", "right:view:customers.Customer": "team", "field:customers.Customer:phone": "masked"}
    assert ada.post("/settings/roles/own_1/", sent).status_code == 302

    rights = rights_of_role("own_1")
    assert str(Role.objects.get(key="own_1")) == "区域销售"
    assert rights.scope("view", CUSTOMER) is Scope.TEAM
    assert rights.scope("change", CUSTOMER) is Scope.OWN
    assert rights.fields == {(CUSTOMER, "phone"): Access.MASKED}


def test_the_matrix_sent_as_it_stands_changes_nothing(people, ada):
    ada.post("/settings/roles/marketing/copy/")
    before = rights_of_role("own_1")
    shown = matrix(before, giver=rights_of_role("admin"))
    cells = [cell for line in shown.lines for cell in line.cells if cell.name]
    cells += [cell for _, lines in shown.fields for line in lines for cell in line.cells]
    assert all(cell.value in dict(cell.options) for cell in cells)

    sent = {"label_zh": "市场二组", **{cell.name: cell.value for cell in cells}}
    assert ada.post("/settings/roles/own_1/", sent).status_code == 302

    assert rights_of_role("own_1") == before


def test_every_right_and_whose_it_is_has_a_name():
    assert {verb for verb, _label in VERBS} <= set(VERB_NAMES)
    assert {label for _verb, label in VERBS} <= set(OBJECT_NAMES)


def test_a_forged_form_gives_nothing_that_does_not_exist():
    from django.http import QueryDict

    sent = QueryDict("right:burn:customers.Customer=all&right:view:customers.Customer=king&field:x:y=hidden")

    assert read_rights(sent, Rights({("view", CUSTOMER): Scope.OWN})) == Rights()


@pytest.mark.parametrize("key", ["admin", "sales"])
def test_a_built_in_role_is_refused_in_words(people, ada, key):
    refused = ada.post(f"/settings/roles/{key}/", {"label_zh": "改了", "right:view:customers.Customer": "none"})

    assert refused.status_code == 403
    assert Role.objects.get(key=key).label_zh != "改了"


def test_a_territory_is_made_with_its_people(people, ada):
    sent = {"name": "华东酒店", "regions": "华东，江浙沪", "industries": "酒店", "users": [people.charlie.pk]}
    assert ada.post("/settings/territories/new/", sent).status_code == 302

    made = Territory.objects.get()
    assert (made.regions, made.cities, made.industries) == (["华东", "江浙沪"], [], ["酒店"])
    assert list(made.users.all()) == [people.charlie]
    assert "华东酒店" in ada.get("/settings/teams/").text

    refused = ada.post(f"/settings/territories/{made.pk}/", {"name": "空"})
    assert refused.status_code == 422
    assert Territory.objects.get().name == "华东酒店"


def test_a_record_is_shared_and_taken_back_on_its_page(people, alice, hotel, signed_in):
    path = f"/customers/{hotel.pk}/access/"
    charlie = signed_in(people.charlie)
    assert charlie.get(f"/customers/{hotel.pk}/").status_code == 404

    sent = {"whom": f"user:{people.charlie.pk}", "may_write": "", "until": "", "reason": "一起跟"}
    assert alice.post(path, sent).status_code == 302

    assert charlie.get(f"/customers/{hotel.pk}/").status_code == 200
    assert charlie.get(f"/customers/{hotel.pk}/edit/").status_code == 403
    seers = {words: [person.name for person in those] for words, those in alice.get(path).context["seers"]}
    assert seers["负责人"] == ["Alice"]
    assert seers["共享"] == ["Charlie"]

    share = Share.objects.get()
    assert charlie.post(f"{path}{share.pk}/end/").status_code == 403
    assert alice.post(f"{path}{share.pk}/end/").status_code == 302
    assert charlie.get(f"/customers/{hotel.pk}/").status_code == 404


def test_a_share_without_a_reason_is_asked_for_it(people, alice, hotel):
    refused = alice.post(f"/customers/{hotel.pk}/access/", {"whom": f"team:{people.charlie.team_id}"})

    assert refused.status_code == 422
    assert "说说为什么共享" in refused.text
    assert not Share.objects.exists()


def test_whoever_only_reads_is_not_offered_to_write(people, hotel, signed_in):
    page = signed_in(make_user(role=Role.AUDITOR)).get(f"/customers/{hotel.pk}/").text

    assert 'id="log"' not in page
    assert "修改资料" not in page
    assert "/customers/new/" not in page
    assert FieldRight.objects.count() == 0


def test_a_team_is_removed_on_its_page_once_another_is_named(people, ada):
    east, west = people.alice.team, people.charlie.team
    page = ada.get(f"/settings/teams/{east.pk}/")
    assert f'href="/settings/teams/{east.pk}/remove/"' in page.text
    path = f"/settings/teams/{east.pk}/remove/"
    assert "2 个人" in ada.get(path).text

    refused = ada.post(path)
    assert (refused.status_code, Team.objects.filter(pk=east.pk).exists()) == (409, True)
    assert "先选好交给哪一个" in refused.text
    assert ada.post(path, {"to": east.pk}).status_code == 422
    assert ada.post(path, {"to": west.pk}).headers["Location"] == "/settings/teams/"
    assert not Team.objects.filter(pk=east.pk).exists()
    people.alice.refresh_from_db()
    assert people.alice.team == west
    assert ada.post(path).status_code == 404


def test_a_role_and_a_territory_are_removed_on_their_pages(people, ada):
    ada.post("/settings/roles/sales/copy/")
    make_user("Helen", role="own_1")
    territory = Territory.objects.create(name="华东", regions=["华东"])
    assert "/settings/roles/own_1/remove/" in ada.get("/settings/roles/own_1/").text
    assert "/remove/" not in ada.get("/settings/roles/sales/").text
    assert f"/settings/territories/{territory.pk}/remove/" in ada.get(f"/settings/territories/{territory.pk}/").text

    assert "1 个人" in ada.get("/settings/roles/own_1/remove/").text
    assert ada.post("/settings/roles/own_1/remove/", {"to": "service"}).status_code == 302
    assert ada.post("/settings/roles/sales/remove/", {"to": "service"}).status_code == 403
    assert ada.post(f"/settings/territories/{territory.pk}/remove/").status_code == 302
    assert (Role.objects.filter(key="own_1").exists(), Territory.objects.exists()) == (False, False)


@pytest.mark.parametrize("kind", ["teams", "roles", "territories"])
def test_nobody_else_removes_anything(people, alice, signed_in, kind):
    ada_path = {
        "teams": f"/settings/teams/{people.charlie.team_id}/remove/",
        "roles": "/settings/roles/sales/remove/",
        "territories": f"/settings/territories/{Territory.objects.create(name='华东', regions=['华东']).pk}/remove/",
    }[kind]
    for client in (alice, signed_in(people.bob)):
        assert [client.get(ada_path).status_code, client.post(ada_path).status_code] == [403, 403]
    assert (Team.objects.count(), Territory.objects.exists()) == (2, True)
