"""`zhike serve`: the web site, the worker with its clock, and the embedded database, as one program."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from zhike.base.home import home
from zhike.cli.language import say
from zhike.cli.session import installation
from zhike.cli.supervisor import DRAIN_SECONDS, Child, Supervisor
from zhike.core.errors import ZhikeError
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from zhike.base.postgres import Postgres

app = typer.Typer()

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
RELEASE_SECONDS = DRAIN_SECONDS + 8  # for a killed server, which nobody reminds and nobody kills
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104  what a person may ask for
DATABASE_SECONDS = 2  # between two looks at the embedded server


class AlreadyServing(ZhikeError):
    code = "already_serving"
    status = 409


class AddressUnusable(ZhikeError):
    code = "address_unusable"
    status = 409


@app.command(
    help=say(
        "启动网站、后台任务和内置数据库，直到 Ctrl-C。",
        "Run the web site, the background work and the embedded database until Ctrl-C.",
    )
)
def run(
    *,
    host: Annotated[str, typer.Option(help=say("监听的地址。", "The address to listen on."))] = "127.0.0.1",
    port: Annotated[int, typer.Option(help=say("监听的端口。", "The port."), min=0, max=65535)] = 8000,
) -> None:
    serve(host=host, port=port, ready=announce)


def announce(address: str) -> None:
    typer.echo(say(f"知客已启动：{address}（按 Ctrl-C 停止）", f"Zhike is running at {address} (Ctrl-C stops it)"))


def serve(*, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until a signal; call `ready` with the address once the site answers."""
    with alone() as place, listening(host, port, place) as listener:
        address = _address(host, listener)
        os.environ["ZHIKE_STATIC_ROOT"] = str(home() / "static")
        if host not in LOOPBACK:
            _allow(host)
        with installation() as database:
            _collect_static()
            _forget_again()
            web, worker = _web(listener), _worker()
            watch = Watch(database, web, lambda: ready(address), health=f"{address}healthz")
            Supervisor([web, worker], watch=watch).run()


def _forget_again() -> None:
    """Erase whom a restored backup still knows, before anybody sees them."""
    from zhike.privacy.actions.erasure import reapply_deletions  # noqa: PLC0415

    reapply_deletions()


@contextmanager
def alone() -> Iterator[TextIO]:
    """Hold the one place of a server on this data; the kernel frees it however we end.

    The file names the port for as long as it is listened on: one that was killed leaves its port there.
    """
    path = home() / "serve.lock"
    with path.open("a+", encoding="utf-8") as place:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyServing(
                f"{path.parent} 上已有一个正在运行的 zhike serve，请先停止它。",
                f"zhike serve is already running on {path.parent}. Stop it first.",
            ) from error
        yield place


@contextmanager
def listening(host: str, port: int, place: TextIO) -> Iterator[socket.socket]:
    """Open the socket here: a taken port is known before anything starts, and restarts keep it."""
    try:
        _await_release(host, port, place)
        listener = _listen(host, port)
    except (OSError, UnicodeError) as error:  # a name that no domain can have does not reach the resolver
        raise _unusable(host, port, error) from error
    with listener:
        _note_port(place, str(listener.getsockname()[1]))  # of port 0, the one that was given
        try:
            yield listener
        finally:
            _note_port(place, "")


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


def _await_release(host: str, port: int, place: TextIO) -> None:
    """Wait for the processes of a server that was killed: they finish their requests before they let go."""
    place.seek(0)
    if place.read() != str(port):
        return
    until, is_told = time.monotonic() + RELEASE_SECONDS, False
    while time.monotonic() < until:
        try:
            _listen(host, port).close()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
        else:
            return
        if not is_told:
            typer.echo(
                say(
                    f"端口 {port} 还在用：上一个 zhike serve 被强行结束，它的进程正在收尾，稍等……",
                    f"Port {port} is still in use: the last zhike serve was killed and its processes are finishing …",
                ),
                err=True,
            )
            is_told = True
        time.sleep(0.2)


