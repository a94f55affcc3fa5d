from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("assignment", "0001_initial")]

    operations: ClassVar = [
        migrations.AddField("rule", "from_pools", models.BooleanField(default=False, verbose_name="也分配公海里的客户"))
    ]
