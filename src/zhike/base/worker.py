"""The process that does the background work and keeps its clock: `python -m zhike.base.worker`."""

from __future__ import annotations

import logging
import os
import sys

import django

from zhike.base.doors import Door, enter
from zhike.base.logs import lost_connection

logger = logging.getLogger("zhike.worker")

# Whoever waits for a page comes before work that nobody waits for.
NICENESS = 10


def main() -> None:
    """Work until SIGTERM. Without a database it ends, and its supervisor starts it again later."""
    step_back()
    enter(Door.TASK)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.config.settings")
    django.setup()
    from procrastinate.contrib.django import app  # noqa: PLC0415  the tasks are there only now
    from procrastinate.contrib.django.django_connector import DjangoConnector  # noqa: PLC0415
    from procrastinate.exceptions import ConnectorException  # noqa: PLC0415

    assert isinstance(app.connector, DjangoConnector)
    try:
        with app.replace_connector(app.connector.get_worker_connector()) as working:
            working.run_worker()
    except ConnectorException as error:
        logger.warning("the database is gone: %s", lost_connection(error) or error)
        sys.exit(1)


def step_back() -> None:
    """Leave the processor to others, where the system knows of such a thing."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)


if __name__ == "__main__":
    main()
