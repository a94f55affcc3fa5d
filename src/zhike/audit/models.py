"""The audit log: one append-only table."""

from __future__ import annotations

from typing import ClassVar, Never

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class EntryQuerySet(models.QuerySet["Entry"]):
    """Reads only."""

    def update(self, **_columns: object) -> Never:
        raise TypeError(APPEND_ONLY)

    def delete(self) -> Never:
        raise TypeError(APPEND_ONLY)


APPEND_ONLY = "the audit log is append-only"


class Entry(models.Model):
    """One thing that somebody did. The database refuses to change or remove it.

    `number`, `at`, `previous` and `hash` are the database's: it sets them when the transaction commits,
    one transaction after the other, by its own clock. Until then an entry has no number and no hash, and
    nobody but its own transaction sees it. Without an actor it was the operator, or the program itself.
    """

    number = models.BigIntegerField(null=True, unique=True, editable=False)
    at = models.DateTimeField(db_default=Now(), editable=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    door = models.CharField(max_length=16, blank=True)
    action = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=64, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    data = models.JSONField(default=dict)
    previous = models.CharField(max_length=64, db_default="", editable=False)
    hash = models.CharField(max_length=64, db_default="", editable=False)

    objects: ClassVar[models.Manager[Entry]] = EntryQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["at"], name="audit_at"),
            models.Index(fields=["actor", "-id"], name="audit_actor"),
            models.Index(fields=["action", "-id"], name="audit_action"),
            models.Index(fields=["door", "-id"], name="audit_door"),
            models.Index(fields=["subject_type", "subject_id", "-id"], name="audit_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.action}"

    def save(self, *_args: object, **_kwargs: object) -> Never:
        raise TypeError(_RECORD_INSTEAD)

    def delete(self, *_args: object, **_kwargs: object) -> Never:
        raise TypeError(APPEND_ONLY)


_RECORD_INSTEAD = "entries are written by audit.actions.record"
