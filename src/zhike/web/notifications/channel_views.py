"""Bots in groups: one's own and those of the teams that one leads."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.policy import require
from zhike.base.errors import NotFound, current_language
from zhike.base.forms import tell
from zhike.core.errors import ZhikeError
from zhike.notices.actions.channels import NotSaid, remove_channel, save_channel, switch_channel, try_channel
from zhike.notices.models import Channel, Delivery
from zhike.notices.queries import channels
from zhike.web.notifications.forms import ChannelForm

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request


@require_safe
def channel_list(request: Request) -> HttpResponse:
    require(request.user, "change", Channel)
    context = {"section": "settings", "channels": channels(request.user).order_by("team__name", "name", "pk")}
    return render(request, "web/channels.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def channel_page(request: Request, pk: int | None = None) -> HttpResponse:
    """Set a bot up, or change one."""
    require(request.user, "change", Channel)
    channel = _get(request, pk) if pk else None
    form = ChannelForm(request.POST if request.method == "POST" else None, by=request.user, channel=channel)
    status: int = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            team, version = form.cleaned_data.get("team"), form.cleaned_data["version"] or 0
            try:
                made = save_channel(given=form.given(), by=request.user, channel=channel, team=team, version=version)
            except ZhikeError as error:
                tell(form, error)
                status = error.status
            else:
                messages.success(request, gettext("「%(name)s」保存了，发一条测试消息看看") % {"name": made.name})
                return redirect("web:channel", made.pk)
    waiting = Delivery.objects.filter(channel=channel, state=Delivery.State.WAITING).count() if channel else 0
    context = {"section": "settings", "channel": channel, "form": form, "waiting": waiting}
    return render(request, "web/channel.html", context, status=status)


@require_POST
def channel_try(request: Request, pk: int) -> HttpResponse:
    channel = _get(request, pk)
    try:
        try_channel(channel=channel, by=request.user)
    except NotSaid as error:
        messages.error(request, error.message(current_language()))
    else:
        messages.success(request, gettext("测试消息发出去了，到群里看看"))
    return redirect("web:channel", pk)


@require_POST
def channel_switch(request: Request, pk: int) -> HttpResponse:
    is_on = request.POST.get("on") == "yes"
    switch_channel(channel=_get(request, pk), is_on=is_on, by=request.user)
    messages.success(request, gettext("机器人又开始说话了") if is_on else gettext("机器人不再说话了"))
    return redirect("web:channel", pk)


@require_POST
def channel_remove(request: Request, pk: int) -> HttpResponse:
    channel = _get(request, pk)
    remove_channel(channel=channel, by=request.user)
    messages.success(request, gettext("%(name)s 已移除") % {"name": channel.name})
    return redirect("web:channels")


def _get(request: Request, pk: int) -> Channel:
    """Return a bot that this person may set up; of another's they do not learn that it is there."""
    require(request.user, "change", Channel)
    found = channels(request.user).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
