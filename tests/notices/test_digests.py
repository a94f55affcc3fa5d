"""One digest a person and day: at their hour, in their words, of what is theirs, and never twice."""

from __future__ import annotations

from datetime import time, timedelta
from smtplib import SMTPDataError, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from tests.factories import make_customer, make_people, make_user
from tests.notices.telling import LOCMEM, SHANGHAI, SITE, at, tell
from tests.pools.test_races import at_once
from tests.scenes import once
from zhike.accounts.models import User
from zhike.assignment.models import Absence
from zhike.classification.models import Notification
from zhike.customers.models import Customer
from zhike.notices.actions.digests import send_digests
from zhike.notices.actions.preferences import choose_ways, set_rhythm
from zhike.notices.kinds import Ways
from zhike.notices.models import Digest, Rhythm

pytestmark = pytest.mark.django_db

FRIDAY = "2026-11-20"


@pytest.fixture(autouse=True)
def mails(settings):
    settings.MAILERS, settings.ZHIKE_URL = LOCMEM, SITE
    settings.ZHIKE_NOW = at(f"{FRIDAY}T08:00")
    mail.outbox.clear()


@pytest.fixture
def people():
    return once("people", make_people)


def choose(user, **given):
    usual = Rhythm()
    names = ("digest", "digest_at", "quiet_from", "quiet_until")
    set_rhythm(user=user, **{**{name: getattr(usual, name) for name in names}, **given})


def send_at(settings, moment, zone="Asia/Shanghai"):
    """Return to whom digests went, the worker being asked at that moment."""
    settings.ZHIKE_NOW = at(moment, zone)
    mail.outbox.clear()
    send_digests()
    return [letter.to[0].partition("@")[0].rstrip("0123456789") for letter in mail.outbox]


def test_it_comes_once_at_half_past_eight_and_not_on_days_off(people, settings):
    for day in range(40):
        tell(people.alice, created_at=at("2026-11-01T12:00") + timedelta(days=day))
    for moment, got in [
        (f"{FRIDAY}T08:29", []),
        (f"{FRIDAY}T08:30", ["alice"]),
        (f"{FRIDAY}T08:31", []),
        (f"{FRIDAY}T23:00", []),
        ("2026-11-21T12:00", []),  # Saturday
        ("2026-11-23T12:00", ["alice"]),  # the worker was away over the weekend and the morning
        ("2026-11-23T12:01", []),
        ("2026-11-24T21:30", []),  # it was away all day: nobody is woken
        ("2026-11-25T08:30", ["alice"]),  # one letter, not two
    ]:
        assert send_at(settings, moment) == got, moment
    assert (
        list(Digest.objects.filter(user=people.alice).order_by("day").values_list("state", flat=True)) == ["sent"] * 3
    )


def test_nothing_to_say_is_not_said_nor_asked_again_that_day(people, settings):
    assert send_at(settings, f"{FRIDAY}T08:30") == []
    assert set(Digest.objects.values_list("state", "lines")) == {("empty", 0)}
    tell(people.alice)
    assert send_at(settings, f"{FRIDAY}T09:30") == []


def test_each_has_their_own_hour_zone_and_days(people, settings):
    for one in (people.alice, people.bob, people.ada):
        tell(one)
    User.objects.filter(pk=people.bob.pk).update(timezone="Europe/Paris")
    choose(people.alice, digest="daily", digest_at=at("2026-11-20T18:00").astimezone(SHANGHAI).time())
    choose(people.ada, digest="off")
    assert send_at(settings, f"{FRIDAY}T08:30") == []
    assert send_at(settings, f"{FRIDAY}T15:30") == ["bob"]  # 08:30 in Paris
    assert send_at(settings, "2026-11-21T18:00") == ["alice"]  # a Saturday


def test_whoever_is_away_or_has_left_is_left_alone(people, settings):
    for one in (people.alice, people.bob):
        tell(one)
    Absence.objects.create(user=people.alice, first_day=FRIDAY, last_day=FRIDAY, created_at=settings.ZHIKE_NOW)
    User.objects.filter(pk=people.bob.pk).update(is_active=False)
    assert send_at(settings, f"{FRIDAY}T08:30") == []
    assert not Digest.objects.filter(user__in=[people.alice.pk, people.bob.pk]).exists()

    User.objects.filter(pk=people.bob.pk).update(is_active=True)
    Digest.objects.create(user=people.bob, day=FRIDAY, created_at=settings.ZHIKE_NOW, next_at=settings.ZHIKE_NOW)
    User.objects.filter(pk=people.bob.pk).update(is_active=False)  # between the row and the letter
    assert send_at(settings, f"{FRIDAY}T08:31") == []


