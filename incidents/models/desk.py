"""What holds for the whole desk. One row, which the migrations make."""

from copy import copy
from typing import Self, cast

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from incidents.kept import Kept
from incidents.models.catalogue import Team

CLOSE_AFTER_DAYS = 7
ONE_AT_LEAST = [MinValueValidator(1), MaxValueValidator(1_000_000)]
A_DAY_AT_LEAST = [MinValueValidator(1), MaxValueValidator(3650)]


class Desk(models.Model):
    """Business choices of the desk: who takes what nobody was named for, how long things wait and stay."""

    default_team = models.ForeignKey(
        Team,
        verbose_name=_("default team"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Gets the work for which neither service, category nor location names a team."),
    )
    reopens_on_answer = models.BooleanField(
        _("an answer reopens"),
        default=True,
        help_text=_(
            "What the requester writes on a resolved incident reopens it. "
            "Otherwise it only stops the closing in silence."
        ),
    )
    close_after_days = models.PositiveSmallIntegerField(
        _("close after (days)"),
        default=CLOSE_AFTER_DAYS,
        validators=A_DAY_AT_LEAST,
        help_text=_("Silence this long after “resolved” counts as consent. Never for major incidents."),
    )
    still_firing_after_minutes = models.PositiveSmallIntegerField(
        _("still firing after (minutes)"),
        default=30,
        validators=[MinValueValidator(1)],
        help_text=_(
            "An alert that goes on this long after its incident was resolved or cancelled by hand "
            "is told to the desk, once."
        ),
    )
    keep_events_days = models.PositiveSmallIntegerField(
        _("keep received alerts (days)"), default=90, validators=A_DAY_AT_LEAST
    )
    keep_mail_days = models.PositiveSmallIntegerField(
        _("keep received mails as they came (days)"), default=365, validators=A_DAY_AT_LEAST
    )
    keep_sent_days = models.PositiveSmallIntegerField(
        _("keep the words of sent mails (days)"), default=730, validators=A_DAY_AT_LEAST
    )
    keep_drafts_days = models.PositiveSmallIntegerField(
        _("keep unsent words (days)"), default=30, validators=A_DAY_AT_LEAST
    )
    keep_keys_days = models.PositiveSmallIntegerField(
        _("answer repeated requests the same way (days)"),
        default=7,
        validators=A_DAY_AT_LEAST,
        help_text=_("How long a form or call that is sent twice is still known."),
    )

    wrong_secrets_per_address = models.PositiveIntegerField(
        _("wrong passwords, tokens and links from one address"),
        default=100,
        db_default=100,
        validators=ONE_AT_LEAST,
        help_text=_(
            "So many within 15 minutes lock that network address out for 15 minutes. A whole office may "
            "share one. One name is locked after 10 wrong passwords from one address, whatever stands here."
        ),
    )
    reports_per_hour = models.PositiveIntegerField(
        _("reports of one person in an hour"),
        default=30,
        db_default=30,
        validators=ONE_AT_LEAST,
        help_text=_("By portal, REST and mail together. Of who works at the desk, only by the portal."),
    )
    replies_per_hour = models.PositiveIntegerField(
        _("replies of one person in an hour"),
        default=60,
        db_default=60,
        validators=ONE_AT_LEAST,
        help_text=_("Counted like reports."),
    )
    megabytes_per_day = models.PositiveIntegerField(
        _("megabytes of files of one person in a day"),
        default=1000,
        db_default=1000,
        validators=ONE_AT_LEAST,
        help_text=_("Within any 24 hours, on all incidents together."),
    )
    files_per_day = models.PositiveIntegerField(
        _("files of one person in a day"), default=300, db_default=300, validators=ONE_AT_LEAST
    )
    megabytes_per_incident = models.PositiveIntegerField(
        _("megabytes of files on one incident"), default=2000, db_default=2000, validators=ONE_AT_LEAST
    )
    files_per_incident = models.PositiveIntegerField(
        _("files on one incident"), default=1000, db_default=1000, validators=ONE_AT_LEAST
    )

    shows_first_steps = models.BooleanField(
        _("first steps on the home page"),
        default=True,
        help_text=_("Administrators see what is still to be set up, until all of it is done."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("desk")
        verbose_name_plural = _("desk")
        default_permissions = ("view", "change")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_desk")]

    def __str__(self) -> str:
        return str(_("Desk"))

    @classmethod
    def current(cls) -> Self:
        """The one row, or its defaults where it is missing, as a copy of one's own. At most two queries."""
        desk = copy(_kept())
        if desk.default_team is not None:
            desk.default_team = copy(desk.default_team)
        return cast("Self", desk)


def _read() -> Desk:
    return Desk.objects.select_related("default_team").first() or Desk(pk=1)


_kept = Kept(_read)
