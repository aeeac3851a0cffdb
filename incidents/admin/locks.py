"""Who is locked out now, and letting them in again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from incidents.admin.base import ReadOnlyAdmin
from incidents.models import Tally
from itsm import timekeeping


@admin.register(Tally)
class LockAdmin(ReadOnlyAdmin):
    """Only full counts of log-ins are shown: what is still allowed is nobody's business."""

    list_display = ("subject", "kind", "tries", "ends_at")
    list_display_links = None
    search_fields = ("subject",)
    ordering = ("-ends_at", "pk")
    actions = ("lift",)
    list_title = _("Locks")
    list_note = _(
        "Too many wrong passwords, tokens or links came from these addresses, or for these names from one "
        "address. A lock ends by itself 15 minutes after the last wrong try that was counted. Names may be "
        "made up. How many tries are allowed stands in the desk settings."
    )
    empty_text = _("Nobody is locked out.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tally]:
        rows: QuerySet[Tally] = super().get_queryset(request)
        return rows.filter(pk__in=Tally.objects.locks(timekeeping.now()).values("pk"))

    @admin.display(description=_("Wrong tries"), ordering="count")
    def tries(self, lock: Tally) -> int:
        return min(lock.count, lock.allowed)

    @admin.action(description=_("Lift the lock"), permissions=["lift"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Tally]) -> None:
        self.log_deletions(request, queryset)
        lifted = queryset.delete()[0]
        done = ngettext("%(n)d lock is lifted.", "%(n)d locks are lifted.", lifted) % {"n": lifted}
        self.message_user(request, done, messages.SUCCESS)

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("incidents.delete_tally")

    def get_actions(self, request: HttpRequest) -> Any:
        return {name: action for name, action in super().get_actions(request).items() if name == "lift"}
