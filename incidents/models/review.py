"""What is kept after the incident: the review, its follow-ups, and the problem behind it."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from incidents import limits
from incidents.lines import Line
from incidents.models.desk_rows import DeskRowQuerySet
from incidents.models.incident import Incident, format_number, parse_number

PROBLEM_PREFIX = "PRB"


class ProblemQuerySet(models.QuerySet["Problem"]):
    def with_number(self, number: str) -> Self:
        """The problem of that number, or none of them. An incident's number is none of a problem."""
        pk = parse_number(number, PROBLEM_PREFIX)
        return self.none() if pk is None else self.filter(pk=pk)


class Problem(models.Model):
    """A cause, or possible cause, of incidents. A known error once root cause and workaround are there."""

    title = Line(_("title"), max_length=limits.LINE)
    description = models.TextField(_("description"), blank=True)
    root_cause = models.TextField(_("root cause"), blank=True)
    workaround = models.TextField(_("workaround"), blank=True)
    opened_at = models.DateTimeField(_("opened"), db_default=Now(), editable=False)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)
    source_name = models.CharField(_("source"), max_length=40, blank=True)
    source_number = models.CharField(_("number there"), max_length=80, blank=True)

    objects = ProblemQuerySet.as_manager()

    class Meta:
        verbose_name = _("problem")
        verbose_name_plural = _("problems")

    def __str__(self) -> str:
        return self.title

    @property
    def number(self) -> str:
        return format_number(self.pk, PROBLEM_PREFIX) if self.pk else ""


class Review(models.Model):
    """Post-incident review: the root-cause report that is kept."""

    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="review")
    summary = models.TextField(_("summary"), help_text=_("What happened, in plain words."))
    impact = models.TextField(_("impact"), blank=True, help_text=_("Who could not do what, for how long."))
    root_cause = models.TextField(_("root cause"), blank=True)
    contributing_factors = models.TextField(_("contributing factors"), blank=True)
    went_well = models.TextField(_("what went well"), blank=True)
    went_badly = models.TextField(_("what did not"), blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    anchor = models.PositiveBigIntegerField(null=True, blank=True, editable=False)

    objects = DeskRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")

    def __str__(self) -> str:
        return f"Review of {self.incident_id}"


class FollowUpQuerySet(DeskRowQuerySet):
    of = "review__incident"


class FollowUp(models.Model):
    """Something a review asks to be done, with an owner and a date."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="follow_ups")
    text = models.CharField(_("what"), max_length=limits.SENTENCES)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(_("due"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")

    def __str__(self) -> str:
        return self.text
