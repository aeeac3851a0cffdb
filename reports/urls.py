from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

from reports.admin import trends

app_name = "reports"
urlpatterns: list[URLPattern | URLResolver] = [
    path("reports/trends/", admin.site.admin_view(trends.trends), name="trends"),
    path("reports/trends/keep/", admin.site.admin_view(trends.keep), name="keep"),
]
