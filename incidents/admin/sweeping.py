"""Rows that a loop could not handle: what is wrong with them, and another try at once."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from incidents.admin.base import ReadOnlyAdmin
from incidents.models import Removal, SetAside
from itsm import timekeeping


@admin.register(SetAside)
class SetAsideAdmin(ReadOnlyAdmin):
    list_display = ("label", "job", "error", "failures", "since", "retry_at")
    fields = ("job", "label", "error", "failures", "since", "retry_at")
    list_filter = ("job",)
    search_fields = ("label", "error")
    ordering = ("since", "pk")
    actions = ("try_again",)
    list_title = _("Work that fails")
    list_note = _(
        "Regular work left these rows out because of an error and went on with the others. Each is tried "
        "again by itself and leaves this list when it succeeds. The log has the whole error."
    )
    empty_text = _("All regular work gets done.")

    @admin.action(description=_("Try again now"), permissions=["retry"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[SetAside]) -> None:
        asked = queryset.update(retry_at=timekeeping.now())
        done = ngettext("%(n)d row is tried again.", "%(n)d rows are tried again.", asked) % {"n": asked}
        self.message_user(request, done, messages.SUCCESS)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("incidents.change_setaside")


@admin.register(Removal)
class RemovalAdmin(ReadOnlyAdmin):
    list_display = ("kind", "at", "last", "total")
    ordering = ("kind",)
    list_title = _("Retention")
    list_note = _(
        "Every hour the desk removes what it has kept long enough; how long is set on the page of the desk. "
        "What happened stays on record."
    )
    empty_text = _(
        "The sweep has not come by yet. “manage.py retention --dry-run” says what it would remove."
    )
