"""The pages by which people follow customers up, with the addresses that each role asks for."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

from zhike.core.text import Text

if TYPE_CHECKING:
    from zhike.cli.bench.company import Company

WARM_UP = 3
RECORDS = 4  # so many customers' pages are asked for in turn
ROLES = {
    "sales": Text("销售", "salesperson"),
    "manager": Text("主管", "manager"),
    "admin": Text("老板", "owner"),
}
PAGES = {
    "home": Text("工作台", "today"),
    "work": Text("工作台，所有人的", "today, everybody's"),
    "figures": Text("本月的数字", "figures of the month"),
    "figures_all": Text("本月的数字，所有人的", "figures of the month, everybody's"),
    "rising": Text("意向上升", "intent that rose"),
    "rising_all": Text("意向上升，所有人的", "intent that rose, everybody's"),
    "reviews": Text("待复核的类别变化", "changes to review"),
    "wake": Text("唤醒和类别变化", "whom to wake, and changes"),
    "wake_all": Text("唤醒和类别变化，所有人的", "whom to wake, everybody's"),
    "team": Text("团队", "the team"),
    "company": Text("公司", "the company"),
    "changed": Text("公司有什么变化", "what changed in the company"),
    "tasks": Text("任务列表", "tasks"),
    "tasks_team": Text("任务列表，团队的", "tasks of the team"),
    "board": Text("任务看板", "board"),
    "board_team": Text("任务看板，团队的", "board of the team"),
    "calendar": Text("任务日历", "calendar"),
    "days": Text("日历里的任务", "tasks in the calendar"),
    "days_team": Text("日历里的任务，团队的", "tasks in the calendar, of the team"),
    "overdue": Text("逾期的跟进", "what is overdue"),
    "overdue_all": Text("逾期的跟进，所有人的", "what is overdue, everybody's"),
    "record": Text("客户页", "customer"),
    "next": Text("客户页的任务和计划", "tasks and plans of a customer"),
    "advice": Text("客户页的建议", "advice on a customer"),
    "log": Text("记一次跟进", "log"),
    "inbox": Text("通知", "notifications"),
    "pulse": Text("有没有新通知", "anything new"),
}


def addresses(company: Company, role: str) -> dict[str, list[str]]:
    """Return page → what somebody in this role asks for in turn."""
    from zhike.accounts.queries import company_zone  # noqa: PLC0415
    from zhike.base.clock import today  # noqa: PLC0415

    day = today(company_zone())
    monday, first = day - timedelta(days=day.weekday()), day.replace(day=1)
    spans = [f"start={at}&end={at + timedelta(days=length)}" for at, length in ((monday, 7), (first, 42))]
    records = random.Random(11).choices(company.ids(role), k=RECORDS)  # noqa: S311  a fair draw, not a secret
    found = {
        "home": ["/?home=work", "/?home=work&order=time", "/?home=work&more=overdue"],
        "figures": ["/figures/"],
        "rising": ["/home/rising/"],
        "reviews": ["/home/reviews/"],
        "wake": ["/home/wake/"],
        "tasks": [f"/tasks/?{query}" for query in ("", "kind=visit", "of=following", "state=done")],
        "board": [f"/tasks/board/?by={by}" for by in ("day", "kind", "state")],
        "calendar": ["/tasks/calendar/"],
        "days": [f"/tasks/days/?{span}" for span in spans],
        "overdue": ["/overdue/", "/overdue/?state=settled"],
        "record": [f"/customers/{pk}/" for pk in records],
        "next": [f"/customers/{pk}/next/" for pk in records],
        "advice": [f"/customers/{pk}/advice/" for pk in records],
        "log": ["/log/", *(f"/customers/{pk}/log/panel/" for pk in records[:2])],
        "inbox": ["/notifications/"],
        "pulse": ["/notifications/pulse/"],
    }
    if role == "sales":
        return found
    found |= {
        "work": ["/?of=all", "/?of=all&order=time"],
        "figures_all": ["/figures/?of=all"],
        "rising_all": ["/home/rising/?of=all"],
        "wake_all": ["/home/wake/?of=all"],
        "team": ["/home/team/"],
        "overdue_all": ["/overdue/?of=all", "/overdue/?of=all&state=settled"],
        "tasks_team": [f"/tasks/?of=team&{query}" for query in ("", "kind=visit", "priority=1", "state=done")],
        "board_team": [f"/tasks/board/?of=team&by={by}" for by in ("day", "kind", "state")],
        "days_team": [f"/tasks/days/?of=team&{span}" for span in spans],
    }
    return {**found, "company": ["/home/company/"], "changed": ["/home/changed/"]} if role == "admin" else found
