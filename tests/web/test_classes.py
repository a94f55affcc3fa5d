from __future__ import annotations

from tests.factories import make_customer


def test_it_tells_every_class_as_a_sentence(alice, hotel):
    page = alice.get("/classes/").text
    assert "近 365 天成交额不低于 ¥200,000，或者" in page
    assert "其余客户" in page
    assert "每 14 天联系一次" in page
    assert 'href="/customers/?class.value=high"' in page


def test_sizes_are_those_that_one_may_see(people, rules, hotel, signed_in):
    make_customer("别人的", owner=people.charlie)

    def sizes(user):
        dimensions = signed_in(user).get("/classes/").context["dimensions"]
        return {card.key: card.size for d in dimensions if d.key == "value" for card in d.classes}

    assert sizes(people.alice) == {"high": 1, "low": 0, "regular": 0}
    assert sizes(people.ada) == {"high": 1, "low": 0, "regular": 1}


def test_it_says_how_many_are_not_decided(alice, people, rules):
    make_customer("新客", owner=people.alice, kind="person")
    by_key = {d.key: d.undetermined for d in alice.get("/classes/").context["dimensions"]}
    assert by_key == {"status": 0, "activity": 0, "value": 1, "intent": 1, "need": 1, "type": 0}
    assert "其中 1 位数据不足，显示为未判定" in alice.get("/classes/").text


def test_the_list_shows_the_same_as_not_decided(alice, people, rules):
    make_customer("新客", owner=people.alice, kind="person")
    row = alice.get("/customers/").context["rows"][0]
    assert [chip.label for chip in row.chips] == ["潜在", "新客户", "未判定", "未判定", "未判定", "个人"]


def test_without_rules_it_says_what_to_do(people, signed_in):
    assert "请管理员安装一个分类包。" in signed_in(people.alice).get("/classes/").text


def test_rules_that_can_no_longer_be_read_stop_in_the_open(alice, hotel):
    from zhike.classification.models import SchemeVersion

    version = SchemeVersion.objects.get(scheme__dimension="need")
    version.data["classes"][0]["when"] = {"field": "custom.gone", "op": "is_set"}
    version.save()
    from zhike.classification.rules import rulebook_of

    rulebook_of.cache_clear()
    try:
        page = alice.get("/classes/")
        assert page.status_code == 200
        assert "need 的规则读不懂了，客户保持原来的类别。" in page.text
        assert alice.get(f"/customers/{hotel.pk}/").status_code == 200
        assert alice.get(f"/customers/{hotel.pk}/why/need/").status_code == 404
    finally:
        rulebook_of.cache_clear()


def test_it_rejects_post(alice):
    assert alice.post("/classes/").status_code == 405
