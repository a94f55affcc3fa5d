"""Refuse UPDATE and DELETE on the timeline in the database itself.

A merge of two customers or an erasure sets ``zhike.rewrite`` to ``on`` for its transaction.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

CREATE = """
CREATE FUNCTION zhike_timeline_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('zhike.rewrite', true), '') <> 'on' THEN
        RAISE EXCEPTION 'the timeline is append-only' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER timeline_append_only BEFORE UPDATE OR DELETE ON timeline_event
    FOR EACH STATEMENT EXECUTE FUNCTION zhike_timeline_append_only();
"""

DROP = """
DROP TRIGGER timeline_append_only ON timeline_event;
DROP FUNCTION zhike_timeline_append_only();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("timeline", "0001_initial")]

    operations: ClassVar = [migrations.RunSQL(CREATE, DROP)]
