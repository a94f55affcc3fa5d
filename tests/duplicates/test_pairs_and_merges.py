"""What a merge decides of the pairs between those who became one, and what an undo opens again."""

from __future__ import annotations

import pytest

from tests.factories import make_customer, make_people
from zhike.base.clock import now
from zhike.duplicates.actions.merges import merge_customers
from zhike.duplicates.actions.pairs import part_pairs
from zhike.duplicates.actions.undoing import undo_merge
from zhike.duplicates.listing import merged_pairs, precision, sample_of
from zhike.duplicates.models import Pair

pytestmark = pytest.mark.django_db


def test_a_merge_settles_the_pairs_between_those_it_unites_and_an_undo_opens_them_again():
    people = make_people()
    first, second, third = (make_customer(name, owner=people.alice) for name in ("甲", "乙", "丙"))
    at = now()
    between, beside = (
        Pair.objects.create(customer=first, other=other, score=9.0, found_at=at) for other in (second, third)
    )

    merge = merge_customers(ids=[first.pk, second.pk], survivor=first.pk, by=people.alice)
    between.refresh_from_db()
    beside.refresh_from_db()
    assert (between.state, between.decided_by, beside.state) == ("merged", people.alice, "open")
    assert [pair.pk for pair in merged_pairs(people.alice)] == [between.pk]
    assert next((one.band, one.decided, one.merged) for one in precision(people.alice)) == ("strong", 1, 1)
    assert not merged_pairs(people.charlie).exists()

    undo_merge(merge=merge, by=people.alice)
    between.refresh_from_db()
    assert (between.state, between.decided_by, between.decided_at) == ("open", None, None)


def test_a_sample_is_drawn_of_the_whole_band_whatever_was_decided_and_stays_the_same(monkeypatch):
    monkeypatch.setattr("zhike.duplicates.listing.SAMPLE", 5)
    people = make_people()
    customers = [make_customer(f"客户{n}", owner=people.alice) for n in range(8)]
    hers = make_customer("别人的", owner=people.charlie)
    first, *others = customers
    rows = [Pair(customer=first, other=other, score=9.0, found_at=now()) for other in [*others, hers]]
    rows.append(Pair(customer=others[0], other=others[1], score=3.0, found_at=now()))
    every = Pair.objects.bulk_create(rows)
    drawn = sample_of(people.alice, "strong")
    assert (len(drawn.ids), drawn.decided, drawn.range) == (5, 0, None)
    assert not set(drawn.ids) & {every[-2].pk, every[-1].pk}  # not seen, and of another band

    part_pairs(ids=drawn.ids[:2], by=people.alice)
    third = Pair.objects.get(pk=drawn.ids[2])
    merge_customers(ids=[third.customer_id, third.other_id], survivor=third.customer_id, by=people.alice)

    again = sample_of(people.alice, "strong")
    assert (again.ids, again.decided, again.merged) == (drawn.ids, 3, 1)
    assert [round(end, 3) for end in again.range or ()] == [0.061, 0.792]
