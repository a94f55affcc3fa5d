"""The rows of the next step, read while this one is stored: they say what they would say then."""

from __future__ import annotations

import pytest

from tests.factories import make_user
from tests.imports.bringing import brought, counts
from zhike.accounts.models import User
from zhike.customers.models import Customer
from zhike.imports.actions import running
from zhike.imports.actions.running import advance, begin

pytestmark = pytest.mark.django_db

LIST = "客户编号,客户名称,负责人\n" + "".join(f"C{n},客户{n},赵一\n" for n in range(4))


@pytest.fixture
def steps(settings, tmp_path, monkeypatch):
    """Return an import of four rows of which two are done, and the places from which rows were read."""
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(running, "CHUNK", 2)
    read, places = running.read_rows, []

    def noted(stored_as, *, at, most):
        places.append(at)
        return read(stored_as, at=at, most=most)

    monkeypatch.setattr(running, "read_rows", noted)
    make_user("赵一", email="zhao@example.com")
    imported = brought(tmp_path, LIST)
    begin(imported=imported, by=None)
    assert advance(imported)
    return imported, places


def test_each_step_is_read_once(steps):
    imported, places = steps
    middle = imported.cursor

    assert not advance(imported)

    assert places == [0, middle]
    assert counts(imported) == {"created": 4}
    assert set(Customer.objects.values_list("owner__name", flat=True)) == {"赵一"}


def test_it_is_read_again_when_the_company_is_another(steps):
    imported, _ = steps
    User.objects.filter(name="赵一").update(name="钱二")

    assert not advance(imported)

    assert counts(imported) == {"created": 2, "rejected": 2}
