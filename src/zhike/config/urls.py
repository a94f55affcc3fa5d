"""Every address of the site, app by app."""

from __future__ import annotations

from django.urls import include, path

from zhike.base.health import healthz

handler400 = "zhike.base.middleware.bad_request"
handler403 = "zhike.base.middleware.permission_denied"
handler404 = "zhike.base.middleware.page_not_found"
handler500 = "zhike.base.middleware.server_error"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("", include("zhike.accounts.urls")),
    path("", include("zhike.web.urls")),
]
