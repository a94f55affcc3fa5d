"""A kind of job for tests: it calls teams otherwise."""

from __future__ import annotations

from typing import ClassVar

from zhike.accounts.models import Team
from zhike.accounts.policy import require
from zhike.core.text import Text
from zhike.jobs.kinds import SAME, Outcome, Rows, refused

KINDS = {"rename": "tests.jobs.working.Rename", "undo": "zhike.jobs.undoing.Undo"}
NOT_THIS = Text("这个不改", "not this one")


class Rename(Rows):
    """Puts a mark behind the names of teams: of those that have it already nothing is done, some stay."""

    chunk: ClassVar = 2
    is_undoable: ClassVar = True
    steps: ClassVar[list[list[int]]] = []

    def label(self, job):
        return Text("改名", "Rename")

    def allow(self, job):
        require(job.owner, "create", Team)

    def missing(self):
        return Text("没有了", "gone")

    def said(self, job):
        return Text(f"{job.changed} 个", f"{job.changed} teams")

    def change(self, job, targets):
        Rename.steps.append(list(targets))
        return {team.pk: _mark(team) for team in Team.objects.select_for_update().filter(pk__in=targets)}

    def undo(self, job, items):
        found = {}
        for item in items:
            changed = Team.objects.filter(pk=item.target, name=item.after["name"]).update(name=item.before["name"])
            found[item.target] = Outcome("changed", item.after, item.before) if changed else refused(NOT_THIS)
        return found


def _mark(team):
    if team.name.startswith("stays"):
        return refused(NOT_THIS)
    if team.name.endswith("!"):
        return SAME
    before, team.name = team.name, f"{team.name}!"
    team.save()
    return Outcome("changed", {"name": before}, {"name": team.name})
