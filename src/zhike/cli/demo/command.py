"""`zhike demo`: an installation of its own with a believable company in it, then the web site."""

from __future__ import annotations

import os
import signal
import sys
import webbrowser
from contextlib import ExitStack
from datetime import date
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from zhike.base.home import home, use_demo
from zhike.cli.demo.company import QINGYUAN, TIMEZONE
from zhike.cli.demo.generator import CUSTOMERS, make_demo
from zhike.cli.demo.premises import AnotherPack, Premises, read_premises, vacate, write_premises
from zhike.cli.demo.sampled import check_sampled, firm_of, make_sampled
from zhike.cli.language import language, say
from zhike.cli.serve import alone, listening, serve
from zhike.cli.session import installation
from zhike.cli.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

app = typer.Typer()

ROLES = {
    "admin": ("管理员", "Admin"),
    "manager": ("主管", "Manager"),
    "sales": ("销售", "Sales"),
    "marketing": ("市场", "Marketing"),
    "auditor": ("审计", "Auditor"),
}


@app.command(
    help=say(
        "建一家示范公司（七个人、两千位客户、十八个月的往来）并打开它；再次运行沿用原来的数据。",
        "Make a demo company (seven people, 2,000 customers, 18 months) and open it; run again, it is still there.",
    )
)
def run(
    *,
    port: Annotated[int, typer.Option(help=say("监听的端口。", "The port."), min=0, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help=say("监听的地址。", "The address to listen on."))] = "127.0.0.1",
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help=say("不打开浏览器。", "Do not open the browser."))
    ] = False,
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help=say("丢掉原来的示范数据，重新建。", "Throw the demo data away and start over.")),
    ] = False,
    pack: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help=say(
                "示范哪个分类包：b2b、b2c、education、realestate、retail，默认通用。",
                "Which pack to show: b2b, b2c, education, realestate, retail; the general one if not given.",
            ),
        ),
    ] = "",
    customers: Annotated[int, typer.Option(hidden=True, min=60, max=100_000)] = CUSTOMERS,
) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)  # by the front door, so that the database stops
    use_demo()
    os.environ["ZHIKE_STATIC_ROOT"] = str(home() / "static")
    if pack:
        check_sampled(pack)  # a pack without a demo is known before anything goes
    with alone() as place:
        with listening(host, port, place):
            pass  # a taken port is known before half a minute of work
        premises = None if fresh else _premises(pack)
        if premises is None:
            vacate()
    with ExitStack() as held:
        if premises is None:
            with Steps(_step_names(), tells_lines=True) as steps:
                steps("database", 0, 1)
                held.enter_context(installation())  # until the end, so that the database starts once
                steps("database", 1, 1)
                premises = _build(pack or QINGYUAN.pack, customers, steps)
        serve(host=host, port=port, ready=_opened(premises, browser=not no_browser))


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _step_names() -> dict[str, str]:
    return {
        "database": say("准备数据库", "Preparing the database"),
        "stories": say("编写十八个月的故事", "Telling eighteen months of stories"),
        "customers": say("写入客户", "Writing customers"),
        "events": say("写入往来记录", "Writing events"),
        "history": say("按过去的日子依次判定类别", "Placing everyone, one past day after another"),
    }


def _premises(pack: str) -> Premises | None:
    """Return the demo that is there, unless another is asked for."""
    found = read_premises()
    if found and pack and found.pack != pack:
        raise AnotherPack(
            f"已有的示范公司用的是 {found.pack}，要换成 {pack} 请加 --fresh。",
            f"The demo that is there shows {found.pack}. Add --fresh to make one of {pack} in its place.",
        )
    return found


def _build(pack: str, customers: int, steps: Steps) -> Premises:
    from zhike.base.clock import now  # noqa: PLC0415
    from zhike.cli.demo.install import install_demo  # noqa: PLC0415

    moment = now().astimezone(ZoneInfo(TIMEZONE))
    premises = Premises.of(moment.date(), pack)
    with alone():
        steps("stories", 0, 1)
        sampled = pack != QINGYUAN.pack
        demo = make_sampled(pack, moment) if sampled else make_demo(moment, customers=customers)
        steps("stories", 1, 1)
        install_demo(
            demo,
            today=moment.date(),
            password=premises.password,
            language="zh-hans" if language() == "zh" else "en",
            progress=steps,
        )
    write_premises(premises)
    return premises


def _opened(premises: Premises, *, browser: bool) -> Callable[[str], None]:
    def ready(address: str) -> None:
        typer.echo(_welcome(premises, address))
        if browser and _has_screen():
            webbrowser.open(address)

    return ready


def _welcome(premises: Premises, address: str) -> str:
    chinese = language() == "zh"
    firm = firm_of(premises.pack, date.fromisoformat(premises.made_on))
    people = [
        f"  {person.email:<24}{person.name}　{ROLES[person.role][0 if chinese else 1]}　{person.team}".rstrip()
        for person in firm.people
    ]
    return "\n".join(
        [
            "",
            say(f"{firm.name}已开门：{address}", f"{firm.name} is open: {address}"),
            say("用下面任意一位的邮箱登录：", "Sign in as any of these people:"),
            *people,
            say(f"密码（都相同）：{premises.password}", f"Password (the same for all): {premises.password}"),
            say(
                f"数据建于 {premises.made_on}，在 {home()}。按 Ctrl-C 停止；zhike demo --fresh 重新建。",
                f"Made on {premises.made_on}, in {home()}. Ctrl-C stops it; zhike demo --fresh starts over.",
            ),
        ]
    )


def _has_screen() -> bool:
    """Say whether a browser has somewhere to open: in a bare terminal one would take it over."""
    if sys.platform in {"darwin", "win32"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
