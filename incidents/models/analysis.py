"""What was found out and what was done about it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents import limits
from incidents.enums import ActionKind, ActionOutcome, EvidenceKind, Verdict
from incidents.lines import Line
from incidents.models.desk_rows import DeskRowQuerySet
from incidents.models.incident import Incident
from incidents.models.timeline import Attachment


class Evidence(models.Model):
    """Something observed, with its source, the time it covers and a hash of its content."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(_("kind"), max_length=20, choices=EvidenceKind)
    title = Line(_("title"), max_length=limits.LINE)
    source = Line(_("source"), max_length=limits.LINE, blank=True, help_text=_("Host, tool or person."))
    content = models.TextField(_("content"), blank=True, max_length=limits.EXCERPT)
    attachment = models.ForeignKey(
        Attachment, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    covers_from = models.DateTimeField(_("covers from"), null=True, blank=True)
    covers_until = models.DateTimeField(_("covers until"), null=True, blank=True)
    collected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    collected_at = models.DateTimeField(_("collected at"))
    sha256 = models.CharField(max_length=64)
    anchor = models.PositiveBigIntegerField(null=True, blank=True, editable=False)

    objects = DeskRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        default_permissions = ("view",)
        indexes = [
            # side_panels: evidence of an incident in order
            models.Index(fields=["incident", "collected_at"], name="evidence_of_incident"),
        ]

    def __str__(self) -> str:
        return self.title


class Hypothesis(models.Model):
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="hypotheses")
    text = models.CharField(_("hypothesis"), max_length=limits.SENTENCES)
    verdict = models.CharField(_("verdict"), max_length=20, choices=Verdict, default=Verdict.OPEN)
    reason = models.TextField(_("reason"), blank=True, max_length=limits.PARAGRAPH)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    proposed_at = models.DateTimeField(_("proposed at"))

    objects = DeskRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("hypothesis")
        verbose_name_plural = _("hypotheses")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.text


class Action(models.Model):
    """A recorded step towards resolution: planned, then done with an outcome."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="actions")
    kind = models.CharField(_("kind"), max_length=20, choices=ActionKind)
    summary = models.TextField(_("what"), max_length=limits.PARAGRAPH)
    outcome = models.CharField(
        _("outcome"), max_length=20, choices=ActionOutcome, default=ActionOutcome.PLANNED
    )
    reference = Line(
        _("reference"), max_length=limits.REFERENCE, blank=True, help_text=_("Change or ticket number.")
    )
    configuration_item = models.ForeignKey(
        "incidents.ConfigurationItem", on_delete=models.PROTECT, null=True, blank=True, related_name="actions"
    )
    planned_for = models.DateTimeField(_("planned for"), null=True, blank=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = DeskRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.summary[:60]}"
