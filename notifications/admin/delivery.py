"""Who was told what, and how that went."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.models import parse_number
from itsm import timekeeping
from itsm.ui.cells import ago_cell, person_cell, tag_cell, two_lines
from itsm.ui.only_visible import VisibleRows
from itsm.ui.pages import BaseTabular
from itsm.ui.texts import StrOrPromise
from notifications.admin import letters, outbox
from notifications.admin.delivery_verbs import DeliveryVerbs
from notifications.delivery import manual
from notifications.delivery.recheck import IN_DOUBT
from notifications.enums import RETRYABLE, Status
from notifications.models import Attempt, Delivery, Enclosure

TONES = {Status.SENT: "green", Status.HELD: "amber", Status.FAILED: "red", Status.DEAD: "red"}
WAITING = (Status.PENDING, Status.SENDING)


class TroubleFilter(admin.SimpleListFilter):
    title = _("trouble")
    parameter_name = "trouble"

    def lookups(self, _request: HttpRequest, _model_admin: object) -> list[tuple[str, StrOrPromise]]:
        return [
            ("yes", _("Refused, given up, came back, held or in doubt")),
            ("unheard", _("Reached nobody: given up or expired")),
            ("doubt", _("In doubt since a restore")),
            ("late", _("Overdue")),
        ]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "yes":
            return queryset.in_trouble()
        if self.value() == "unheard":
            return queryset.unheard()
        if self.value() == "doubt":
            return queryset.filter(status=IN_DOUBT.status, status_reason=IN_DOUBT.reason)
        if self.value() == "late":
            return queryset.filter(Q(status=Status.PENDING, due_at__lte=timekeeping.now()))
        return queryset


class AttemptInline(VisibleRows, BaseTabular):
    model = Attempt
    extra = 0
    can_delete = False
    fields = readonly_fields = ("n", "started_at", "ended_at", "phase", "outcome", "code", "text", "worker")
    ordering = ("n",)
    verbose_name_plural = _("tries")

    def has_add_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False


@admin.register(Delivery)
class DeliveryAdmin(DeliveryVerbs):
    """Rows are the record of who was told: nobody adds, edits or removes one."""

    list_display = ("to", "how_it_stands", "about", "tries_made", "next_or_sent")
    list_display_links = ("to",)
    list_filter = (TroubleFilter, "status", "channel", "reason")
    search_fields = ("address", "subject", "message_id", "recipient__username", "recipient__last_name")
    search_help_text = _("Number, address, subject line, Message-ID or name")
    empty_text = _("Nobody has been told of anything yet. Deliveries appear here as incidents are worked.")
    ordering = ("-created_at", "-pk")
    inlines = (AttemptInline,)
    change_form_template = "notifications/admin/delivery.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "to",
                    "about",
                    "how_it_stands",
                    "status_reason",
                    "last_text",
                    "came_back",
                    "noted_at",
                )
            },
        ),
        (
            _("Times"),
            {
                "fields": (
                    "created_at",
                    "due_at",
                    "expires_at",
                    "sent_at",
                    "attempts",
                    "ambiguous",
                    "lost_leases",
                )
            },
        ),
        (
            _("Identity"),
            {
                "fields": ("uuid", "message_id", "address", "provider_reply", "channel", "purpose", "lane"),
                "classes": ("collapse",),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        rows: Any = super().get_queryset(request)
        found: QuerySet[Delivery] = rows.for_list()
        return found

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Delivery], search_term: str
    ) -> tuple[QuerySet[Delivery], bool]:
        number = parse_number(search_term) if search_term else None
        if number is not None:
            return queryset.filter(incident=number), False
        return super().get_search_results(request, queryset, search_term)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False

    @admin.display(description=_("to"), ordering="recipient__last_name")
    def to(self, row: Delivery) -> SafeString:
        if row.endpoint:
            return two_lines(first=row.endpoint.name, second=row.get_channel_display())
        if row.recipient is None:
            return two_lines(first=row.address, second=row.get_reason_display())
        return person_cell(who=row.recipient, sub=row.get_reason_display())

    @admin.display(description=_("about"))
    def about(self, row: Delivery) -> SafeString:
        if row.entry and row.incident:
            what = f"{row.incident.number} · {row.entry.get_kind_display()}"
            return two_lines(first=what, second=row.incident.title)
        return two_lines(first=row.get_purpose_display(), second=row.subject or row.key)

    @admin.display(description=_("status"), ordering="status")
    def how_it_stands(self, row: Delivery) -> SafeString:
        tone = "red" if row.came_back else TONES.get(Status(row.status), "")
        tag = tag_cell(text=row.get_status_display(), tone=tone)
        cause = gettext(row.status_reason) if row.status_reason else ""
        if row.status != Status.SENT and row.last_text:
            cause = f"{cause} {row.last_text}".strip()
        if row.came_back:
            cause = f"{gettext('Came back:')} {row.came_back}"
        if row.ambiguous:
            cause = f"{gettext('May have arrived before.')} {cause}".strip()
        return two_lines(first=tag, second=cause)

    @admin.display(description=_("tries"), ordering="attempts")
    def tries_made(self, row: Delivery) -> int:
        return row.attempts

    @admin.display(description=_("sent or next try"), ordering="due_at")
    def next_or_sent(self, row: Delivery) -> SafeString | str:
        at = row.sent_at or (row.due_at if row.status in WAITING else row.created_at)
        return ago_cell(at=at)

    def get_readonly_fields(self, _request: HttpRequest, _obj: object = None) -> list[str]:
        names = [field.name for field in Delivery._meta.concrete_fields]
        return [*names, "to", "about", "how_it_stands"]

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.html)
        own = [path("<int:pk>/html/", page, name="notifications_delivery_html")]
        return own + outbox.urls(self.admin_site) + super().get_urls()

    def html(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.found(request, pk)
        files = Enclosure.objects.filter(key=row.key).exclude(content_id="") if row.key else ()
        pictures = {file.content_id: (file.content_type, bytes(file.content)) for file in files}
        return letters.framed(letters.with_pictures(row.html, pictures))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        more = {
            "row": row,
            "may_mend": self.may_mend(request),
            "may_retry": row is not None and row.status in {*RETRYABLE, Status.PENDING},
            "may_cancel": row is not None
            and row.status in {Status.PENDING, Status.HELD, Status.FAILED, Status.DEAD},
            "may_note": row is not None
            and Delivery.objects.visible_to(request.user).in_trouble().filter(pk=row.pk).exists()
            and row.status in manual.NOTABLE,
            "incident_link": incident_link(row),
        }
        return super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})


def incident_link(row: Delivery | None) -> SafeString | str:
    if row is None or row.incident is None:
        return ""
    try:
        url = reverse("admin:incidents_incident_change", args=[row.incident_id])
    except NoReverseMatch:
        return row.incident.number
    return format_html('<a href="{}">{}</a>', url, row.incident.number)
