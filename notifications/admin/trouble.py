"""What keeps deliveries from going out."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from itsm import timekeeping
from itsm.ui.cells import tag_cell
from itsm.ui.pages import DeskPage
from notifications.models import ChannelPause, Suppression


@admin.register(Suppression)
class SuppressionAdmin(DeskPage):
    list_display = ("address", "cause", "text", "since", "until")
    list_filter = ("cause",)
    search_fields = ("address",)
    ordering = ("-since", "-pk")
    empty_text = _("No address is suppressed. Add one that mail must not go to.")
    list_note = _(
        "An address is suppressed by itself when a mail server says that nobody is there. "
        "Delete the line to lift it, then release under Deliveries what was held."
    )


@admin.register(ChannelPause)
class ChannelPauseAdmin(DeskPage):
    list_display = ("channel", "how", "reason", "since", "until")
    ordering = ("channel",)
    fields = ("channel", "reason", "until")
    empty_text = _("Every channel is open. Add a pause to hold back all mail.")
    list_note = _(
        "A channel pauses by itself when its server is away or its settings are wrong, and tries again when "
        "the pause ends. Delete a pause to try at once; one without an end stays until you delete it."
    )

    @admin.display(description=_("state"))
    def how(self, pause: ChannelPause) -> SafeString:
        if pause.until and pause.until <= timekeeping.now():
            return tag_cell(text=translate("Over: tries again"), tone="")
        tone = "red" if pause.needs_mending else "amber"
        return tag_cell(
            text=translate("Settings are wrong") if pause.needs_mending else translate("Waits"),
            tone=tone,
        )

    def save_model(self, request: HttpRequest, obj: ChannelPause, form: object, change: bool) -> None:
        if not change:
            obj.since = timekeeping.now()
        super().save_model(request, obj, form, change)
