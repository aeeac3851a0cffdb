from django.urls import URLPattern, URLResolver, path

from notifications import statuspage, stopping

app_name = "notifications"
urlpatterns: list[URLPattern | URLResolver] = [
    path("status/", statuspage.status, name="status"),
    path("status/follow/<int:pk>/", statuspage.follow, name="follow"),
    path("mail/stop/<str:token>/", stopping.stop, name="stop"),
]
