"""The commands: every page somebody may open and every act they may begin, in one literal table.

A command is found by its label in either language, in pinyin and by initials. `keys` are those that lead to it
everywhere; the elements of the pages declare them too (`data-go`, `data-key`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext

from zhike.accounts.models import Team
from zhike.accounts.policy import can
from zhike.assignment.models import Absence
from zhike.audit.models import Entry
from zhike.classification.models import Scheme
from zhike.core.text import Text, fold
from zhike.customers.models import Contact, Customer, CustomField
from zhike.customers.names import label_lines
from zhike.customers.needles import squeeze
from zhike.duplicates.models import Pair
from zhike.followups.models import LadderTerms, Task
from zhike.notices.models import Channel
from zhike.timeline.models import Event, ExchangeRate
from zhike.web.customers.marks import Part, marked
from zhike.web.search.results import Group, Line, plain

if TYPE_CHECKING:
    from django.db.models import Model

    from zhike.accounts.models import User
    from zhike.core.text import Language


NOTHING = Text("", "")


@dataclass(frozen=True, slots=True)
class Command:
    """A page or an act: the name of its address, what people call it, and the right it takes.

    `of_customer` needs the customer whose page is open; `place` is where on the page it happens.
    """

    address: str
    label: Text
    icon: str
    keys: tuple[str, ...] = ()
    right: tuple[str, type[Model]] | None = None
    others: Text = NOTHING
    of_customer: bool = False
    place: str = ""


COMMANDS = (
    Command(
        "web:customer",
        Text("记录跟进", "Log a contact"),
        "phone",
        ("L",),
        ("create", Event),
        Text("备注", "log note"),
        of_customer=True,
        place="#log",
    ),
    Command(
        "web:customer_edit",
        Text("修改资料", "Edit details"),
        "pencil",
        ("E",),
        ("change", Customer),
        Text("", "edit"),
        of_customer=True,
    ),
    Command(
        "web:contact_new",
        Text("新建联系人", "New contact"),
        "user-plus",
        (),
        ("create", Contact),
        NOTHING,
        of_customer=True,
    ),
    Command(
        "web:customer_new", Text("新建客户", "New customer"), "plus", ("C",), ("create", Customer), Text("", "add")
    ),
    Command(
        "web:task_new",
        Text("新建任务", "New task"),
        "list-check",
        (),
        ("create", Task),
        Text("待办 提醒", "todo remind"),
    ),
    Command(
        "web:customer_task_new",
        Text("给这位客户建任务", "New task for this customer"),
        "list-check",
        (),
        ("create", Task),
        Text("待办 提醒", "todo"),
        of_customer=True,
    ),
    Command(
        "web:log", Text("记一次跟进", "Log a contact of anybody"), "pencil", (), ("create", Event), Text("记录", "log")
    ),
    Command("web:customer_filter", Text("筛选客户", "Filter customers"), "filter"),
    Command("web:home", Text("工作台", "Today"), "home", ("G", "T"), None, Text("", "home")),
    Command("web:customers", Text("客户", "Customers"), "users", ("G", "C"), None, Text("客户列表", "list")),
    Command("web:pools", Text("公海", "Pools"), "ripple", ("G", "P"), ("claim", Customer), Text("领取 回收", "claim")),
    Command("web:tasks", Text("任务", "Tasks"), "list-check", ("G", "K"), None, Text("待办 跟进任务", "todo")),
    Command("web:task_board", Text("任务看板", "Task board"), "layout-kanban", (), None, Text("", "kanban")),
    Command("web:task_calendar", Text("任务日历", "Task calendar"), "calendar", (), None, Text("日程", "schedule")),
    Command("web:calendar_settings", Text("日历订阅", "Calendar feed"), "calendar-event", (), None, Text("", "ics")),
    Command("web:views", Text("全部视图", "All views"), "bookmark", (), None, Text("", "saved views")),
    Command("web:completeness", Text("完整度", "Completeness"), "list-check"),
    Command("web:reviews", Text("待复核", "To review"), "clipboard-check", ("G", "R")),
    Command("web:notifications", Text("通知", "Notifications"), "bell", ("G", "N")),
    Command("web:jobs", Text("后台任务", "Background jobs"), "history", ("G", "J"), None, Text("", "jobs")),
    Command(
        "web:duplicates",
        Text("重复客户", "Duplicates"),
        "copy",
        ("G", "D"),
        ("change", Pair),
        Text("查重 合并", "merge same"),
    ),
    Command(
        "web:imports",
        Text("导入", "Import"),
        "table-import",
        ("G", "I"),
        ("import", Customer),
        Text("Excel CSV 上传 通讯录", "upload vcard"),
    ),
    Command(
        "web:assignment",
        Text("分配规则", "Assignment rules"),
        "user-share",
        (),
        ("assign", Customer),
        Text("自动分配 轮流", "routing round robin"),
    ),
    Command(
        "web:promises", Text("首次联系的时限", "First answers owed"), "clock-exclamation", (), None, Text("", "sla")
    ),
    Command(
        "web:assignment_me",
        Text("上班和休假", "Working days and absences"),
        "calendar-event",
        (),
        ("change", Absence),
        Text("请假", "leave holiday"),
    ),
    Command("web:assignment_load", Text("各人的余量", "Load of people"), "users", (), ("assign", Customer)),
    Command("web:classes", Text("分类工作室", "Class studio"), "category-2", ("G", "S"), None, Text("规则", "rules")),
    Command("web:dimension_new", Text("新建维度", "New dimension"), "plus", (), ("change", Scheme)),
    Command("web:packs", Text("分类包", "Packs"), "packages"),
    Command("web:quarter_latest", Text("季度评估", "Quarterly review"), "report-analytics"),
    Command("web:clock", Text("时间引起的变化", "Changes by time"), "clock"),
    Command(
        "accounts:settings",
        Text("设置", "Settings"),
        "settings",
        (),
        None,
        Text("语言 外观 快捷键", "language theme"),
    ),
    Command("web:notification_settings", Text("通知设置", "Notification settings"), "bell"),
    Command("web:plan_templates", Text("计划模板", "Plan templates"), "list-check", (), None, Text("跟进计划", "plan")),
    Command(
        "web:escalations",
        Text("逾期的跟进", "Overdue follow-ups"),
        "clock-exclamation",
        (),
        None,
        Text("升级到我 没有跟进", "escalations late"),
    ),
    Command(
        "web:ladder",
        Text("升级提醒", "Overdue reminders"),
        "clock-exclamation",
        (),
        ("change", LadderTerms),
        Text("逾期 逐级 天数", "escalation ladder days"),
    ),
    Command(
        "web:channels",
        Text("群机器人", "Bots in groups"),
        "message-2",
        right=("change", Channel),
        others=Text("企业微信 钉钉 飞书", "WeCom DingTalk Feishu"),
    ),
    Command(
        "web:teams", Text("团队与角色", "Teams and roles"), "users", (), ("view", Team), Text("权限 辖区", "territory")
    ),
    Command("web:fields", Text("字段", "Fields"), "forms", (), ("change", CustomField), Text("自定义字段", "")),
    Command(
        "web:rates", Text("汇率", "Exchange rates"), "coins", (), ("change", ExchangeRate), Text("币种", "currency")
    ),
    Command("web:audit", Text("审计日志", "Audit log"), "history", (), ("read", Entry)),
)


def commands(user: User, query: str, *, language: Language, customer: Customer | None = None) -> list[Group]:
    """Return the commands that this person may give and that the query names; all of them for an empty one."""
    sought = squeeze(fold(query))
    fitting = [
        command
        for command in COMMANDS
        if sought in _lines(command) and (customer is not None or not command.of_customer)
    ]
    fitting.sort(key=lambda command: f"\n{sought}" not in f"\n{_lines(command)}")
    allowed = [command for command in fitting if _may(user, command, customer)]
    here = [_line(command, query, language, customer) for command in allowed if command.of_customer]
    rest = [_line(command, query, language, None) for command in allowed if not command.of_customer]
    groups = [Group(customer.name if customer else "", here), Group(gettext("命令"), rest)]
    return [group for group in groups if group.lines]


@lru_cache(maxsize=256)
def _lines(command: Command) -> str:
    zh, en = command.label
    others = [*command.others.zh.split(), *command.others.en.split()]
    return label_lines(zh, [*(squeeze(word) for word in (en, *others)), *others])


def _may(user: User, command: Command, customer: Customer | None) -> bool:
    if command.right is None:
        return True
    verb, model = command.right
    on_this = command.of_customer and model is Customer and customer is not None
    return can(user, verb, customer if on_this and customer else model)


def _line(command: Command, query: str, language: Language, customer: Customer | None) -> Line:
    label = command.label.get(language)
    title: list[Part] | tuple[Part, ...] = tuple(marked(label, query)) if query else plain(label)
    url = reverse(command.address, args=[customer.pk] if customer else [])
    return Line(f"{url}{command.place}", title, icon=command.icon, keys=command.keys)
