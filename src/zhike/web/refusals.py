"""What an action refused, in the reader's language, where the page already says what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.base.errors import current_language

if TYPE_CHECKING:
    from zhike.core.errors import ZhikeError


def said(error: ZhikeError) -> str:
    """Return the sentence without the name of the field."""
    return error.zh if current_language() == "zh" else error.en
