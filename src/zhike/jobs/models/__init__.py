"""Jobs, and the rows that they are about."""

from __future__ import annotations

from zhike.jobs.models.items import Item
from zhike.jobs.models.jobs import Job

__all__ = ["Item", "Job"]
