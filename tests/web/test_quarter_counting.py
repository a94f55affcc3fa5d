"""The figures of a quarter on their page: at once for few customers, else followed; stale, stopped, failed, closed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.classification.deciding import NOW, pack
from tests.classification.scoring import LONG_AGO, make_standing
from tests.scenes import rules_in_force

PATH = "/classes/review/2026-Q3/"
POLLED = 'hx-trigger="every 1s"'


@pytest.fixture(autouse=True)
def rules_of_value(people, settings):
    from zhike.accounts.actions import set_company

    settings.ZHIKE_NOW = NOW
    set_company(by=None, name="清源水科技", timezone="Asia/Shanghai", currency="CNY")
    rules_in_force(pack())
    make_standing(("high", LONG_AGO))


@pytest.fixture
def many(monkeypatch):
    """Let the one customer be more than are counted at once."""
    from zhike.web.quarters import counting

    monkeypatch.setattr(counting, "FEW_CUSTOMERS", 0)


@pytest.fixture
def bob(people, signed_in):
    return signed_in(people.bob)


@pytest.fixture
def alice(people, signed_in):
    return signed_in(people.alice)


def run():
    from zhike.classification.tasks import count_quarters

    return count_quarters.func()


def jobs():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE '%%.count_quarters'")
        return cursor.fetchone()[0]


def count():
    from zhike.classification.models import QuarterCount

    return QuarterCount.objects.get()


def change(**given):
    from zhike.classification.models import QuarterCount

    QuarterCount.objects.update(**given)


def follow(client):
    return client.get(PATH, headers={"HX-Request": "true", "HX-Request-Type": "partial"})


def sizes(page):
    return [section.rows[0].cells[0].value for section in page.context["sections"]]


def close(client, findings=1):
    return client.post(f"{PATH}close/", {"version": 1, "findings": findings})


def test_few_customers_are_counted_at_the_first_look(alice):
    page = alice.get(PATH)
    assert (sizes(page), count().state, count().version, jobs()) == (["1", "0"], "done", 1, 0)
    assert "算于 今天 10:00" in page.text
    assert POLLED not in page.text
    make_standing(("high", LONG_AGO))
    assert sizes(alice.get(PATH)) == ["1", "0"]


def test_many_are_counted_by_the_worker_and_followed(alice, many):
    page = alice.get(PATH)
    assert "sections" not in page.context
    assert "正等着统计全公司的客户。可以离开这一页，算好了留在这里。" in page.text
    assert (page.text.count(POLLED), jobs(), count().state) == (1, 1, "waiting")
    change(state="running", done=3, total=12)
    part = follow(alice)
    assert part.text.lstrip().startswith('<section class="card zk-screen" id="count"')
    assert "正在统计全公司的客户：12 份里算好了 3 份" in part.text
    assert 'max="12" value="3"' in part.text
    assert POLLED in part.text
    assert "HX-Retarget" not in part.headers
    assert (jobs(), run()) == (1, 1)
    part = follow(alice)
    assert (part.headers["HX-Retarget"], part.headers["HX-Reswap"]) == ("#findings", "outerHTML")
    assert part.text.lstrip().startswith('<div class="zk-stack" id="findings">')
    assert POLLED not in part.text
    assert sizes(part) == sizes(alice.get(PATH)) == ["1", "0"]


def test_without_script_a_link_leads_to_the_page_again(alice, many):
    assert f'<noscript><a class="btn btn-sm" href="{PATH}">看看算到哪了</a></noscript>' in alice.get(PATH).text


def test_the_figures_of_yesterday_are_shown_while_those_of_today_are_counted(bob, many, settings):
    bob.get(PATH)
    run()
    make_standing(("high", LONG_AGO))
    settings.ZHIKE_NOW = NOW + timedelta(days=1)
    page = bob.get(PATH)
    assert (sizes(page), count().state, POLLED in page.text) == (["1", "0"], "waiting", True)
    assert "下面是 2026-11-20 的数。" in page.text
    assert "算于 昨天 10:00" in page.text
    assert 'id="close"' not in page.text
    refused = close(bob)
    assert refused.status_code == 409
    assert "这些数是 2026-11-20 统计的，等今天的统计完再定稿" in refused.text
    run()
    page = bob.get(PATH)
    assert (sizes(page), 'id="close"' in page.text, "下面是" in page.text) == (["2", "0"], True, False)


def test_leaders_have_it_counted_again(bob, alice):
    alice.get(PATH)
    make_standing(("high", LONG_AGO))
    assert f'action="{PATH}count/"' not in alice.get(PATH).text
    assert alice.post(f"{PATH}count/").status_code == 403
    assert f'action="{PATH}count/"' in bob.get(PATH).text
    assert bob.post(f"{PATH}count/").headers["Location"] == PATH
    assert (sizes(alice.get(PATH)), count().version) == (["2", "0"], 2)


def test_leaders_stop_it_and_it_stays_stopped_for_the_day(bob, alice, many, settings):
    bob.get(PATH)
    assert f'action="{PATH}count/stop/"' in bob.get(PATH).text
    assert f'action="{PATH}count/stop/"' not in alice.get(PATH).text
    assert alice.post(f"{PATH}count/stop/").status_code == 403
    assert bob.post(f"{PATH}count/stop/").headers["Location"] == PATH
    page = bob.get(PATH)
    assert "统计停了，已有的数没有变" in page.text
    assert "统计被停下了。" in page.text
    assert (POLLED in page.text, run(), count().state) == (False, 0, "cancelled")
    assert alice.post(f"{PATH}count/").status_code == 302
    assert (count().state, run()) == ("waiting", 1)
    assert sizes(bob.get(PATH)) == ["1", "0"]


def test_what_failed_is_said_and_tried_again_when_somebody_asks(alice, many, settings, monkeypatch):
    from zhike.classification import quarters
    from zhike.core.errors import ZhikeError

    def fail(*_):
        raise ZhikeError("规则 <读不懂>", "the rules cannot be read")

    alice.get(PATH)
    with monkeypatch.context() as patched:
        patched.setattr(quarters, "scorecard_by", fail)
        run()
    page = alice.get(PATH)
    assert "没统计完：规则 &lt;读不懂&gt;" in page.text
    assert (POLLED in page.text, count().state, run()) == (False, "failed", 0)
    settings.ZHIKE_NOW = NOW + timedelta(days=1)
    assert POLLED in alice.get(PATH).text
    change(state="failed", problem={"zh": "又坏了", "en": "again"})
    assert "没统计完：又坏了" in alice.get(PATH).text
    assert alice.post(f"{PATH}count/").status_code == 302
    run()
    page = alice.get(PATH)
    assert (sizes(page), "没统计完" in page.text) == (["1", "0"], False)


def test_what_fails_at_once_is_said_too(alice, monkeypatch):
    from zhike.classification import quarters

    monkeypatch.setattr(quarters, "scorecard_by", lambda *_: 1 / 0)
    page = alice.get(PATH)
    assert page.status_code == 200
    assert "没统计完：程序或数据库出了错。请管理员看看日志" in page.text


def test_a_worker_that_does_not_come_is_noticed(alice, many, settings):
    alice.get(PATH)
    settings.ZHIKE_NOW = NOW + timedelta(minutes=2)
    assert "zhike check" not in alice.get(PATH).text
    settings.ZHIKE_NOW = NOW + timedelta(minutes=3)
    assert "请管理员运行 zhike check，看看后台任务是不是停了。" in alice.get(PATH).text


def test_what_was_seen_is_what_is_closed(bob, people, signed_in, settings):
    from zhike.classification.models import QuarterReview

    assert 'name="findings" value="1"' in bob.get(PATH).text
    make_standing(("high", LONG_AGO))
    signed_in(people.ada).post(f"{PATH}count/")
    refused = close(bob)
    assert refused.status_code == 409
    assert "在你打开之后重新统计过，数字变了。看过新的再定稿" in refused.text
    assert 'name="findings" value="2"' in refused.text
    assert not QuarterReview.objects.exists()
    assert close(bob, findings=2).status_code == 302
    settings.ZHIKE_NOW = NOW + timedelta(days=40)
    page = bob.get(PATH)
    assert (sizes(page), "counting" in page.text, 'id="count"' in page.text) == (["2", "0"], False, False)
    assert count().as_of.isoformat() == "2026-11-20"


def test_a_form_that_misses_what_was_seen_is_refused(bob):
    refused = bob.post(f"{PATH}close/", {"version": 1})
    assert refused.status_code == 422
    assert "这一页已经过时，请重新打开再定稿。" in refused.text


def test_before_anything_is_counted_there_is_nothing_to_close(bob, many):
    page = bob.get(PATH)
    assert 'id="close"' not in page.text
    assert "2026-Q3 还没有统计完，统计完看过数字再定稿" in close(bob, findings=0).text


@pytest.mark.django_db(transaction=True)
def test_two_who_look_at_once_have_it_counted_once(people, signed_in, monkeypatch):
    from tests.classification.test_concurrency import at_once
    from zhike.classification import quarters

    counted, honest, seen = [], quarters.scorecard_by, []

    def watched(*given):
        counted.append(given)
        return honest(*given)

    monkeypatch.setattr(quarters, "scorecard_by", watched)
    clients = [signed_in(people.alice), signed_in(people.bob), signed_in(people.ada)]
    at_once(*[lambda client=client: seen.append(client.get(PATH).text) for client in clients])
    assert len(counted) == 4
    assert ["算于 今天 10:00" in text for text in seen] == [True] * 3


def test_it_says_so_in_english(people, signed_in, many):
    people.alice.language = "en"
    people.alice.save()
    alice = signed_in(people.alice)
    alice.get(PATH)
    change(state="running", done=3, total=12)
    assert "Counting the customers of the whole company: 3 of 12 scorecards are done" in alice.get(PATH).text
