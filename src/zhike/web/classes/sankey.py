"""The picture of who goes where: only those who change, the width of a flow is their number.

Drawn by the server, so that it prints, follows the theme, and is there without JavaScript.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zhike.base.chips import Chip
    from zhike.classification.preview import Flow

WIDTH = 320
HEIGHT = 130  # of all flows together
NODE = 8
GAP = 10
LEAST = 1.5  # a flow of one customer among thousands is still seen
LINE = 16  # a label needs so much
INDENT = 6
LETTERS = 18  # of a name, before its number


@dataclass(frozen=True, slots=True)
class Node:
    """A class on one side; `y` is its upper edge, `label_y` the middle of its words."""

    chip: Chip
    name: str
    customers: int
    x: float
    y: float
    height: float
    label_x: float
    label_y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Link:
    """The customers that go from one class to another."""

    old: str
    new: str
    old_label: str
    new_label: str
    tone: str
    customers: int
    path: str


@dataclass(frozen=True, slots=True)
class Sankey:
    """Ready to be drawn."""

    width: int
    height: float
    nodes: Sequence[Node]
    links: Sequence[Link]


class _Column:
    """The classes of one side, one below the other, each as high as its flows and its label need."""

    def __init__(self, stacks: Mapping[str, Sequence[float]]) -> None:
        self._stacks = {key: flows for key, flows in stacks.items() if flows}
        self.height = sum(max(sum(flows), LINE) for flows in self._stacks.values()) + GAP * (len(self._stacks) - 1)

    def tops(self, height: float) -> dict[str, tuple[float, float]]:
        """Return class → upper edge and height, spread over the whole picture."""
        spare = (height - self.height) / (len(self._stacks) + 1)
        found: dict[str, tuple[float, float]] = {}
        y = spare
        for key, flows in self._stacks.items():
            tall, room = sum(flows), max(sum(flows), LINE)
            found[key] = (y + (room - tall) / 2, tall)
            y += room + GAP + spare
        return found


def draw(flows: Iterable[Flow], old: Mapping[str, Chip], new: Mapping[str, Chip]) -> Sankey:
    """Lay out the moves; the classes of both sides stand in the order in which they are given."""
    moves = {(flow.old, flow.new): flow.customers for flow in flows if flow.is_move and flow.old}
    scale = HEIGHT / (sum(moves.values()) or 1)
    widths = {pair: max(LEAST, customers * scale) for pair, customers in moves.items()}
    leaving = _Column({a: [widths[a, b] for b in new if (a, b) in widths] for a in old})
    coming = _Column({b: [widths[a, b] for a in old if (a, b) in widths] for b in new})
    height = max(leaving.height, coming.height)
    left, right = leaving.tops(height), coming.tops(height)
    starts = {key: top for key, (top, _) in left.items()}
    ends = {key: top for key, (top, _) in right.items()}
    links = []
    for a in old:
        for b in new:
            if (a, b) in moves:
                path = _path(starts[a], ends[b], widths[a, b])
                links.append(Link(a, b, old[a].label, new[b].label, old[a].tone, moves[a, b], path))
                starts[a] += widths[a, b]
                ends[b] += widths[a, b]
    nodes = [_node(old[key], _sum(moves, 0, key), place, is_left=True) for key, place in left.items()]
    nodes += [_node(new[key], _sum(moves, 1, key), place, is_left=False) for key, place in right.items()]
    return Sankey(WIDTH, round(height, 1), nodes, links)


def _sum(moves: Mapping[tuple[str, str], int], side: int, key: str) -> int:
    return sum(customers for pair, customers in moves.items() if pair[side] == key)


def _node(chip: Chip, customers: int, place: tuple[float, float], *, is_left: bool) -> Node:
    y, height = place
    return Node(
        chip=chip,
        name=_short(chip.label),
        customers=customers,
        x=0 if is_left else WIDTH - NODE,
        y=round(y, 1),
        height=round(height, 1),
        label_x=NODE + INDENT if is_left else WIDTH - NODE - INDENT,
        label_y=round(y + height / 2, 1),
        anchor="start" if is_left else "end",
    )


def _short(label: str) -> str:
    """Return as much of a name as half of the picture holds; a 汉字 is as wide as two letters."""
    room = LETTERS
    for at, character in enumerate(label):
        room -= 1 if character.isascii() else 2
        if room < 0:
            return f"{label[:at]}…"
    return label


def _path(start: float, end: float, width: float) -> str:
    """Return the outline of one flow, from the right edge of its source to the left edge of its target."""
    x0, x1, middle = NODE, WIDTH - NODE, WIDTH / 2
    return (
        f"M{x0},{start:.1f}C{middle},{start:.1f} {middle},{end:.1f} {x1},{end:.1f}V{end + width:.1f}"
        f"C{middle},{end + width:.1f} {middle},{start + width:.1f} {x0},{start + width:.1f}Z"
    )
