"""What holds for the whole desk: one row, so no list."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from incidents import workflow
from incidents.admin.access import actor_of
from incidents.admin.base import DeskAdmin
from incidents.admin.catalogue import KeptHistory
from incidents.models import Desk, Team
from itsm.ui.pages import BaseForm


class DeskForm(BaseForm):
    request: HttpRequest

    class Meta:
        model = Desk
        fields = "__all__"
        help_texts = {
            "keep_events_days": _("The bodies that monitoring sent, as they came. Alerts themselves stay."),
            "keep_mail_days": _("The mails as they came in. What was filed from them stays."),
            "keep_sent_days": _("The text of mails. Who was told what, and when, stays."),
            "keep_drafts_days": _("What somebody began to write at the desk and never sent."),
        }

    def clean_default_team(self) -> Team | None:
        team: Team | None = self.cleaned_data["default_team"]
        if team is not None and not team.is_active:
            raise ValidationError(
                _("This team is switched off, so it would hear of nothing. Choose another.")
            )
        before = Team.objects.filter(pk=self.initial.get("default_team") or 0).first()
        refusal = workflow.why_not_reroute(before, actor_of(self.request)) if team != before else ""
        if refusal:
            raise ValidationError(refusal)
        return team


@admin.register(Desk)
class DeskSettingsAdmin(KeptHistory, DeskAdmin):
    form = DeskForm
    autocomplete_fields = ("default_team",)
    fieldsets = (
        (_("Work without an owner"), {"fields": ("default_team",)}),
        (_("After the resolution"), {"fields": ("reopens_on_answer", "close_after_days")}),
        (_("Monitoring"), {"fields": ("still_firing_after_minutes",)}),
        (_("Setting up"), {"fields": ("shows_first_steps",)}),
        (
            _("How much is taken"),
            {
                "fields": (
                    "wrong_secrets_per_address",
                    "reports_per_hour",
                    "replies_per_hour",
                    "files_per_day",
                    "megabytes_per_day",
                    "files_per_incident",
                    "megabytes_per_incident",
                ),
                "description": _(
                    "What goes beyond is refused with the reason, and says when there is room again. "
                    "Who is locked out now stands under Locks, where it can be lifted."
                ),
            },
        ),
        (
            _("How long things are kept"),
            {
                "fields": (
                    "keep_events_days",
                    "keep_mail_days",
                    "keep_sent_days",
                    "keep_drafts_days",
                    "keep_keys_days",
                ),
                "description": _(
                    "What is older is removed. Incidents, their timelines and the record of who was told "
                    "what stay."
                ),
            },
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """The row itself where others have their list."""
        return self.change_view(request, "1", extra_context=extra_context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        context = {"title": _("Desk settings"), "subtitle": None, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> object:
        """Where the row is missing, its defaults are made the row."""
        if object_id == "1":
            Desk.objects.get_or_create(pk=1)
        return super().get_object(request, object_id, from_field)
