"""A dry run names whom the new customers of a file probably are, as far as one may see them."""

from __future__ import annotations

import pytest

from tests.factories import make_customer, make_people
from tests.imports.bringing import carry, tried
from zhike.duplicates import trying
from zhike.duplicates.models import Pair
from zhike.imports.likeness import likeness
from zhike.imports.verdicts import verdict_lines

pytestmark = pytest.mark.django_db
TEXT = "客户名称,城市\n梧桐里酒店管理(上海),上海\n华宇信息科技（深圳）,深圳\n苏州恒拓精密机械有限公司,苏州\n文通书店,杭州\n恒拓精密机械,苏州\n"
HIDDEN = "there is a duplicate: ask a manager"


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def told(imported, user):
    rows = list(imported.rows.all())
    lines = {row.pk: row.line for row in rows}
    return {lines[pk]: text.en for pk, text in likeness(rows, user).items()}


@pytest.mark.parametrize("few", [300, 0])
def test_a_dry_run_names_whom_a_new_customer_probably_is_and_nobody_hidden(client, tmp_path, monkeypatch, few):
    """One by one by indexes, or in one search with everybody: the same is said."""
    monkeypatch.setattr(trying, "FEW", few)
    people = make_people()
    make_customer("上海梧桐里酒店管理有限公司", owner=people.alice, city="上海", kind="company")
    secret = make_customer("深圳市华宇信息科技有限公司", owner=people.charlie, city="深圳", kind="company")

    imported = tried(tmp_path, TEXT, by=people.bob)

    assert told(imported, people.bob) == {2: "looks like 上海梧桐里酒店管理有限公司", 3: HIDDEN, 6: "looks like line 4"}
    assert told(imported, None)[3] == "looks like 深圳市华宇信息科技有限公司"
    assert [one["count"] for one in imported.followed.values()] == [3]
    assert not Pair.objects.exists()
    client.force_login(people.bob)
    page = client.get(f"/imports/{imported.pk}/").content.decode()
    address = f"/imports/{imported.pk}/rows/created/?alike=1"
    assert f'<a href="{address}">可能重复</a> <span class="zk-strong">3</span>' in page
    rows = client.get(address).content.decode()
    assert (rows.count("看起来像"), rows.count('<a class="zk-wrap" href="/customers/')) == (2, 1)
    assert "有一条重复，请问经理" in rows
    assert ("文通书店" in rows, secret.name in rows) == (False, False)
    reasons = [cells[2] for cells in verdict_lines(imported, "en")]
    assert reasons == ["reason", "looks like 上海梧桐里酒店管理有限公司", HIDDEN, "", "", "looks like line 4"]

    imported = carry(imported)
    assert (imported.created, told(imported, None)) == (5, {})
