"""Refuse to empty the timeline with TRUNCATE too: a trigger on rows does not see it."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

CREATE = """
CREATE TRIGGER timeline_not_emptied BEFORE TRUNCATE ON timeline_event
    FOR EACH STATEMENT EXECUTE FUNCTION zhike_timeline_append_only();
"""

DROP = "DROP TRIGGER timeline_not_emptied ON timeline_event;"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("timeline", "0005_classes_left")]

    operations: ClassVar = [migrations.RunSQL(CREATE, DROP)]
