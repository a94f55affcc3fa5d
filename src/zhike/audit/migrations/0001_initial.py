"""The audit log, and the triggers by which the database chains it and refuses to rewrite it."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

CHAIN = """
CREATE FUNCTION zhike_audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    entry audit_entry;
BEGIN
    -- Held to the end of the transaction, which has come: one commits after the other.
    PERFORM pg_advisory_xact_lock(hashtext('zhike.audit'));
    SELECT * INTO STRICT entry FROM audit_entry WHERE id = NEW.id;
    SELECT number, hash INTO entry.number, entry.previous
        FROM audit_entry WHERE number IS NOT NULL ORDER BY number DESC LIMIT 1;
    entry.number := coalesce(entry.number, 0) + 1;
    entry.previous := coalesce(entry.previous, '');
    entry.at := clock_timestamp();
    entry.hash := encode(sha256(convert_to(jsonb_build_array(
        entry.number, to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), entry.actor_id,
        entry.door, entry.action, entry.subject_type, entry.subject_id, entry.data, entry.previous
    )::text, 'UTF8')), 'hex');
    UPDATE audit_entry SET number = entry.number, at = entry.at, previous = entry.previous, hash = entry.hash
        WHERE id = NEW.id;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER audit_chain AFTER INSERT ON audit_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION zhike_audit_chain();

CREATE FUNCTION zhike_audit_unchained() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.number := NULL;
    NEW.at := clock_timestamp();
    NEW.previous := '';
    NEW.hash := '';
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_unchained BEFORE INSERT ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION zhike_audit_unchained();

CREATE FUNCTION zhike_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The one change is that of the trigger above, to an entry that has no place in the chain yet.
    IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1 AND OLD.hash = '' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION zhike_audit_append_only();
CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION zhike_audit_append_only();
"""

UNCHAIN = """
DROP TRIGGER audit_not_emptied ON audit_entry;
DROP TRIGGER audit_append_only ON audit_entry;
DROP TRIGGER audit_unchained ON audit_entry;
DROP TRIGGER audit_chain ON audit_entry;
DROP FUNCTION zhike_audit_append_only();
DROP FUNCTION zhike_audit_unchained();
DROP FUNCTION zhike_audit_chain();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField(editable=False, null=True, unique=True)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ("door", models.CharField(blank=True, max_length=16)),
                ("action", models.CharField(max_length=40)),
                ("subject_type", models.CharField(blank=True, max_length=64)),
                ("subject_id", models.CharField(blank=True, max_length=64)),
                ("data", models.JSONField(default=dict)),
                ("previous", models.CharField(db_default="", editable=False, max_length=64)),
                ("hash", models.CharField(db_default="", editable=False, max_length=64)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["at"], name="audit_at"),
                    models.Index(fields=["actor", "-id"], name="audit_actor"),
                    models.Index(fields=["action", "-id"], name="audit_action"),
                    models.Index(fields=["door", "-id"], name="audit_door"),
                    models.Index(fields=["subject_type", "subject_id", "-id"], name="audit_subject"),
                ],
            },
        ),
        migrations.RunSQL(CHAIN, UNCHAIN),
    ]
