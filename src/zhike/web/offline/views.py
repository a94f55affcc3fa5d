"""The page that a device keeps for when there is no connection, and the script that keeps it.

Neither says anything of a customer: whom one could have met is known to the device alone, from pages that were open on it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles.finders import find
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from zhike.web.customer.forms import KINDS, RESULTS, TEXT_MAX

if TYPE_CHECKING:
    from django.http import HttpRequest

SCRIPT = "web/service_worker.js"


@login_not_required
@require_safe
def offline_page(request: HttpRequest) -> HttpResponse:
    results = [(result, gettext(result)) for result in RESULTS]
    return render(request, "web/offline.html", {"kinds": KINDS, "results": results, "most": TEXT_MAX})


@login_not_required
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  its address names the edition and the language
    """Serve the script from the root: it answers for the addresses below its own."""
    script = Path(str(find(SCRIPT))).read_bytes()
    return HttpResponse(script, content_type="text/javascript", headers={"Cache-Control": "no-cache"})
