"""What is to be done at 清源水科技 today: plans that lately entered classes have begun, and tasks of people's own."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from zhike.cli.demo.company import LIN, QINGYUAN, WANG, ZHAO, ZHOU

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from zhike.accounts.models import User
    from zhike.cli.demo.company import Firm
    from zhike.cli.demo.records import DemoEvent

# Whose class is older than this has had its plan long ago.
FRESH_DAYS = 1
# What was done on so many days before today had been a task; of eight one came a day late.
DONE_DAYS = 70
LATE = 8
_DONE = {"call.made": ("call", "回访"), "visit.made": ("visit", "上门拜访"), "message.sent": ("message", "发送资料")}


class Chore(NamedTuple):
    """A task: so many days from today, at a time of the day if it has one; without a customer it is only the owner's."""

    by: str
    kind: str
    title: str
    days: int
    customer: str = ""
    at: time | None = None
    priority: int = 2
    text: str = ""
    checklist: tuple[str, ...] = ()
    recurrence: str = ""


CHORES: tuple[Chore, ...] = (
    Chore(
        LIN,
        "visit",
        "续签拜访",
        0,
        "上海云汀餐饮管理",
        time(10, 30),
        1,
        "静安区愚园路，车程 35 分",
        ("带上水质报告", "带上框架合同两份", "问清 12 家店的开业时间"),
    ),
    Chore(LIN, "meeting", "换芯方案讲解", 0, "杭州文通路书店", time(14), text="与王磊一起，线上会议"),
    Chore(LIN, "todo", "华东组周预测会", 0, at=time(16, 30), text="周敏主持", recurrence="FREQ=WEEKLY"),
    Chore(LIN, "call", "回访：水压偏低有没有解决", -4, "上海屿见民宿管理", priority=1),
    Chore(LIN, "message", "发滤芯更换的报价", -1, "上海素问中医门诊部"),
    Chore(LIN, "email", "寄维保合同的草稿", 2, "上海素问中医门诊部"),
    Chore(WANG, "call", "催尾款，约付款的日子", -6, "北京鼎和汽车服务", priority=1),
    Chore(WANG, "meeting", "换芯方案讲解", 0, at=time(14), text="与林晓雯一起，线上会议"),
    Chore(ZHAO, "todo", "整理本月拜访计划", 1),
    Chore(ZHOU, "visit", "陪同拜访：全店改造", 3, "南京栖云酒店", time(9, 30)),
    Chore(ZHOU, "todo", "华东组周预测会", 0, at=time(16, 30), text="我来主持", recurrence="FREQ=WEEKLY"),
)


def begin_plans(ids: Iterable[int], today: date) -> None:
    """Let the classes that these customers entered of late begin their plans."""
    from zhike.classification.models import Placement  # noqa: PLC0415
    from zhike.followups.actions.following import follow_owners  # noqa: PLC0415

    since = today - timedelta(days=FRESH_DAYS)
    fresh = Placement.objects.filter(customer__in=list(ids), since__gte=since)
    follow_owners(sorted(set(fresh.values_list("customer", flat=True))))


def remember_tasks(events: Sequence[DemoEvent], ids: Mapping[str, int], users: Mapping[str, User], today: date) -> None:
    """Write down the tasks that people had done by the contacts of the last weeks."""
    from zhike.followups.actions.done import DoneTask, add_done_tasks  # noqa: PLC0415

    since = today - timedelta(days=DONE_DAYS)
    done = [event for event in events if event.by and event.kind in _DONE and since <= event.at.date() < today]
    rows = []
    for number, event in enumerate(done):
        kind, title = _DONE[event.kind]
        due_on = event.at.date() - timedelta(days=number % LATE == 0)
        rows.append(DoneTask(ids[event.customer], users[event.by].pk, kind, title, due_on, event.at))
    add_done_tasks(rows)


def give_chores(firm: Firm, users: Mapping[str, User], today: date) -> None:
    """Write down what people have planned by themselves."""
    from zhike.customers.models import Customer  # noqa: PLC0415
    from zhike.followups.actions.tasks import create_task  # noqa: PLC0415

    if firm != QINGYUAN:
        return
    customers = {one.name: one for one in Customer.objects.filter(name__in={chore.customer for chore in CHORES})}
    for chore in CHORES:
        create_task(
            by=users[chore.by],
            customer=customers[chore.customer] if chore.customer else None,
            kind=chore.kind,
            title=chore.title,
            text=chore.text,
            due_on=today + timedelta(days=chore.days),
            due_at=chore.at,
            priority=chore.priority,
            checklist=[{"text": text, "done": False} for text in chore.checklist],
            recurrence=chore.recurrence,
        )
