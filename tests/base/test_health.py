"""What a load balancer hears."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from django.db import OperationalError, connection


@pytest.mark.django_db
def test_healthy_process_says_ok(client):
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_process_without_database_says_503(client):
    with patch.object(connection, "cursor", side_effect=OperationalError("down")):
        response = client.get("/healthz")
    assert response.status_code == 503


def test_health_is_not_cached_and_rejects_post(client):
    assert client.post("/healthz").status_code == 405
