"""`zhike bench …`: how fast it is, measured against a yardstick in the same run.

Without sizes each benchmark takes less than a minute. It prints figures and ratios, and ends with
exit code 1 when a limit that it states is missed.
"""

from __future__ import annotations

import typer

from zhike.cli.bench import (
    classification,
    classify,
    database,
    duplicates,
    export,
    followups,
    imports,
    live,
    pages,
    search,
)
from zhike.cli.language import say

app = typer.Typer(
    no_args_is_help=True,
    help=say("测量速度，与同一次运行里的标尺相比", "Measure speed against a yardstick in the same run"),
)
app.command("classify", help=say("文件：读取、归类、写出", "Files: read, placed, written"))(classify.run)
app.command("live", help=say("一个事件：记录并重新判断", "One event: recorded and placed again"))(live.run)
app.command("pages", help=say("页面：列表、客户、搜索", "Pages: list, customer, search"))(pages.run)
app.command("search", help=say("搜索：每一种输入", "Search: every kind of needle"))(search.run)
app.command("database", help=say("在数据库里判断所有客户", "Every customer judged in the database"))(database.run)
app.command(
    "classification",
    help=say("规则：事件、时钟、预览、发布、全部重算", "Rules: an event, the clock, a draft, everybody"),
)(classification.run)
app.command("export", help=say("导出和批量修改", "Export, and changing everybody"))(export.run)
app.command("import", help=say("导入：客户、再来一次、撤销、事件", "Imports: a list, again, taken back, a log"))(
    imports.run
)
app.command(
    "duplicates",
    help=say("查重：准确率和召回率，查完所有人的时间", "Duplicates: precision and recall, everybody searched"),
)(duplicates.run)
app.command("followups", help=say("跟进：任务的列表、日历和逾期提醒", "Follow-up: lists, calendar, the ladder"))(
    followups.run
)
