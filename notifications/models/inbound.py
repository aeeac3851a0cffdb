from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents import policies
from incidents.models import Incident, TimelineEntry
from notifications.models.delivery import READERS, Delivery

if TYPE_CHECKING:
    from datetime import datetime

FILE_BY_HAND = "notifications.change_inboundmail"


class InboundOutcome(models.TextChoices):
    COMMENTED = "commented", _("On its incident")
    FILED = "filed", _("Filed by hand")
    BOUNCED = "bounced", _("Our mail came back")
    IGNORED = "ignored", _("Left alone: a machine wrote it")
    REFUSED = "refused", _("Waits for a person")
    DISCARDED = "discarded", _("Discarded")


class InboundMailQuerySet(models.QuerySet["InboundMail"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Mails about visible incidents; those about none only for who may file them."""
        if not policies.sees_internal(user):
            return self.none()
        seen = Q(incident__in=Incident.objects.visible_to(user).values("pk"))
        return self.filter(seen | Q(incident=None) if user.has_perm(FILE_BY_HAND) else seen)

    def waiting(self) -> Self:
        """Somebody has to look at them."""
        return self.filter(outcome=InboundOutcome.REFUSED)

    def kept_as_they_came(self, before: "datetime") -> Self:
        """Received before then, and still holding what their sender wrote."""
        return self.filter(received_at__lt=before).exclude(raw=None, text="")

    def forget_words(self) -> int:
        """What became of them stays; the mails as they came are gone, with their files."""
        return self.update(raw=None, text="")


def _of_received_mails(user: User) -> Q:
    return Q(answers__in=InboundMail.objects.visible_to(user).values("pk"))


READERS["answer"] = _of_received_mails


class InboundMail(models.Model):
    """A mail that came in, once, with what became of it. Whatever that was, it is kept as it came."""

    message_id = models.CharField(_("Message-ID"), max_length=255)
    digest = models.CharField(max_length=64, blank=True, editable=False)
    received_at = models.DateTimeField(_("received"))
    sender = models.CharField(_("from"), max_length=320, blank=True)
    subject = models.CharField(_("subject line"), max_length=300, blank=True)
    text = models.TextField(_("text"), blank=True, help_text=_("All of it, with what it quotes."))
    outcome = models.CharField(_("outcome"), max_length=12, choices=InboundOutcome)
    reason = models.CharField(_("because"), max_length=300, blank=True)
    incident = models.ForeignKey(
        Incident,
        verbose_name=_("incident"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="mails",
        help_text=_("Where it is filed, or which one the mail was about that it answers."),
    )
    entry = models.OneToOneField(
        TimelineEntry,
        verbose_name=_("entry"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="mail",
    )
    answer = models.OneToOneField(
        Delivery,
        verbose_name=_("answer to the sender"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="answers",
    )
    bounced = models.ForeignKey(
        Delivery,
        verbose_name=_("the mail that came back"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="bounces",
    )
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("handled by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    raw = models.BinaryField(null=True, blank=True)

    objects = InboundMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("received mail")
        verbose_name_plural = _("received mails")
        default_permissions = ("view", "change")
        constraints = [
            # one Message-ID and the same words: a copy. Other words are another mail, whatever it says.
            models.UniqueConstraint(fields=["message_id", "digest"], name="mail_received_once")
        ]
        indexes = [
            # admin list, newest first
            models.Index(fields=["-received_at", "-id"], name="inbound_newest"),
            # judging: how often somebody wrote within the hour
            models.Index(fields=["sender", "received_at"], name="inbound_of_sender"),
        ]

    def __str__(self) -> str:
        return self.subject or self.message_id
