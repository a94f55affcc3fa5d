"""Where sessions are kept: in the database, by the digest of their key, with who uses them and from where.

Whoever reads the table, or a copy of it, cannot take a session over. A row that is deleted ends
its session with the next request.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from zhike.base import clock

if TYPE_CHECKING:
    from django.http import HttpRequest

    from zhike.accounts.models import Session

# A request sooner than this after the last says nothing new.
SEEN_EVERY = timedelta(minutes=5)
KEY_LENGTH = 40  # of Django's column; 160 bits
ADDRESS, AGENT, STARTED = "_address", "_agent", "_started"
AGENT_MAX = 300


def digest(session_key: str) -> str:
    """Return what stands in the database for a session's key."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:KEY_LENGTH]


class SessionStore(DatabaseStore):
    """A session whose row is known by the digest of its key."""

    _row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        from zhike.accounts.models import Session  # noqa: PLC0415  Django loads this module before the models

        return Session

    def _get_session_from_db(self) -> Session | None:
        key = self.session_key or ""
        rows = self.get_model_class().objects.filter(session_key=digest(key), expire_date__gt=timezone.now())
        self._row = rows.first()
        if self._row is None:
            self._session_key = None
        return self._row

    def exists(self, session_key: str) -> bool:
        return self.get_model_class().objects.filter(session_key=digest(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        now = clock.now()
        started = datetime.fromtimestamp(data[STARTED], UTC) if STARTED in data else now
        return self.get_model_class()(
            session_key=digest(self._get_or_create_session_key()),  # type: ignore[attr-defined]
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            user_id=int(data[SESSION_KEY]) if SESSION_KEY in data else None,
            address=data.get(ADDRESS, ""),
            agent=data.get(AGENT, ""),
            started_at=started,
            last_seen_at=now,
        )

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002  Django's signature
        """Write the session, unless it was ended meanwhile."""
        if self.session_key is None:
            self.create()
            return
        row = self.create_model_instance(self._get_session(no_load=must_create))  # type: ignore[attr-defined]
        try:
            with transaction.atomic():
                row.save(force_insert=must_create, force_update=not must_create)
        except IntegrityError:
            if must_create:
                raise CreateError from None
            raise
        except DatabaseError:
            if not must_create:
                raise UpdateError from None
            raise
        self._row = row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            self.get_model_class().objects.filter(session_key=digest(key)).delete()

    @property
    def row_key(self) -> str:
        """Return the key of this session's row."""
        return digest(self.session_key or "")

    def see(self, address: str) -> bool:
        """Write down that the session is in use; say whether that was news."""
        now = clock.now()
        if self._row is None or now - self._row.last_seen_at < SEEN_EVERY:
            return False
        rows = self.get_model_class().objects.filter(session_key=self._row.session_key)
        self._row.last_seen_at, self._row.address = now, address
        return bool(rows.update(last_seen_at=now, address=address))


def begin(request: HttpRequest, address: str) -> None:
    """Write into a new session from where it is used."""
    request.session[ADDRESS] = address
    request.session[AGENT] = request.headers.get("User-Agent", "").replace("\0", "")[:AGENT_MAX]
    request.session[STARTED] = int(clock.now().timestamp())
