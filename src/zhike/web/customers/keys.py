"""The keys of the customer list, in the one place from which the page and the map under `?` read them.

The page carries them as JSON in `#page-keys`: a list of `{"keys": […], "said": …}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.functional import Promise

    type Keys = Sequence[tuple[Sequence[str], str | Promise]]

LIST_KEYS: Keys = (
    (("J", "K"), _("上下")),
    (("Enter",), _("打开")),
    (("X",), _("选择")),
    (("Space",), _("预览")),
    (("I",), _("为什么是这个类别")),
    (("O",), _("人工指定类别")),
    (("F",), _("加筛选条件")),
    (("←", "→"), _("在一行的格子之间走")),
    (("Enter",), _("在格子里：就地修改，再按保存并到下一行")),
    (("Tab",), _("修改时：保存并到右边一格")),
    (("Esc",), _("修改时：还原")),
)
BOARD_KEYS: Keys = (
    (("←", "→"), _("换列")),
    (("↑", "↓"), _("上下")),
    (("Enter",), _("打开")),
    (("Shift", "→"), _("移到右边一类，填理由")),
    (("Shift", "←"), _("移到左边一类，填理由")),
    (("F",), _("加筛选条件")),
)
HINTS = 5


def as_data(keys: Keys) -> list[dict[str, object]]:
    return [{"keys": list(pressed), "said": str(said)} for pressed, said in keys]
