"""What is asked below a line of the home page, `?line=c12`: drawn there, and there again when it was refused.

Elsewhere the same pages are dialogs, or stand alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zhike.base.htmx import retarget, wants_partial

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request

# A customer, a task, a customer whose intent has risen: `Line.key` and home_rising.html.
LINE = re.compile(r"[ctr][0-9]{1,18}")


def line_of(request: Request) -> str:
    """Return the key of the line below which it is asked, or nothing."""
    asked = request.GET.get("line", "")
    return asked if LINE.fullmatch(asked) else ""


def below_line(request: Request, response: HttpResponse) -> HttpResponse:
    """Let htmx draw this below its line, wherever what was pressed stands."""
    line = line_of(request)
    return retarget(response, f"#log-{line}", "innerHTML") if line and wants_partial(request) else response
