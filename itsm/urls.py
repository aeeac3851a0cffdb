"""Every address of the desk; each room lists its own."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from itsm import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("health/pipeline", health.pipeline, name="health-pipeline"),
    path("admin/", include("reports.urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", include("incidents.api.urls")),
    path("", include("notifications.urls")),
    path("", include("incidents.portal.urls")),
]
