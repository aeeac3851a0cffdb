"""Every address of the desk but the health pages (itsm/health.py); each room lists its own."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from incidents.api.views import opsgenie, pagerduty
from incidents.api.views.documentation import Nowhere

handler400 = "itsm.unwell.bad_request"
handler500 = "itsm.unwell.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", include("reports.urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", include("incidents.api.urls")),
    path("api/v1/", include("reports.api.urls")),
    path("", include("notifications.urls")),
    re_path(r"^v2/enqueue/?$", pagerduty.PagerDutyEvents.as_view(), name="pagerduty"),
    re_path(r"^v2/change/enqueue/?$", pagerduty.PagerDutyChanges.as_view(), name="pagerduty-change"),
    re_path(r"^v2/alerts/?$", opsgenie.OpsgenieAlerts.as_view(), name="opsgenie"),
    re_path(
        r"^v2/alerts/requests/(?P<uid>[0-9a-fA-F-]{36})/?$",
        opsgenie.OpsgenieRequests.as_view(),
        name="opsgenie-request",
    ),
    re_path(
        r"^v2/alerts/(?P<alias>.+)/(?P<action>[a-z]+)/?$",
        opsgenie.OpsgenieAlerts.as_view(),
        name="opsgenie-alert",
    ),
    re_path(r"^api/", Nowhere.as_view()),  # after every room that adds to /api/v1/
    path("", include("incidents.portal.urls")),
]
