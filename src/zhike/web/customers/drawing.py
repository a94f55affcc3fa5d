"""The cells of a row as they stand in the page.

Written here and not in a template: there are hundreds of them on a page, and a template would take longer to walk
through them than everything else that the page costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, ngettext

from zhike.base.templatetags.zhike import day, exact, hue, initial, moment

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from zhike.web.customers.columns import Cell
    from zhike.web.customers.rows import Row


def draw_cells(row: Row) -> SafeString:
    """Return the cells of a row, one after the other."""
    # The attributes were written with format_html, and each content is escaped or written so too.
    drawn = (f"<td {cell.attributes}>{conditional_escape(_content(row, cell))}</td>" for cell in row.cells)
    return mark_safe("\n          ".join(drawn))  # noqa: S308


def _content(row: Row, cell: Cell) -> str:
    match cell.kind:
        case "":
            return cell.text
        case "contacted":
            return _contacted(row)
        case "next":
            return _next(row)
        case "owner":
            return _owner(row)
        case _:
            return format_html_join("", '<span class="zk-chip plain">{}</span> ', ((tag,) for tag in cell.value))


def _contacted(row: Row) -> str:
    at = row.contacted_at
    if at is None:
        return _quiet("—")
    return format_html(
        '<span title="{}">{}</span> <span class="zk-2">{}</span>', exact(at), moment(at), row.contacted_by
    )


def _next(row: Row) -> str:
    if not row.due:
        return _quiet(gettext("未安排"))
    if not row.overdue_days:
        return day(row.due)
    said = ngettext("逾期 %(days)s 天", "逾期 %(days)s 天", row.overdue_days) % {"days": row.overdue_days}
    return format_html('<span class="zk-bad zk-bold" title="{}">{}</span>', row.due.isoformat(), said)


def _owner(row: Row) -> str:
    owner = row.customer.owner
    if owner is None:
        return _quiet(gettext("无人负责"))
    return format_html(
        '<span class="avatar avatar-xs" style="--h:{}" aria-hidden="true">{}</span><span class="ms-1">{}</span>',
        hue(owner.name),
        initial(owner.name),
        owner.name,
    )


def _quiet(text: str) -> str:
    return format_html('<span class="zk-2">{}</span>', text)