def test_it_tells_what_is_theirs_group_by_group(people, settings):
    overdue = make_customer("甲公司", owner=people.alice, next_contact_on=at("2026-11-18T12:00").date())
    make_customer("乙公司", owner=people.alice, next_contact_on=at(f"{FRIDAY}T12:00").date())
    make_customer("丙公司", owner=people.charlie, next_contact_on=at(f"{FRIDAY}T12:00").date())
    tell(people.alice, "rules", text="12")
    tell(people.alice, "job", text="")
    tell(people.alice, "mentioned", customer=overdue, text="Bob：看看 <b>这个</b>")
    assert send_at(settings, f"{FRIDAY}T08:30") == ["alice", "charlie"]
    letter = mail.outbox[0]
    assert letter.subject == "今天：4 件事"
    assert (
        letter.body
        == f"""知客 · 今天：4 件事

逾期 (1)
- 甲公司 · 约好的联系：11-18 周三
  {SITE}/customers/{overdue.pk}/

今天 (1)
- 乙公司 · 约好的联系：今天
  {SITE}/customers/{overdue.pk + 1}/

其他通知 (2)
- 甲公司 · 提到了你：Bob：看看 <b>这个</b>
  {SITE}/notifications/
- 规则变了 · 动了你 12 位客户
  {SITE}/notifications/

打开工作台: {SITE}/
什么时候发、发哪些，在这里改: {SITE}/settings/notifications/
"""
    )
    ((html, kind),) = letter.alternatives
    assert kind == "text/html"
    assert "看看 &lt;b&gt;这个&lt;/b&gt;" in html
    assert f'href="{SITE}/customers/{overdue.pk}/"' in html
    assert "丙公司" not in letter.body + html
    assert letter.extra_headers["List-Unsubscribe"] == f"<{SITE}/settings/notifications/>"
    assert Digest.objects.get(user=people.alice).lines == 4


def test_tasks_and_what_the_ladder_told_stand_in_their_groups(people, settings):
    from zhike.followups.models import Escalation, Task

    days = [at(f"2026-11-{day}T12:00").date() for day in (17, 20)]
    customer = make_customer("甲公司", owner=people.alice)
    # What a task is for is not told again as a day of contact.
    Customer.objects.filter(pk=customer.pk).update(next_contact_on=days[0], planned_contact_on=days[0])
    given = {"owner": people.alice, "created_at": settings.ZHIKE_NOW}
    late = Task.objects.create(title="回访", kind="call", customer=customer, due_on=days[0], **given)
    Task.objects.create(title="交周报", due_on=days[1], due_at=time(15, 30), **given)
    Task.objects.create(title="以后", due_on=days[1], snoozed_until=days[1] + timedelta(days=1), **given)
    told = {"task": late, "due_on": days[0], "owner": people.alice, "at": settings.ZHIKE_NOW}
    Escalation.objects.create(user=people.alice, step=1, days=3, **told)
    Escalation.objects.create(user=people.bob, step=2, days=3, **told)
    assert send_at(settings, f"{FRIDAY}T08:30") == ["alice", "bob"]
    alice, bob = (letter.body.split("\n\n") for letter in mail.outbox)
    path = f"{SITE}/customers/{customer.pk}/"
    assert alice[1:3] == [
        f"逾期 (1)\n- 甲公司 · 电话 · 回访 · 逾期 3 天\n  {path}",
        f"今天 (1)\n- 交周报 · 待办 · 15:30\n  {SITE}/",
    ]
    assert bob[1] == f"升级到你这里 (1)\n- 甲公司 · Alice：逾期 3 天\n  {path}"
    assert (len(alice), len(bob)) == (4, 3)


def test_it_speaks_the_persons_language_and_leaves_out_what_they_do_not_want(settings):
    dan = make_user("Dan", language="en")
    make_customer("Acme", owner=dan, next_contact_on=at("2026-11-18T12:00").date())
    make_customer("Bolt", owner=dan, next_contact_on=at(f"{FRIDAY}T12:00").date())
    tell(dan)
    choose(dan, left_out=["today"])
    choose_ways(user=dan, chosen={"rules": Ways(page=True, digest=False, channel=False)})
    assert send_at(settings, f"{FRIDAY}T08:30") == ["dan"]
    (letter,) = mail.outbox
    assert letter.subject == "Today: 1 thing"
    assert "Overdue (1)\n- Acme · " in letter.body
    assert "Bolt" not in letter.body
    assert 'lang="en"' in letter.alternatives[0][0]


class Unwilling(EmailBackend):
    """A server that is asked what to do with each letter."""

    answers: list[Exception | None] = []  # noqa: RUF012  the test writes into it

    def send_messages(self, messages):
        answer = self.answers.pop(0)
        if answer is not None:
            raise answer
        return super().send_messages(messages)


@pytest.mark.parametrize(
    ("answer", "state", "again"),
    [
        (SMTPDataError(451, b"later"), "sent", ["alice"]),
        (SMTPDataError(550, b"no"), "failed", []),
        (SMTPServerDisconnected("gone"), "failed", []),  # it may have gone: rather none than two
    ],
)
def test_a_letter_is_sent_again_only_when_it_certainly_did_not_go(people, settings, answer, state, again):
    settings.MAILERS = {"default": {"BACKEND": f"{__name__}.Unwilling"}}
    Unwilling.answers = [answer, None, None]
    tell(people.alice)
    assert send_at(settings, f"{FRIDAY}T08:30") == []
    assert send_at(settings, f"{FRIDAY}T08:31") == []
    assert send_at(settings, f"{FRIDAY}T08:32") == again
    assert Digest.objects.get(user=people.alice).state == state


def test_without_a_mail_server_nothing_is_begun(people, settings):
    settings.MAILERS = {}
    tell(people.alice)
    assert send_at(settings, f"{FRIDAY}T08:30") == []
    assert not Digest.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_the_same_moment_send_one(settings):
    people = make_people()
    for one in (people.alice, people.bob, people.charlie):
        tell(one)
    settings.ZHIKE_NOW = at(f"{FRIDAY}T08:30")
    sent = at_once([send_digests] * 3)
    assert sum(sent) == 3
    assert len({letter.to[0] for letter in mail.outbox}) == len(mail.outbox) == 3
    assert Notification.objects.filter(read_at=None).count() == 3
