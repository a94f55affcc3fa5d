"""Rules of one dimension in draft, for the tests of the studio."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

    from zhike.accounts.models import User
    from zhike.classification.models import SchemeVersion

HIGH = {"field": "metric.revenue", "over": {"days": 365}, "op": "gte", "value": 20_000_000}


def draft_of(by: User, dimension: str = "value") -> SchemeVersion:
    from zhike.classification.actions.drafts import start_draft

    return start_draft(dimension=dimension, by=by)


def with_bound(data: dict, value: object, index: int = 0) -> dict:
    """Return the rules with one class let in by revenue alone."""
    changed = copy.deepcopy(data)
    changed["classes"][index]["when"] = {**HIGH, "value": value}
    return changed


def send(client: Client, path: str, data: object) -> HttpResponse:
    """Post as the script of a page does."""
    return client.post(path, json.dumps(data), content_type="application/json", headers={"Accept": "application/json"})
