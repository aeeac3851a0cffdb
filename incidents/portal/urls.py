from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, path

from incidents.portal.views import account, attachment, home, incident, report, steps, track, unsent
from incidents.unsent.addresses import only_post

app_name = "portal"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("login/", account.LogIn.as_view(), name="login"),
    path("logout/", only_post(page="portal:home")(LogoutView.as_view()), name="logout"),
    path("password/", account.ChangePassword.as_view(), name="password"),
    path("incidents/new/", report.report, name="report"),
    path("incidents/<str:number>/", incident.incident, name="incident"),
    path("incidents/<str:number>/confirm/", steps.confirm, name="confirm"),
    path("incidents/<str:number>/reopen/", steps.reopen, name="reopen"),
    path("incidents/<str:number>/cancel/", steps.cancel, name="cancel"),
    path("incidents/<str:number>/files/<int:pk>/", attachment.attachment, name="attachment"),
    path("unsent/<int:pk>/", unsent.unsent, name="unsent"),
    path("track/<str:token>/", track.track, name="track"),
    path("track/<str:token>/files/<int:pk>/", track.attachment, name="track-attachment"),
]
