"""What stands around every page."""

from __future__ import annotations

from django.core.cache import cache

from tests.factories import make_customer
from zhike.web import shell


def count(client):
    return str(client.get("/settings/").context["shell"].customer_count)


def test_few_customers_are_counted_for_every_page_and_many_once_a_minute(people, rules, signed_in, monkeypatch):
    cache.clear()
    monkeypatch.setattr(shell, "MANY", 2)
    alice, bob = signed_in(people.alice), signed_in(people.bob)
    make_customer("甲", owner=people.alice)
    assert (count(alice), count(bob)) == ("1", "1")
    make_customer("乙", owner=people.alice)
    assert (count(alice), count(bob)) == ("2", "2")
    make_customer("丙", owner=people.alice)
    assert (count(alice), count(bob)) == ("2", "2")
    cache.clear()
    assert (count(alice), count(bob)) == ("3", "3")
