from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.lines import Line
from incidents.models import DeskRowQuerySet, Incident, Service
from notifications.enums import Reason

if TYPE_CHECKING:
    from datetime import datetime


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def in_force(self, at: "datetime") -> Self:
        return self.filter(Q(valid_until=None) | Q(valid_until__gt=at), valid_from__lte=at)

    def about(self, service_id: int | None) -> Self:
        """Of that service, and of everything."""
        return self.filter(Q(service=None) | Q(service=service_id) if service_id else Q(service=None))


class Subscription(models.Model):
    """Somebody wants to hear when a service fails and when it is back, whoever reports it.

    Kept after it ends: what was due at a past moment can be recomputed. Who, what and from when stay
    as they were; its end is said once.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="subscriptions",
    )
    service = models.ForeignKey(
        Service,
        verbose_name=_("service"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subscriptions",
        help_text=_("Empty: every service."),
    )
    valid_from = models.DateTimeField(_("from"), default=timezone.now)
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)
    anchor = models.PositiveBigIntegerField(null=True, blank=True, editable=False)
    ended_anchor = models.PositiveBigIntegerField(null=True, blank=True, editable=False)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "service"], condition=Q(valid_until=None), name="subscribed_once_a_service"
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(valid_until=None, service=None),
                name="subscribed_once_to_everything",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="subscription_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.service_id or 'everything'}"


class OptOutQuerySet(DeskRowQuerySet):
    may_be_of_none = True


class OptOut(models.Model):
    """Somebody does not want to hear: of one incident, or for one reason, or both, or anything."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="opt_outs"
    )
    incident = models.ForeignKey(
        Incident,
        verbose_name=_("incident"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        help_text=_("Empty: any incident."),
    )
    reason = models.CharField(
        _("as"), max_length=20, choices=Reason, blank=True, help_text=_("Empty: for whatever reason.")
    )
    since = models.DateTimeField(_("since"), default=timezone.now)

    objects = OptOutQuerySet.as_manager()

    class Meta:
        verbose_name = _("opt-out")
        verbose_name_plural = _("opt-outs")
        constraints = [
            models.UniqueConstraint(fields=["user", "incident", "reason"], name="opted_out_once"),
            models.UniqueConstraint(
                fields=["user", "reason"], condition=Q(incident=None), name="opted_out_once_of_all"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} out of {self.incident_id or 'all'} {self.reason}"


class SuppressionCause(models.TextChoices):
    BOUNCE = "bounce", _("Mail to it comes back")
    COMPLAINT = "complaint", _("Its owner complained")
    MANUAL = "manual", _("An administrator said so")


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def in_force(self, at: "datetime") -> Self:
        return self.filter(Q(until=None) | Q(until__gt=at))


class Suppression(models.Model):
    """An address nothing is sent to. Deliveries to it are held, visibly, not dropped."""

    address = models.EmailField(_("address"), unique=True, help_text=_("In lower case."))
    cause = models.CharField(
        _("cause"), max_length=20, choices=SuppressionCause, default=SuppressionCause.MANUAL
    )
    text = Line(_("note"), max_length=300, blank=True)
    delivery = models.ForeignKey(
        "notifications.Delivery",
        verbose_name=_("the mail that came back"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="suppressions",
    )
    since = models.DateTimeField(_("since"), default=timezone.now)
    until = models.DateTimeField(_("until"), null=True, blank=True, help_text=_("Empty: for good."))

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")

    def __str__(self) -> str:
        return self.address

    def clean(self) -> None:
        self.address = self.address.lower()
