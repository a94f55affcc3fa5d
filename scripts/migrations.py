"""Write the migrations that changed models need: `make migrations`.

Django asks a database before it writes them, so an empty one runs as long as this takes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="zhike-", dir="/tmp") as home:  # short, for the socket
        os.environ.pop("DATABASE_URL", None)
        os.environ["ZHIKE_HOME"] = home
        from zhike.cli.session import installation  # noqa: PLC0415  reads ZHIKE_HOME

        with installation(migrated=False):
            from django.core.management import call_command  # noqa: PLC0415

            call_command("makemigrations", *sys.argv[1:])
    written = [str(folder) for folder in ROOT.glob("src/zhike/*/migrations")]
    subprocess.run(["ruff", "check", "--quiet", "--fix", *written], check=True)
    subprocess.run(["ruff", "format", "--quiet", *written], check=True)


if __name__ == "__main__":
    main()
