"""A scene that many tests look at, built once for all of a module: building it is most of what each would cost."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.plugin import DjangoDbBlocker


@contextmanager
def one_scene(blocker: DjangoDbBlocker) -> Iterator[None]:
    """Build in a transaction around those of the tests, each of which takes back what it alone did.

    For a fixture of a module that also asks for `django_db_setup`; a test that commits cannot use it.
    """
    from django.db import transaction
    from django.test import override_settings

    around = transaction.atomic()
    around._from_testcase = True  # durable blocks may be inside of it, as inside of a test's own
    with blocker.unblock(), around:
        with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
            yield
        transaction.set_rollback(True)
