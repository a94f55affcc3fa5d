"""The first migration of a new installation, without most of what Django does for it.

For every step Django builds anew all models that have to do with the changed one, a few dozen here. What a simple step asks
of the database is told by the changed model alone, unless others refer to what has changed; so only that one is built.
Python in a migration, and steps that are not simple, find all models built anew, by Django's own `clear_delayed_apps_cache`.

So it is for an empty database, which somebody waits for. Where there are data, every step is Django's own.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import migrations
from django.db.migrations.state import ProjectState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.models import Model

SIMPLE = (
    migrations.CreateModel,
    migrations.AlterModelOptions,
    migrations.AddField,
    migrations.AlterField,
    migrations.RemoveField,
    migrations.AddIndex,
    migrations.RemoveIndex,
    migrations.AddConstraint,
    migrations.RemoveConstraint,
    migrations.RunSQL,
    migrations.RunPython,
)

_apply = migrations.Migration.apply
_related = ProjectState._find_reload_model  # type: ignore[attr-defined]  # noqa: SLF001


@contextmanager
def few_models_built() -> Iterator[None]:
    with _replaced(migrations.Migration, "apply", _apply_quickly):
        yield


@contextmanager
def _replaced(owner: type, name: str, value: object) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _apply_quickly(
    self: migrations.Migration,
    project_state: ProjectState,
    schema_editor: BaseDatabaseSchemaEditor,
    collect_sql: bool = False,  # noqa: FBT001, FBT002  as Django has it
) -> ProjectState:
    if all(isinstance(step, SIMPLE) for step in self.operations):
        with _replaced(ProjectState, "_find_reload_model", _to_build):
            return _apply(self, project_state, schema_editor, collect_sql)
    project_state.clear_delayed_apps_cache()
    return _apply(self, project_state, schema_editor, collect_sql)


def _to_build(state: Any, app_label: str, model_name: str, delay: bool = False) -> set[tuple[str, str]]:  # noqa: ANN401, FBT001, FBT002
    """Return which models a change of this one has built anew. `delay` means that no other refers to what has changed."""
    built = state.apps.all_models[app_label].get(model_name)
    if built and not delay and not _has_one_field_more_or_less(built, set(state.models[app_label, model_name].fields)):
        return _related(state, app_label, model_name, delay)  # type: ignore[no-any-return]
    state.is_delayed = True
    return {(app_label, model_name)} | (_heirs(built) if built else set())


def _has_one_field_more_or_less(built: type[Model], names: set[str]) -> bool:
    """Tell whether this is a relation that comes or goes, and not a field that is altered."""
    fields = (*built._meta.local_fields, *built._meta.local_many_to_many)
    return len(names ^ {field.name for field in fields}) == 1


def _heirs(built: type[Model]) -> set[tuple[str, str]]:
    return {
        key
        for heir in built.__subclasses__()
        for key in ({(heir._meta.app_label, str(heir._meta.model_name))} | _heirs(heir))
    }
