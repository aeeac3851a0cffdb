"""The admin as a service desk: its own home page and navigation around the stock pages."""

from typing import Any, cast

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.models import User
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from incidents import policies
from incidents.portal.forms import LogInForm
from itsm import timekeeping
from itsm.desk import first_steps_page
from itsm.desk.home import home
from itsm.desk.navigation import navigation
from itsm.desk.searching import searching
from itsm.ui.names import person_name


class PeopleByName(AutocompleteJsonView):
    """People are offered as "Alice Ames (alice@example.com)", not as a log-in."""

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        found = super().serialize_result(obj, to_field_name)
        if isinstance(obj, User):
            found["text"] = f"{person_name(obj)} ({obj.email})" if obj.email else person_name(obj)
        return found


class DeskLogInForm(LogInForm, AdminAuthenticationForm):
    """The desk's door has the same lock as the portal's, and counts with it."""


class DeskSite(AdminSite):
    login_form = DeskLogInForm
    site_title = _("Service desk")
    site_header = _("Service desk")
    index_title = _("Desk")
    empty_value_display = "–"

    def get_urls(self) -> list[URLResolver | URLPattern]:
        return [
            path("tables/", self.admin_view(self.tables), name="tables"),
            path("first-steps/", self.admin_view(self.first_steps), name="first_steps"),
            *super().get_urls(),
        ]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return super().admin_view(searching(view), cacheable)

    def each_context(self, request: HttpRequest) -> dict[str, object]:
        """Lazy: a redirect, a download or a popup asks for no navigation and pays for none."""
        context = super().each_context(request)
        if request.user.is_authenticated and "_popup" not in request.GET:
            context["desk_nav"] = SimpleLazyObject(lambda: navigation(self, request))
        context["desk_may"] = {
            "view_incidents": policies.sees_internal(request.user),
            "add_incidents": policies.is_agent(request.user),
        }
        return context

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Lazy: every page is given it, and only the list of all tables draws it."""
        return SimpleLazyObject(lambda: AdminSite.get_app_list(self, request, app_label))

    def logout(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:  # type: ignore[override]  # the stock one redirects too
        """A bookmark of this address logs nobody out and is no error either."""
        if request.method != "POST":
            return redirect("admin:index")
        return super().logout(request, extra_context)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return cast("HttpResponse", PeopleByName.as_view(admin_site=self)(request))

    def index(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> TemplateResponse:
        at = timekeeping.now()
        # The stock index lists the tables; ours has them on a page of their own.
        context = {
            **self.each_context(request),
            "title": self.index_title,
            "subtitle": None,
            "now": at,
            "home": home(request.user, at=at),
            **(extra_context or {}),
        }
        request.current_app = self.name
        return TemplateResponse(request, self.index_template or "admin/index.html", context)

    def first_steps(self, request: HttpRequest) -> HttpResponse:
        request.current_app = self.name
        return first_steps_page.page(request, self.each_context(request))

    def tables(self, request: HttpRequest) -> TemplateResponse:
        context = {
            **self.each_context(request),
            "title": _("All tables"),
            "subtitle": None,
            "app_list": self.get_app_list(request),
        }
        request.current_app = self.name
        return TemplateResponse(request, "desk/tables.html", context)
