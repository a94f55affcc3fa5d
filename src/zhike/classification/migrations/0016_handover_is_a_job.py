"""A hand-over is a job like all others: what was handed over stays on its page, and what is not done yet goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import migrations

if TYPE_CHECKING:
    from django.apps.registry import Apps

STATES = {"waiting": "queued", "running": "running", "done": "done", "failed": "failed"}


def move(apps: Apps, _schema_editor: object) -> None:
    job_model = apps.get_model("jobs", "Job")
    item_model = apps.get_model("jobs", "Item")
    customer_model = apps.get_model("customers", "Customer")
    for row in apps.get_model("classification", "Handover").objects.select_related("giver").order_by("pk"):
        said = row.problem
        if row.state == "done":
            said = {"zh": f"{row.done:,} 位客户已交接", "en": f"{row.done:,} customers handed over"}
        job = job_model.objects.create(
            kind="hand_over",
            owner=row.by,
            state=STATES[row.state],
            parameters={"giver": row.giver_id, "name": row.giver.name, "lines": row.lines, "turns": row.turns},
            cursor=row.after,
            done=row.done,
            total=row.done if row.state == "done" else row.total,
            changed=row.done,
            said=said,
            created_at=row.created_at,
            started_at=None if row.state == "waiting" else row.created_at,
            finished_at=row.finished_at,
        )
        if row.state in {"waiting", "running"}:
            # Whom no line means is refused when their turn comes, as is whoever has been given away meanwhile.
            left = customer_model.objects.filter(owner=row.giver, pk__gt=row.after, deleted_at=None)
            items = [item_model(job=job, target=pk) for pk in left.order_by("pk").values_list("pk", flat=True)]
            item_model.objects.bulk_create(items, batch_size=5_000)
            job_model.objects.filter(pk=job.pk).update(total=row.done + len(items))


class Migration(migrations.Migration):
    dependencies = [
        ("classification", "0015_notification_of_mentions"),
        ("customers", "0011_records"),
        ("jobs", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(move, migrations.RunPython.noop, elidable=True),
        migrations.DeleteModel(name="Handover"),
    ]
