"""The append-only history of an incident: audit log, conversation and outbox in one."""

from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from incidents import policies
from incidents.choices import Choice
from incidents.enums import EntryKind, State, Via, Visibility
from incidents.models.incident import Incident


class TimelineEntryQuerySet(models.QuerySet["TimelineEntry"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Entries of visible incidents: all for the desk, public ones for everybody else."""
        rows = self.filter(incident__in=Incident.objects.visible_to(user).values("pk"))
        return rows if policies.sees_internal(user) else rows.filter(visibility=Visibility.PUBLIC)

    def readable_by(self, user: User | AnonymousUser) -> Self:
        """Of one incident already reached through `visible_to`: cut to what this person may read."""
        return self if policies.sees_internal(user) else self.filter(visibility=Visibility.PUBLIC)

    def unannounced(self) -> Self:
        return self.filter(announced_at=None)


class TimelineEntry(models.Model):
    """One change, one entry. Written by `incidents.timeline` alone, never changed afterwards.

    `announced_at` is the outbox mark: NULL until the notifications of this entry exist as rows.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField(_("number in the timeline"))
    kind = Choice(_("kind"), max_length=30, choices=EntryKind)
    visibility = models.CharField(
        _("visibility"), max_length=10, choices=Visibility, default=Visibility.INTERNAL
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="timeline_entries",
        help_text=_("Empty: the system."),
    )
    via = models.CharField(_("via"), max_length=12, choices=Via)
    at = models.DateTimeField(_("at"), help_text=_("When it happened."))
    #: the database writes it; no process says when it wrote
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now(), editable=False)
    text = models.TextField(_("text"), blank=True)
    #: {"changes": {field: [old, new]}, ...details of the kind}; all that the fold and the clocks need
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    state_after = models.CharField(max_length=20, choices=State)
    source_state = models.CharField(
        max_length=40, blank=True, help_text=_("The raw state of an imported record, as it stood there.")
    )
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)
    #: what `hash` covers in place of words that were redacted; empty: the words are as they were written
    text_digest = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    data_digest = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    announced_at = models.DateTimeField(null=True, blank=True)
    anchor = models.PositiveBigIntegerField(
        null=True, blank=True, editable=False, help_text=_("The page of the ledger that seals it.")
    )

    objects = TimelineEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline entries")
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["incident", "seq"], name="entry_seq_once")]
        indexes = [
            # notifications.delivery: what is not announced yet
            models.Index(fields=["id"], condition=Q(announced_at=None), name="entry_unannounced"),
            # anchors.pages: what no page of the ledger seals yet
            models.Index(fields=["id"], condition=Q(anchor=None), name="entry_unsealed"),
            # reports: entries of a period by kind (reopenings, replies)
            models.Index(fields=["kind", "at"], name="entry_kind_at"),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id}#{self.seq} {self.kind}"

    @property
    def is_public(self) -> bool:
        return self.visibility == Visibility.PUBLIC

    @property
    def changes(self) -> dict[str, list[Any]]:
        """{field: [old, new]}, foreign keys as primary keys, times as ISO 8601 in UTC."""
        changes: dict[str, list[Any]] = self.data.get("changes", {})
        return changes


class Attachment(models.Model):
    """A file that came with an entry. Seen by whoever may read that entry."""

    entry = models.ForeignKey(TimelineEntry, on_delete=models.PROTECT, related_name="attachments")
    file = models.FileField(_("file"), upload_to="attachments/%Y/%m/")
    name = models.CharField(_("name"), max_length=255)
    content_type = models.CharField(_("content type"), max_length=100)
    size = models.PositiveBigIntegerField(_("size"), help_text=_("Bytes."))
    sha256 = models.CharField(max_length=64)
    anchor = models.PositiveBigIntegerField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.name
