"""Every address of the desk but the health pages (itsm/health.py); each room lists its own."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from incidents.api.views import intake
from incidents.api.views.documentation import Nowhere

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", include("reports.urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", include("incidents.api.urls")),
    path("api/v1/", include("reports.api.urls")),
    path("", include("notifications.urls")),
    path("v2/enqueue", intake.PagerDutyIntake.as_view(), name="pagerduty"),
    path("v2/alerts", intake.OpsgenieIntake.as_view(), name="opsgenie"),
    path("v2/alerts/<path:alias>/<str:action>", intake.OpsgenieIntake.as_view(), name="opsgenie-alert"),
    re_path(r"^api/", Nowhere.as_view()),  # after every room that adds to /api/v1/
    path("", include("incidents.portal.urls")),
]