def _note_port(place: TextIO, port: str) -> None:
    place.truncate(0)
    place.write(port)
    place.flush()


def _unusable(host: str, port: int, error: OSError | UnicodeError) -> AddressUnusable:
    match getattr(error, "errno", None):
        case errno.EADDRINUSE:
            return AddressUnusable(
                f"端口 {port} 已被占用，请用 --port 换一个。",
                f"Port {port} is taken. Choose another with --port.",
            )
        case errno.EACCES:
            return AddressUnusable(
                f"没有权限使用端口 {port}，请用 --port 换一个大于 1023 的。",
                f"Port {port} is reserved for root. Choose one above 1023 with --port.",
            )
        case _:
            reason = getattr(error, "strerror", None) or "no such name"
            return AddressUnusable(f"无法监听地址 {host}：{reason}", f"Cannot listen on {host}: {reason}")


def _address(host: str, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    shown = "127.0.0.1" if host in EVERYWHERE else host
    return f"http://[{shown}]:{port}/" if ":" in shown else f"http://{shown}:{port}/"


def _allow(host: str) -> None:
    """Answer to the name that the person typed; other names stand in ZHIKE_ALLOWED_HOSTS or ZHIKE_URL."""
    names = os.environ.get("ZHIKE_ALLOWED_HOSTS") or "localhost,127.0.0.1,[::1]"
    own = socket.gethostname() if host in EVERYWHERE else host
    os.environ["ZHIKE_ALLOWED_HOSTS"] = f"{names},{own}"


def _web(listener: socket.socket) -> Child:
    from django.conf import settings  # noqa: PLC0415

    memory = "/dev/shm"  # noqa: S108  the workers' heartbeat files: a slow disk must not kill them
    options = {
        "bind": f"fd://{listener.fileno()}",
        "workers": settings.ZHIKE_WEB_WORKERS,
        "worker-class": "gthread",
        "threads": "4",
        "timeout": "60",
        "graceful-timeout": "20",
        "worker-tmp-dir": memory if os.access(memory, os.W_OK) else tempfile.gettempdir(),
        "log-level": "warning",
    }
    return Child(
        Text("网站", "web"),
        [
            *(sys.executable, "-m", "gunicorn", "--preload", "--no-control-socket"),
            *(f"--{key}={value}" for key, value in options.items()),
            "zhike.config.wsgi",
        ],
        env=os.environ,
        pass_fds=(listener.fileno(),),
    )


def _worker() -> Child:
    return Child(Text("后台任务", "background"), [sys.executable, "-m", "zhike.base.worker"], env=os.environ)


def _collect_static() -> None:
    """Give the files their digests, once for each build of the program."""
    from django.contrib.staticfiles.finders import get_finders  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    root = home() / "static"
    files = sorted(storage.path(name) for finder in get_finders() for name, storage in finder.list([]))
    made_from = "\n".join(f"{file} {Path(file).stat().st_mtime_ns}" for file in files)
    stamp = root / "made-from"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == made_from:
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=root.exists())
    stamp.write_text(made_from, encoding="utf-8")


class Watch:
    """What the supervisor looks at besides its children: the embedded server, and the first answer."""

    def __init__(self, database: Postgres | None, web: Child, ready: Callable[[], None], *, health: str) -> None:
        self.database = database
        self.web = web
        self.ready = ready
        self.health = health
        self.is_ready = False
        self.looked_at = time.monotonic()

    def __call__(self) -> None:
        if self.database and time.monotonic() - self.looked_at > DATABASE_SECONDS:
            self.database.ensure_running()
            self.looked_at = time.monotonic()
        if not self.is_ready and self.web.is_running and self._answers():
            self.is_ready = True
            self.ready()

    def _answers(self) -> bool:
        request = urllib.request.Request(self.health, headers={"Host": "localhost"})  # noqa: S310  ours
        try:
            with urllib.request.urlopen(request, timeout=1):  # noqa: S310
                return True
        except urllib.error.HTTPError:
            return True  # it answers; what it says is not the question
        except OSError:
            return False
