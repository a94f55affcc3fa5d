"""Where the demo lives: `ZHIKE_HOME/demo`, with its password, and how it is emptied.

The file that says so is written last: a demo without it was not finished and is made again.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from zhike.base.home import home
from zhike.base.postgres import Postgres
from zhike.core.errors import ZhikeError

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

FILE = "demo.json"
_LOCKS = {"serve.lock", "postgres.lock", "postgres.users"}
_OURS = {FILE, "demo.new", "postgres", "postgres.new", "postgres.out", "secret", "static", "files", "error.log"}
_SYLLABLES = [
    "qing",
    "shui",
    "yuan",
    "shan",
    "lin",
    "feng",
    "yun",
    "he",
    "song",
    "zhu",
    "mei",
    "lan",
    "xue",
    "yue",
    "chun",
    "qiu",
    "hai",
    "hu",
    "xi",
    "quan",
]


class DemoInUse(ZhikeError):
    """Another command still works with the demo's data."""

    code = "demo_in_use"
    status = 409


class AnotherPack(ZhikeError):
    """The demo that is there shows another pack."""

    code = "another_pack"
    status = 409


class NotOurs(ZhikeError):
    """The folder of the demo holds what no demo has made."""

    code = "not_ours"
    status = 409


@dataclass(frozen=True, slots=True)
class Premises:
    """A finished demo: its one password, the day it was made, and the pack that it shows."""

    password: str
    made_on: str
    pack: str = "general"

    @classmethod
    def of(cls, day: date, pack: str) -> Premises:
        words = "-".join(secrets.choice(_SYLLABLES) for _ in range(4))
        return cls(f"{words}-{secrets.randbelow(9000) + 1000}", day.isoformat(), pack)


def read_premises() -> Premises | None:
    """Return the finished demo of this home, if there is one."""
    try:
        return Premises(**json.loads(_file().read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write_premises(premises: Premises) -> None:
    """Say that the demo is finished, in a file for its owner alone."""
    draft = _file().with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(premises), file)
    draft.replace(_file())


def vacate() -> None:
    """Delete the demo's data, locks excepted.

    Refuses while another command uses it, and where anything lies that is not its own.
    """
    strangers = sorted(path.name for path in home().iterdir() if path.name not in _LOCKS | _OURS)
    if strangers:
        raise NotOurs(
            f"{home()} 里有别的东西（{'、'.join(strangers[:3])}），不会删除。请用 ZHIKE_HOME 指定另一个文件夹。",
            f"{home()} holds other things ({', '.join(strangers[:3])}), which will not be deleted. "
            "Name another folder in ZHIKE_HOME.",
        )
    data = home() / "postgres"
    server = Postgres(data)
    if server.is_running:
        with server:
            pass  # whoever leaves last stops it; an orphan of a killed run has nobody else
        if server.is_running:
            raise DemoInUse(
                f"还有命令在使用 {home()}，请等它结束再试。",
                f"Another command is using {home()}. Try again when it has ended.",
            )
    for path in home().iterdir():
        if path.name in _LOCKS:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _file() -> Path:
    return home() / FILE
