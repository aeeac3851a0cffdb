"""Coming in, going out, a new password."""

from django.contrib import messages
from django.contrib.auth import views
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from incidents.portal.forms import LogInForm
from incidents.portal.views.person import person


class LogIn(views.LoginView):
    template_name = "incidents/portal/login.html"
    authentication_form = LogInForm
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        """Who works at the desk starts there."""
        return reverse("admin:index") if person(self.request).is_staff else reverse("portal:home")


class ChangePassword(views.PasswordChangeView):
    template_name = "incidents/portal/password.html"
    success_url = reverse_lazy("portal:home")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        messages.success(self.request, _("Your password is changed. Other devices have to log in again."))
        return super().form_valid(form)
