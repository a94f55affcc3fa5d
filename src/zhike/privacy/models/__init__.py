"""Consents, requests of persons, what was erased, what may not be used, and the impact assessment."""

from __future__ import annotations

from zhike.privacy.models.assessments import Assessment
from zhike.privacy.models.barred import BarredInput
from zhike.privacy.models.consents import Consent, ConsentText
from zhike.privacy.models.deletions import Deletion
from zhike.privacy.models.requests import Request

__all__ = ["Assessment", "BarredInput", "Consent", "ConsentText", "Deletion", "Request"]
