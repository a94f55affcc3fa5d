"""`zhike user`: people who may sign in."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from zhike.cli.language import language, say
from zhike.cli.session import installation
from zhike.core.errors import ZhikeError

app = typer.Typer()

PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--password-file",
        help=say(
            "从这个文件的第一行读密码；不给则询问，或从标准输入读取。",
            "Read the password from this file's first line; else it is asked for, or read from standard input.",
        ),
    ),
]


class PasswordUnreadable(ZhikeError):
    code = "password_unreadable"


class NoSuchUser(ZhikeError):
    code = "no_such_user"
    status = 404


@app.callback(help=say("添加成员，重设密码。", "Add people who may sign in; reset a password."))
def group() -> None:
    pass


@app.command(help=say("添加一位成员。", "Add a person."))
def add(
    email: Annotated[str, typer.Argument(help=say("登录用的邮箱。", "The address to sign in with."))],
    *,
    name: Annotated[str, typer.Option(help=say("姓名；默认取邮箱名。", "Name; else the address's."))] = "",
    role: Annotated[
        str,
        typer.Option(
            metavar="sales|manager|admin|…",
            help=say(
                "角色；默认第一位是 admin，其后是 sales。",
                "Role; the first person is an admin by default, others are sales.",
            ),
        ),
    ] = "",
    team: Annotated[str, typer.Option(help=say("团队名称。", "Name of the team."))] = "",
    password_file: PasswordFile = None,
) -> None:
    chosen = _password(password_file)
    with installation():
        from django.db import transaction  # noqa: PLC0415

        from zhike.accounts import actions  # noqa: PLC0415

        with transaction.atomic():
            user = actions.add_first_or_next(
                email=email,
                name=name or email.partition("@")[0],
                password=chosen,
                role=role.strip(),
                team=actions.add_team(name=team, by=None) if team else None,
                language="zh-hans" if language() == "zh" else "en",
            )
    typer.echo(
        say(
            f"已添加 {user.name} <{user.email}>，角色 {user.role.label_zh}。",
            f"Added {user.name} <{user.email}> as {user.role.label_en}.",
        )
    )


@app.command(help=say("重设一位成员的密码。", "Give a person a new password."))
def password(
    email: Annotated[str, typer.Argument(help=say("登录用的邮箱。", "The address to sign in with."))],
    *,
    password_file: PasswordFile = None,
) -> None:
    chosen = _password(password_file)
    with installation():
        from zhike.accounts import actions  # noqa: PLC0415
        from zhike.accounts.models import User  # noqa: PLC0415

        user = User.objects.filter(email=actions.clean_email(email)).first()
        if user is None:
            raise NoSuchUser(f"没有成员 {email}。", f"There is no user {email}.")
        actions.set_password(user=user, password=chosen, by=None)
    typer.echo(say(f"已重设 {user.email} 的密码。", f"{user.email} has a new password."))


def _password(file: Path | None) -> str:
    """Read the password where nobody sees it: a file, standard input, or a prompt without echo."""
    if file is not None:
        return _first_line(file)
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    chosen = getpass.getpass(say("密码：", "Password: "))
    if getpass.getpass(say("再输入一次：", "Again: ")) != chosen:
        raise PasswordUnreadable("两次输入的密码不同。", "The two passwords differ.")
    return chosen


def _first_line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise PasswordUnreadable(f"读不到密码文件 {file}。", f"Cannot read the password file {file}.") from error
