"""Mails that came in, what became of them, and what a person can make of the others."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from itsm.ui.cells import ago_cell, tag_cell, two_lines
from itsm.ui.pages import DeskPage
from notifications.admin import mail_files, mail_verbs
from notifications.inbound.by_hand import files_of
from notifications.models import InboundMail, InboundOutcome
from notifications.models.inbound import FILE_BY_HAND

TONES = {
    InboundOutcome.COMMENTED: "green",
    InboundOutcome.FILED: "green",
    InboundOutcome.REFUSED: "amber",
}
PREVIEW = 120


@admin.register(InboundMail)
class InboundMailAdmin(DeskPage):
    """Rows are the record of what came in: nobody adds, edits or removes one."""

    list_display = ("about", "how_it_stands", "preview", "when")
    list_display_links = ("about",)
    list_filter = ("outcome",)
    search_fields = ("subject", "sender", "message_id")
    search_help_text = _("Subject line, sender or Message-ID")
    ordering = ("-received_at", "-pk")
    change_form_template = "notifications/admin/received.html"
    fields = ("sender", "subject", "received_at", "how_it_stands", "filed_on", "handled_by", "handled_at")
    empty_text = _(
        "No mail has come in yet. Set INBOUND_MAIL_URL, and answers to mails of the desk appear here."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundMail]:
        rows: QuerySet[InboundMail] = super().get_queryset(request)
        return rows.select_related("incident", "entry", "handled_by").defer("raw")

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False

    def get_readonly_fields(self, _request: HttpRequest, _obj: object = None) -> tuple[str, ...]:
        return self.fields

    @admin.display(description=_("mail"), ordering="subject")
    def about(self, row: InboundMail) -> SafeString:
        return two_lines(first=row.subject or gettext("(no subject)"), second=row.sender)

    @admin.display(description=_("outcome"), ordering="outcome")
    def how_it_stands(self, row: InboundMail) -> SafeString:
        tag = tag_cell(text=row.get_outcome_display(), tone=TONES.get(InboundOutcome(row.outcome), ""))
        return two_lines(first=tag, second=gettext(row.reason) if row.reason else "")

    @admin.display(description=_("text"))
    def preview(self, row: InboundMail) -> str:
        return Truncator(" ".join(row.text[: 10 * PREVIEW].split())).chars(PREVIEW)

    @admin.display(description=_("received"), ordering="received_at")
    def when(self, row: InboundMail) -> SafeString:
        return ago_cell(at=row.received_at)

    @admin.display(description=_("incident"))
    def filed_on(self, row: InboundMail) -> SafeString | str:
        if row.incident is None:
            return "–"
        url = reverse("admin:incidents_incident_change", args=[row.incident_id])
        return format_html('<a href="{}">{}</a>', url, row.incident)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/raw/", view(require_safe(self.raw)), name="notifications_inboundmail_raw"),
            path(
                "<int:pk>/files/<int:n>/",
                view(require_safe(self.file)),
                name="notifications_inboundmail_file",
            ),
        ]
        own += [
            path(f"<int:pk>/{name}/", view(self.verb(name)), name=f"notifications_inboundmail_{name}")
            for name in mail_verbs.VERBS
        ]
        return own + super().get_urls()

    def found(self, request: HttpRequest, pk: int) -> InboundMail:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request), pk=pk)

    def raw(self, request: HttpRequest, pk: int) -> HttpResponse:
        return mail_files.raw(self.found(request, pk))

    def file(self, request: HttpRequest, pk: int, n: int) -> HttpResponse:
        return mail_files.file(self.found(request, pk), n)

    def verb(self, name: str) -> Any:
        def view(request: HttpRequest, pk: int) -> HttpResponse:
            mail = self.found(request, pk)
            if not request.user.has_perm(FILE_BY_HAND):
                raise PermissionDenied
            return mail_verbs.answer(request, mail, mail_verbs.VERBS[name], self.admin_site)

        return view

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        mail = self.get_object(request, object_id)
        more: dict[str, object] = {"mail": mail}
        if mail is not None:
            may_file = request.user.has_perm(FILE_BY_HAND) and mail.entry_id is None
            more["verbs"] = mail_verbs.offered(mail) if may_file else []
            more["files"] = files_of(mail)
            more["is_kept"] = mail.raw is not None
        return super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})
