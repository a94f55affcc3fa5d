"""Readers of environment variables. A bad value is a sentence that names the variable, never a guess."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from zhike.core.errors import ZhikeError


class SettingError(ZhikeError):
    """An environment variable that cannot be used as it is."""

    code = "bad_setting"
    status = 503


def envstr(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def envbool(name: str, *, default: bool) -> bool:
    match envstr(name).casefold():
        case "":
            return default
        case "1" | "true" | "yes" | "on":
            return True
        case "0" | "false" | "no" | "off":
            return False
        case _:
            raise SettingError(
                f"环境变量 {name} 只能是 true 或 false。",
                f"The environment variable {name} must be true or false.",
            )


def envint(name: str, default: int, *, least: int = 0, most: int = 2**31 - 1) -> int:
    text = envstr(name)
    if not text:
        return default
    if text.isascii() and text.isdigit() and least <= int(text) <= most:
        return int(text)
    raise SettingError(
        f"环境变量 {name} 必须是 {least} 到 {most} 之间的整数。",
        f"The environment variable {name} must be a whole number from {least} to {most}.",
    )


def envlist(name: str, default: list[str]) -> list[str]:
    """Read a list separated by commas."""
    words = [word.strip() for word in envstr(name).split(",")]
    return [word for word in words if word] or default


def envsecret(name: str) -> str:
    """Read a secret from NAME, or from the file that NAME_FILE names. There is no default."""
    value = os.environ.get(name, "").strip()
    file = os.environ.get(f"{name}_FILE", "").strip()
    if value and file:
        raise SettingError(
            f"{name} 和 {name}_FILE 只能设置其中一个。",
            f"Set either {name} or {name}_FILE, not both.",
        )
    if not file:
        return value
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(
            f"读不到 {name}_FILE 指定的文件 {file}。",
            f"Cannot read the file {file} that {name}_FILE names.",
        ) from error


def envzone(name: str, default: str) -> str:
    zone = envstr(name, default)
    try:
        ZoneInfo(zone)
    except (LookupError, ValueError, OSError) as error:
        raise SettingError(
            f"环境变量 {name} 不是时区名称，例如 Asia/Shanghai。",
            f"The environment variable {name} is not the name of a time zone, such as Asia/Shanghai.",
        ) from error
    return zone


def envinstant(name: str) -> datetime | None:
    """Read an instant such as 2026-07-01T09:00:00+08:00."""
    text = envstr(name)
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = datetime.min  # noqa: DTZ901  naive, hence refused below
    if instant.tzinfo is None:
        raise SettingError(
            f"环境变量 {name} 必须是带时区的时刻，例如 2026-07-01T09:00:00+08:00。",
            f"The environment variable {name} must be an instant with its offset, such as 2026-07-01T09:00:00+08:00.",
        )
    return instant.astimezone(UTC)


def envchoice(name: str, default: str, choices: tuple[str, ...]) -> str:
    text = envstr(name, default)
    for choice in choices:
        if choice.casefold() == text.casefold():
            return choice
    listed = "、".join(choices), ", ".join(choices)
    raise SettingError(
        f"环境变量 {name} 只能是：{listed[0]}。",
        f"The environment variable {name} must be one of: {listed[1]}.",
    )


def envdatabase(name: str) -> dict[str, Any] | None:
    """Read postgresql://user:password@host:port/name?sslmode=… as Django's settings of a database."""
    text = envsecret(name)
    if not text:
        return None
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as error:
        raise _bad_database(name) from error
    database = unquote(url.path.removeprefix("/"))
    if not unquote(text).isprintable():
        raise _bad_database(name)
    if url.scheme not in {"postgresql", "postgres"} or not database or "/" in database:
        raise _bad_database(name)
    options = dict(parse_qsl(url.query))
    return {
        "NAME": database,
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": options.pop("host", unquote(url.hostname or "")),
        "PORT": options.pop("port", str(port or "")),
        "OPTIONS": options,
    }


def envmail(name: str) -> dict[str, Any] | None:
    """Read smtp://user:password@host:587, or smtps:// for TLS from the first byte, as options of Django's mailer.

    With smtp:// the connection is turned to TLS before anything is said, except to this machine itself.
    """
    text = envsecret(name)
    if not text:
        return None
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as error:
        raise _bad_mail(name) from error
    if (
        url.scheme not in {"smtp", "smtps"}
        or not url.hostname
        or url.path.strip("/")
        or not unquote(text).isprintable()
    ):
        raise _bad_mail(name)
    is_wrapped = url.scheme == "smtps"
    return {
        "host": url.hostname,
        "port": port or (465 if is_wrapped else 587),
        "username": unquote(url.username or ""),
        "password": unquote(url.password or ""),
        "use_ssl": is_wrapped,
        "use_tls": not is_wrapped and url.hostname not in {"localhost", "127.0.0.1", "::1"},
        "timeout": 15,
    }


def _bad_mail(name: str) -> SettingError:
    # The value itself is not repeated: it holds a password.
    return SettingError(
        f"环境变量 {name} 必须形如 smtp://用户:密码@主机:587 或 smtps://用户:密码@主机:465。",
        f"The environment variable {name} must look like smtp://user:password@host:587 or smtps://user:password@host:465.",
    )


def _bad_database(name: str) -> SettingError:
    # The value itself is not repeated: it holds a password.
    return SettingError(
        f"环境变量 {name} 必须形如 postgresql://用户:密码@主机:5432/数据库。",
        f"The environment variable {name} must look like postgresql://user:password@host:5432/database.",
    )
