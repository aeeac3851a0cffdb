"""The pages of the ledger, whose heads are kept outside, and what the last check found."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from incidents.admin.base import ReadOnlyAdmin
from incidents.models import Anchor, LedgerCheck


@admin.register(Anchor)
class AnchorAdmin(ReadOnlyAdmin):
    list_display = ("number", "at", "rows", "head")
    fields = ("number", "at", "rows", "head", "key", "prev", "lines")
    ordering = ("-number",)
    list_title = _("Ledger")
    list_note = _(
        "Every minute the desk seals what is new: each page holds a digest of every new row and of the page "
        "before. Keep a head outside (each mailed report carries one); “manage.py check_ledger --head” "
        "takes it and says whether the ledger still goes on from there."
    )
    empty_text = _("Nothing is sealed yet. The worker does it once a minute when there is something new.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Anchor]:
        """The list does not need the lines, which are long."""
        rows: QuerySet[Anchor] = super().get_queryset(request)
        return rows.defer("lines")

    @admin.display(description=_("head"))
    def head(self, anchor: Anchor) -> str:
        return anchor.head


@admin.register(LedgerCheck)
class LedgerCheckAdmin(ReadOnlyAdmin):
    list_display = ("ended_at", "incidents", "entries", "breaches")
    fields = ("began_at", "ended_at", "incidents", "entries", "breaches", "found")
    ordering = ("-ended_at", "-pk")
    list_title = _("Check of the ledger")
    list_note = _("The desk checks its ledger every hour; “manage.py check_ledger” reads the files as well.")
    empty_text = _("The ledger was not checked yet. The worker does it every hour.")

    @admin.display(description=_("what is wrong"))
    def found(self, check: LedgerCheck) -> str:
        return "\n".join(check.lines) or "–"
