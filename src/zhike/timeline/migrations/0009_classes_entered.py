from __future__ import annotations

import django.db.models.fields.json
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # built beside the work: nobody waits for an index of a large table

    dependencies = [
        ("timeline", "0008_words_of_notes"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(
                django.db.models.fields.json.KeyTextTransform("dimension", "data"),
                models.F("day"),
                django.db.models.fields.json.KeyTextTransform("to", "data"),
                condition=models.Q(("kind", "class.changed")),
                name="event_class_entered",
            ),
        ),
        RemoveIndexConcurrently(model_name="event", name="event_class_moves"),
    ]
