"""Keys of programs: made, shown once, revoked."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from knox.settings import knox_settings

from incidents import granting
from incidents.admin.access import user_of
from incidents.admin.base import DeskAdmin
from incidents.models import ApiToken, Scope
from itsm import timekeeping
from itsm.ui.cells import ago_cell, tag_cell
from itsm.ui.names import person_name
from itsm.ui.pages import BaseForm
from itsm.ui.texts import StrOrPromise


class TokenForm(BaseForm):
    scopes = forms.MultipleChoiceField(
        label=_("May"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Of what its person may do."),
    )

    request: HttpRequest

    class Meta:
        model = ApiToken
        fields = ["name", "user", "scopes", "expiry", "outlives_password"]

    def clean_user(self) -> User:
        person: User = self.cleaned_data["user"]
        if refusal := granting.why_not_act_as(user_of(self.request), person):
            raise ValidationError(refusal)
        return person

    def clean_expiry(self) -> object:
        expiry = self.cleaned_data["expiry"]
        if expiry is not None and expiry <= timekeeping.now():
            raise ValidationError(_("This has passed already. To end a token now, revoke it."))
        return expiry


@admin.register(ApiToken)
class ApiTokenAdmin(DeskAdmin):
    form = TokenForm
    list_display = ("name", "begins_with", "person", "may", "expires", "last_used")
    list_select_related = ("user",)
    search_fields = ("name", "user__username", "user__first_name", "user__last_name")
    ordering = ("-created", "-pk")
    autocomplete_fields = ("user",)
    fields = ("name", "user", "scopes", "expiry", "outlives_password")
    empty_text = _("Add a token for each program that uses the REST interface; you see its key once.")
    list_note = _("A token does what its person may do, cut by its scopes. Revoke the ones nobody uses.")
    change_form_template = "admin/incidents/apitoken/change_form.html"

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """Not of who may more than the reader. To revoke one needs no more than the right to."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not granting.why_not_act_as(user_of(request), obj.user))

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> tuple[str, ...]:
        return () if obj is None else ("user",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "expiry": timekeeping.now() + knox_settings.TOKEN_TTL,
            "scopes": [Scope.READ],
            **super().get_changeform_initial_data(request),
        }

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: object) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=_("Key begins with"))
    def begins_with(self, token: ApiToken) -> str:
        return f"{token.token_key}…"

    @admin.display(description=_("Acts for"), ordering="user__username")
    def person(self, token: ApiToken) -> str:
        return person_name(token.user)

    @admin.display(description=_("May"))
    def may(self, token: ApiToken) -> str:
        return ", ".join(str(Scope(scope).label) for scope in token.scopes if scope in Scope.values)

    @admin.display(description=_("Expires"), ordering="expiry")
    def expires(self, token: ApiToken) -> StrOrPromise:
        if token.is_expired(timekeeping.now()):
            return tag_cell(text=_("Expired"), tone="red")
        if token.is_of_an_old_password():
            return tag_cell(text=_("Ended with the old password"), tone="red")
        return ago_cell(at=token.expiry) if token.expiry else _("Never")

    @admin.display(description=_("Last used"), ordering="last_used_at")
    def last_used(self, token: ApiToken) -> StrOrPromise:
        return ago_cell(at=token.last_used_at) if token.last_used_at else _("Never")

    def save_model(self, request: HttpRequest, obj: ApiToken, form: BaseForm, change: bool) -> None:
        if not change:
            request.__dict__["new_key"] = obj.give_key()
        super().save_model(request, obj, form, change)

    def response_add(
        self,
        request: HttpRequest,
        obj: ApiToken,
        post_url_continue: str | None = None,
    ) -> HttpResponse:
        """Drawn in the answer itself: the key passes no redirect, no session and no cache."""
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": obj,
            "title": _("Key of %s") % obj.name,
            "key": request.__dict__["new_key"],
            "address": request.build_absolute_uri("/api/v1/incidents/"),
        }
        response = TemplateResponse(request, "admin/incidents/apitoken/key.html", context)
        response["Cache-Control"] = "no-store"
        return response
