"""Refusals that every door answers in the same way."""

from __future__ import annotations

from zhike.core.errors import ZhikeError


class NotFound(ZhikeError):
    """No such record, or none that this person may know of: the same answer, on purpose."""

    code = "not_found"
    status = 404


class Forbidden(ZhikeError):
    """The record may be seen, but not this be done with it."""

    code = "forbidden"
    status = 403


class Conflict(ZhikeError):
    """Somebody else changed the record in the meantime."""

    code = "conflict"
    status = 409
