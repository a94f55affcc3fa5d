"""How a person wants to hear of things, the digests they got, the bots and what waits for them."""

from __future__ import annotations

from zhike.notices.models.channels import Channel, Delivery
from zhike.notices.models.people import Digest, Preference, Rhythm

__all__ = ["Channel", "Delivery", "Digest", "Preference", "Rhythm"]
