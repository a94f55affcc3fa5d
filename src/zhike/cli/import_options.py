"""The options of `zhike import`, each with its help."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from zhike.cli.import_log import MoneyUnit
from zhike.cli.language import say


class What(StrEnum):
    """What the rows of the file are."""

    CUSTOMERS = "customers"
    CONTACTS = "contacts"
    EVENTS = "events"


class OnMatch(StrEnum):
    """What becomes of a row whose customer is there."""

    UPDATE = "update"
    FILL = "fill"
    SKIP = "skip"
    REVIEW = "review"


Files = Annotated[list[Path] | None, typer.Argument(metavar="FILE…", help=say("要导入的文件。", "The files."))]
As = Annotated[
    What | None,
    typer.Option(
        "--as", help=say("每一行是客户、联系人还是一件事；默认自己认。", "What a row is; recognised by default.")
    ),
]
Match = Annotated[
    str,
    typer.Option(
        metavar="phone,email,…",
        help=say(
            "按哪些字段认出已有的客户：id、credit_code、phone、email、name。",
            "By which keys customers are known again: id, credit_code, phone, email, name.",
        ),
    ),
]
OnMatched = Annotated[
    OnMatch,
    typer.Option(
        help=say(
            "认出以后：update 更新、fill 只填空的、skip 跳过、review 留给人看。",
            "Then: update, fill what is empty, skip, or hold for review.",
        )
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help=say("只说会怎样，什么都不写。", "Say what would happen, write nothing."))
]
Undo = Annotated[int | None, typer.Option(metavar="ID", help=say("撤销一次导入。", "Take an import back."))]
By = Annotated[
    str,
    typer.Option(
        metavar="EMAIL",
        help=say("以哪位使用者的名义和权限导入。", "On whose behalf, and with whose rights, it is imported."),
    ),
]
Sheet = Annotated[
    list[str] | None,
    typer.Option(
        metavar="SHEET[=WHAT]",
        help=say(
            "工作簿里的哪张表，可多次使用，可说明是什么：订单=events；默认第一张有内容的。",
            "Which sheet; may be given often, and say what it holds: Orders=events. The first that holds any.",
        ),
    ),
]
Encoding = Annotated[str, typer.Option(help=say("文件的编码；默认自己认。", "The encoding; recognised by default."))]
Mapping = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="NAME=COLUMN",
        help=say("哪个名称对应哪一列，可多次使用。", "Which column holds what; may be given often."),
    ),
]
Kind = Annotated[
    str, typer.Option(help=say("没有 kind 列时，所有行的事件类型。", "The kind of all events, without a column."))
]
Unit = Annotated[
    MoneyUnit, typer.Option(help=say("金额以分（minor）还是元（major）计。", "Amounts in minor or major units."))
]
Timezone = Annotated[
    str,
    typer.Option(help=say("没有时区的时间属于哪里；默认公司的时区。", "Zone of times without one; the company's.")),
]
Currency = Annotated[
    str, typer.Option(help=say("金额的币种；默认公司的币种。", "Currency of the amounts; the company's."))
]
CreateCustomers = Annotated[
    bool | None,
    typer.Option(
        "--create-customers/--known-customers",
        help=say(
            "事件里的陌生客户：新建，还是拒绝。默认：文件里一位已有的客户都没有时新建，否则拒绝。",
            "Customers of events whom nobody knows: make them, or refuse their rows. By default they are "
            "made when the file names no known customer at all, else refused.",
        ),
    ),
]
Source = Annotated[
    str,
    typer.Option(
        help=say("事件来自哪个系统；key 在同一来源里唯一。", "The system that events come from; keys are unique in it.")
    ),
]
Rejected = Annotated[
    Path | None,
    typer.Option(help=say("拒绝的行写到哪里；默认 文件名.rejected.csv。", "Where refused rows go; FILE.rejected.csv.")),
]
Verdicts = Annotated[
    Path | None,
    typer.Option(
        help=say(
            "每一行的结果写到哪里；默认 文件名.verdicts.csv，有要看的行才写。",
            "Where every row's verdict goes; FILE.verdicts.csv, where somebody has to look at one.",
        )
    ),
]
Lang = Annotated[str, typer.Option(metavar="zh|en", help=say("提示语言。", "Language of the messages."))]
AsJson = Annotated[
    bool, typer.Option("--json", help=say("结果打印为一个 JSON 对象。", "Print the result as one JSON object."))
]
