"""One's tasks in a calendar program: the settings of the link, the feed itself, and the invitation to a meeting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from zhike.accounts.policy import field_access, get_visible, require, visible
from zhike.base.inputs import Invalid
from zhike.base.mail import can_mail, send, site_of
from zhike.customers.models import Contact, Customer, Reach
from zhike.followups.actions.feeds import close_feed, open_feed
from zhike.followups.models import Task
from zhike.followups.queries.feeds import feed_of, person_of
from zhike.web.tasks.ics import TYPE, feed, invitation

if TYPE_CHECKING:
    from django.http import HttpRequest

    from zhike.accounts.models import User
    from zhike.web.request import Request

MOST_GUESTS = 30
MINUTES = 5


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def calendar_settings(request: Request) -> HttpResponse:
    """Draw a secret link, draw another, or end it. It is shown once: nobody can read it later."""
    link = ""
    if request.method == "POST":
        if request.POST.get("act") == "close":
            close_feed(by=request.user)
            messages.success(request, gettext("链接停用了，用过它的日历读不到任务了"))
            return redirect("web:calendar_settings")
        token = open_feed(by=request.user)
        link = site_of(request) + reverse("web:calendar_feed", args=[token])
    context = {"section": "settings", "link": link, "feed": feed_of(request.user)}
    return render(request, "web/calendar_settings.html", context)


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """Return the tasks of whoever has this link. Programs come every few minutes: they may keep it that long."""
    user = person_of(token)
    with override(user.language or None):
        name = gettext("知客 · %(name)s 的任务") % {"name": user.name}
        file = feed(user, name, site_of(request))
    response = HttpResponse(file, content_type=TYPE)
    response.headers["Cache-Control"] = f"private, max-age={MINUTES * 60}"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def task_invitation(request: Request, pk: int) -> HttpResponse:
    """Choose whom a meeting is sent to; without mail the file is for oneself to send."""
    task = get_visible(request.user, Task.objects.select_related("owner", "customer").model, pk=pk)
    people = _guests(request.user, task)
    if request.method == "POST":
        require(request.user, "change", task)
        chosen = [person for person in people if person[1] in set(request.POST.getlist("to"))]
        if not chosen or len(chosen) > MOST_GUESTS:
            raise Invalid(f"选 1 到 {MOST_GUESTS} 位收件人", f"choose 1 to {MOST_GUESTS} to send it to")
        if not can_mail():
            raise Invalid("没有配置邮件服务，下载文件自己发吧", "no mail server is configured: download the file")
        file = _file(request, task, chosen)
        for _name, email in chosen:
            subject = gettext("邀请：%(title)s") % {"title": task.name}
            text = gettext("%(who)s 邀请你参加：%(title)s。打开附件加到日历。") % {
                "who": task.owner.name,
                "title": task.name,
            }
            send(email, subject, text, attached=("invitation.ics", file, "text/calendar; method=REQUEST"))
        said = ngettext("发给 %(n)s 位了", "发给 %(n)s 位了", len(chosen))
        messages.success(request, said % {"n": len(chosen)})
        return redirect("web:task", pk)
    context = {"section": "tasks", "task": task, "people": people, "can_mail": can_mail()}
    return render(request, "web/task_invitation.html", context)


@require_safe
def task_file(request: Request, pk: int) -> HttpResponse:
    """Return the invitation as a file."""
    task = get_visible(request.user, Task, pk=pk)
    response = HttpResponse(_file(request, task, _guests(request.user, task)), content_type=TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="task-{task.pk}.ics"'
    return response


def _file(request: Request, task: Task, guests: list[tuple[str, str]]) -> bytes:
    name = _customer_name(request.user, task)
    return invitation(task, name, guests[:MOST_GUESTS], request.user.zone, site_of(request))


def _customer_name(user: User, task: Task) -> str:
    return visible(user, Customer).filter(pk=task.customer_id or 0).values_list("name", flat=True).first() or ""


def _guests(user: User, task: Task) -> list[tuple[str, str]]:
    """Return who can be invited, as pairs of name and address: the followers, and contacts whose address one reads."""
    found = [(person.name, person.email) for person in task.followers.filter(is_active=True).order_by("name", "pk")]
    if task.customer_id and field_access(user, Contact).reads("email"):
        reaches = visible(user, Reach).filter(customer=task.customer_id, kind=Reach.Kind.EMAIL)
        rows = reaches.exclude(contact=None).filter(contact__left_on=None).select_related("contact")
        found += [(row.contact.name, row.value) for row in rows.order_by("contact", "position") if row.contact]
    return list(dict.fromkeys(found))
