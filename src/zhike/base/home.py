"""The folder in which an installation lives: data, files, log and, when embedded, its secret."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from zhike.core.errors import ZhikeError

if TYPE_CHECKING:
    from collections.abc import MutableMapping


class HomeUnusable(ZhikeError):
    """The folder of the installation cannot be made or written."""

    code = "home_unusable"
    status = 503


def home() -> Path:
    """Return the installation's folder, made on first use and closed to other users."""
    given = os.environ.get("ZHIKE_HOME")
    path = Path(given).expanduser() if given else platformdirs.user_data_path("zhike")
    path = path.absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError
    except OSError as error:
        raise HomeUnusable(
            f"无法使用文件夹 {path}，请用 ZHIKE_HOME 指定一个可写的文件夹。",
            f"Cannot use the folder {path}. Name a writable one in ZHIKE_HOME.",
        ) from error
    return path


def use_demo(environ: MutableMapping[str, str] = os.environ) -> None:
    """Turn this process to the demo company: an embedded installation of its own."""
    use_embedded(home() / "demo", environ)


def use_embedded(folder: Path, environ: MutableMapping[str, str] = os.environ) -> None:
    """Turn this process to the embedded installation in a folder."""
    environ["ZHIKE_HOME"] = str(folder)
    for name in ("DATABASE_URL", "DATABASE_URL_FILE", "ZHIKE_SECRET_KEY", "ZHIKE_SECRET_KEY_FILE"):
        environ.pop(name, None)


def embedded_secret() -> str:
    """Return this installation's secret, drawn on first use and readable by its owner alone."""
    path = home() / "secret"
    draft = path.with_name(f"secret.{os.getpid()}")
    if not path.exists():
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)  # of two first commands, one wins and both read the same
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
