from django.urls import URLPattern, URLResolver, path

from reports.api import views

app_name = "reports-api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("reports/", views.ReportList.as_view(), name="reports"),
    path("reports/<int:pk>/", views.ReportDetail.as_view(), name="report"),
    path("reports/<int:pk>/csv/", views.ReportSheet.as_view(), name="report-csv"),
]
