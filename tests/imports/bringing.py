"""Files brought in, planned and carried out, as tests speak of them."""

from __future__ import annotations

from dataclasses import replace

from zhike.engine.files import Layout
from zhike.imports.actions.files import open_file
from zhike.imports.actions.plans import set_plan
from zhike.imports.actions.running import advance, begin, try_out
from zhike.imports.actions.undoing import begin_undo, undo_step
from zhike.imports.plans import Plan

LABEL = "客户编号,客户名称,手机,邮箱,城市,行业\n"


def brought(tmp_path, text, *, by=None, name="file.csv", layout=None, **changed):
    """Return the import of a file with the plan that was guessed, some of it said otherwise."""
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    imported = open_file(path, by=by, layout=layout or Layout())
    if changed:
        plan = replace(Plan.of(imported.plan), **changed)
        imported = set_plan(imported=imported, plan=plan, by=by)
    return imported


def tried(tmp_path, text, **given):
    imported = brought(tmp_path, text, **given)
    try_out(imported, lambda _done, _total: None)
    imported.refresh_from_db()
    return imported


def carried_out(tmp_path, text, **given):
    return carry(brought(tmp_path, text, **given))


def carry(imported):
    """Carry an import out to its end."""
    begin(imported=imported, by=imported.owner)
    while advance(imported):
        pass
    imported.refresh_from_db()
    return imported


def undo(imported, *, by=None):
    begin_undo(imported=imported, by=by)
    while undo_step(imported, by=by):
        pass
    imported.refresh_from_db()
    return imported


def counts(imported):
    """Return verdict → how many rows, those kinds left out of which there are none."""
    return {name: size for name in imported.COUNTED if (size := getattr(imported, name))}


def said(imported):
    """Return line → verdict and reason in English."""
    return {row.line: (row.verdict, row.said.get("en", "")) for row in imported.rows.all()}
