"""Rules as versioned data, where customers stand by them, and what people decide beside them."""

from __future__ import annotations

from zhike.classification.models.decisions import Notification, NotificationChoice, Override, Review
from zhike.classification.models.placements import CustomerFacts, KeptMetric, Placement, Shelved, Sweep
from zhike.classification.models.publications import Acknowledgement, BackTest, Publication, Staged
from zhike.classification.models.quarters import QuarterCount, QuarterReview
from zhike.classification.models.schemes import InstalledPack, Scheme, SchemeVersion
from zhike.classification.models.views import ListColumns, SavedView, ViewPin

__all__ = [
    "Acknowledgement",
    "BackTest",
    "CustomerFacts",
    "InstalledPack",
    "KeptMetric",
    "ListColumns",
    "Notification",
    "NotificationChoice",
    "Override",
    "Placement",
    "Publication",
    "QuarterCount",
    "QuarterReview",
    "Review",
    "SavedView",
    "Scheme",
    "SchemeVersion",
    "Shelved",
    "Staged",
    "Sweep",
    "ViewPin",
]
