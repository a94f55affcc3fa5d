"""Whatever a file says, a dry run foresees the run, whatever the steps; and the same file again makes nobody new.

That is so unless a row was held for somebody to look at: what the rows below it made may let it through the next time.
"""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.imports.bringing import brought, carry, counts, said
from zhike.customers.models import Customer
from zhike.imports.actions import running
from zhike.imports.actions.running import try_out

pytestmark = pytest.mark.django_db

NAMES = ("梧桐里", "上海梧桐里有限公司", "晓雯", "")
PHONES = ("13812345678", "138 1234 5678", "13912345678", "123", "")
ROWS = st.lists(
    st.tuples(
        st.sampled_from(("C1", "C2", "")),
        st.sampled_from(NAMES),
        st.sampled_from(PHONES),
        st.sampled_from(("上海", "杭州", "")),
    ),
    min_size=1,
    max_size=9,
)


# The name of the first stood for two, and the last row knew only one of them.
RENAMED = [
    *[("C1", "梧桐里", "13812345678", "上海")] * 6,
    ("C1", "上海梧桐里有限公司", "13912345678", "上海"),
    ("", "上海梧桐里有限公司", "", "杭州"),
    ("C2", "上海梧桐里有限公司", "13812345678", "杭州"),
]


# The third row makes somebody of the number that the second, which is held, has too: next time that gives them a telephone.
HELD = [
    ("", "晓雯", "13812345678", "杭州"),
    ("C2", "梧桐里", "13812345678", "上海"),
    ("C2", "上海梧桐里有限公司", "13912345678", "上海"),
    ("C1", "梧桐里", "13912345678", "上海"),
]


@example(rows=RENAMED, on_match="update")
@example(rows=HELD, on_match="update")
@given(rows=ROWS, on_match=st.sampled_from(("update", "fill", "skip", "review")))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_dry_run_foresees_the_run(tmp_path_factory, rows, on_match):
    folder = tmp_path_factory.mktemp("media")
    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr("django.conf.settings.MEDIA_ROOT", folder)
        patch.setattr(running, "CHUNK", 4)
        text = "客户编号,客户名称,手机,城市\n" + "".join(",".join(row) + "\n" for row in rows)
        imported = brought(folder, text, on_match=on_match)
        try_out(imported, lambda _done, _total: None)
        foreseen = counts(imported), said(imported)

        done = carry(imported)

        assert (counts(imported), said(imported)) == foreseen
        before = Customer.objects.count()
        again = carry(brought(folder, text, on_match=on_match))
        if not done.review:
            assert (again.created, Customer.objects.count()) == (0, before)
        transaction.set_rollback(True)
