from __future__ import annotations

from contextlib import nullcontext
from copy import deepcopy

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from zhike.base.migrating import few_models_built

POINT = models.ForeignKey("one", on_delete=models.CASCADE)
BEGUN = [
    migrations.CreateModel(
        "one", [("id", models.AutoField(primary_key=True)), ("code", models.CharField(max_length=9))]
    ),
    migrations.CreateModel("heir", [("more", models.IntegerField())], bases=("crm.one",)),
    migrations.CreateModel("two", [("id", models.AutoField(primary_key=True)), ("one", POINT)]),
    migrations.CreateModel(
        "three", [("id", models.AutoField(primary_key=True)), ("many", models.ManyToManyField("two"))]
    ),
]
STEPS = [
    migrations.AddField("two", "other", models.ForeignKey("three", models.CASCADE, null=True)),
    migrations.AddIndex("one", models.Index(fields=["code"], name="code_idx")),
    migrations.AddConstraint("two", models.UniqueConstraint(fields=["one", "other"], name="pair")),
    migrations.AlterField("one", "code", models.CharField(max_length=90, unique=True)),
    migrations.AlterField("one", "id", models.BigAutoField(primary_key=True)),
    migrations.AddField("three", "text", models.TextField(default="")),
    migrations.RemoveIndex("one", "code_idx"),
    migrations.RenameField("one", "code", "number"),
    migrations.AddField("three", "by", models.ForeignKey("one", models.CASCADE, to_field="number", null=True)),
    migrations.AlterField("one", "number", models.CharField(max_length=99, unique=True)),
    migrations.RenameModel("two", "pair"),
    migrations.AlterModelTable("one", "first"),
    migrations.AddField("pair", "heir", models.ForeignKey("heir", models.CASCADE, null=True)),
    migrations.RemoveConstraint("pair", "pair"),
    migrations.RemoveField("pair", "one"),
    migrations.RenameField("one", "number", "no"),
    migrations.RemoveField("three", "many"),
    migrations.DeleteModel("pair"),
]


def asked(way) -> tuple[list[list[str]], list[str]]:
    """Return what each step asks of the database, and all fields as Python would see them after the last."""
    sql = []
    with way():
        state = ProjectState()
        state.apps  # noqa: B018  rendered first, as Django's executor does it
        for step in deepcopy([*BEGUN, *STEPS]):  # renaming writes into the fields of other steps
            one = migrations.Migration("0001", "crm")
            one.operations = [step]
            with connection.schema_editor(collect_sql=True, atomic=False) as editor:
                state = one.apply(state, editor, collect_sql=True)
            sql.append(editor.collected_sql)
        state.clear_delayed_apps_cache()
    fields = [field for model in state.apps.get_models() for field in model._meta.get_fields()]
    return sql, sorted(f"{field.model.__name__}.{field.name}: {field.related_model}" for field in fields)


@pytest.mark.django_db
def test_the_database_is_asked_for_the_same_as_when_django_builds_every_model() -> None:
    plain, quick = asked(nullcontext), asked(few_models_built)
    assert quick == plain
    assert any('USING "by_id"::varchar(99)' in line for step in plain[0] for line in step)  # who refers to it follows
