"""Let indexes alone answer which class a customer has, and whom to contact when."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("classification", "0003_decisions_and_publications"),
        ("customers", "0004_list_indexes"),
    ]

    operations = [
        # A class belongs to one dimension. Taken as independent the planner expects far too few members.
        migrations.RunSQL(
            "CREATE STATISTICS placement_classes (mcv) ON dimension, class_key FROM classification_placement",
            "DROP STATISTICS placement_classes",
        ),
        migrations.RemoveConstraint(
            model_name="placement",
            name="one_class_a_dimension",
        ),
        migrations.RemoveIndex(
            model_name="customerfacts",
            name="facts_contact_due",
        ),
        migrations.RemoveIndex(
            model_name="customerfacts",
            name="facts_by_revenue",
        ),
        migrations.AddIndex(
            model_name="customerfacts",
            index=models.Index(fields=["revenue_year", "customer"], name="facts_by_revenue"),
        ),
        migrations.AlterField(
            model_name="placement",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="placements",
                to="customers.customer",
            ),
        ),
        migrations.AddIndex(
            model_name="customerfacts",
            index=models.Index(
                condition=models.Q(("contact_due_on__isnull", False)),
                fields=["contact_every", "contact_due_on"],
                include=("customer",),
                name="facts_contact_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.UniqueConstraint(
                fields=("customer", "dimension"),
                include=("class_key", "computed_key", "source", "undetermined"),
                name="one_class_a_dimension",
            ),
        ),
    ]
