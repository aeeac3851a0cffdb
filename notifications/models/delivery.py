"""One message to one recipient by one channel, and each try to get it there."""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from incidents import policies
from incidents.choices import Choice
from incidents.models import Incident, TimelineEntry
from notifications.enums import Channel, Lane, Outcome, Phase, Purpose, Reason, Status
from notifications.models.endpoint import Endpoint
from notifications.models.pipeline import ChannelPause, Worker

if TYPE_CHECKING:
    from datetime import datetime, timedelta

EXPIRED = gettext_noop("Expired: it was worthless by the time it could go out.")

#: Somebody was to hear and did not, and nobody has looked at it yet.
WAITS = Q(status__literal=Status.PENDING)
IS_SENT_NOW = Q(status__literal=Status.SENDING)
UNHEARD = Q(noted_at=None) & (Q(status=Status.DEAD) | Q(status=Status.CANCELLED, status_reason=EXPIRED))
RETURNED = Q(noted_at=None) & ~Q(came_back="")
TROUBLE = UNHEARD | Q(noted_at=None) & (
    Q(status__in=(Status.FAILED, Status.HELD)) | Q(ambiguous__gt=0, status=Status.PENDING) | RETURNED
)

#: Who may read deliveries that are about no incident, by the first word of their key. Rooms above add theirs.
READERS: dict[str, Callable[[User], Q]] = {}


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """What this person was sent, and at the desk: news of visible incidents, answers, what is added."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        seen = Q(recipient=user)
        if policies.sees_everything(user):
            seen |= Q(incident__isnull=False)
        elif policies.sees_internal(user):
            seen |= Q(incident__in=Incident.objects.visible_to(user).values("pk"))
        for word, whose in READERS.items():
            seen |= Q(key__startswith=f"{word}:") & whose(user)
        return self.filter(seen)

    def due(self, at: "datetime") -> Self:
        return self.filter(WAITS, due_at__lte=at)

    def in_turn(self, at: "datetime") -> Self:
        """Without those whose predecessor, of the same incident to the same target, is on its way.

        One that waits for its next try holds nobody up.
        """
        earlier = Delivery.objects.filter(
            IS_SENT_NOW | WAITS & Q(due_at__lte=at),
            incident=OuterRef("incident"),
            target=OuterRef("target"),
            pk__lt=OuterRef("pk"),
        )
        return self.exclude(Exists(earlier))

    def lost(self, at: "datetime") -> Self:
        """Their worker never came back."""
        silent = Worker.objects.silent(at).values("name")
        return self.filter(IS_SENT_NOW, Q(lease_until__lte=at) | Q(claimed_by__in=silent))

    def open_to(self, at: "datetime") -> Self:
        """Without those whose channel is paused, whose webhook rests, or has a call open: one at a time."""
        paused = ChannelPause.objects.in_force(at).values("channel")
        open_calls = Delivery.objects.filter(IS_SENT_NOW, endpoint=OuterRef("endpoint"))
        awake = self.exclude(channel__in=paused).exclude(endpoint__rests_until__gt=at)
        return awake.exclude(Exists(open_calls))

    def overdue(self, at: "datetime", by: "timedelta") -> Self:
        """A webhook that rests is its owner's matter: what waits for it is not late."""
        late = self.filter(WAITS & Q(due_at__lte=at - by) | IS_SENT_NOW & Q(lease_until__lte=at - by))
        return late.exclude(WAITS, endpoint__rests_until__gt=at)

    def in_trouble(self) -> Self:
        """Needs a person to look at it."""
        return self.filter(TROUBLE)

    def unheard(self) -> Self:
        """Given up or expired, until somebody sent it again, cancelled it or said that they saw it."""
        return self.filter(UNHEARD)

    def for_list(self) -> Self:
        return self.select_related("recipient", "endpoint", "incident", "entry")


class Delivery(models.Model):
    """Written by `notifications.delivery` alone. Kept as the record of who was told what, and when."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose, default=Purpose.NEWS)
    entry = models.ForeignKey(
        TimelineEntry,
        verbose_name=_("entry"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deliveries",
    )
    incident = models.ForeignKey(
        Incident,
        verbose_name=_("incident"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deliveries",
    )
    key = models.CharField(
        _("subject"),
        max_length=120,
        blank=True,
        help_text=_("What it is about when it is no incident: report:12."),
    )
    channel = Choice(_("channel"), max_length=20, choices=Channel, default=Channel.EMAIL)
    target = models.CharField(_("target"), max_length=80, help_text=_("user:12, endpoint:3 or sender."))
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("to"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deliveries",
    )
    endpoint = models.ForeignKey(
        Endpoint,
        verbose_name=_("webhook"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deliveries",
    )
    reason = models.CharField(_("told as"), max_length=20, choices=Reason)
    lane = models.PositiveSmallIntegerField(_("lane"), choices=Lane, default=Lane.NORMAL)

    created_at = models.DateTimeField(_("created"))
    due_at = models.DateTimeField(_("next try"))
    expires_at = models.DateTimeField(_("worthless after"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PENDING)
    status_reason = models.CharField(_("because"), max_length=300, blank=True)
    phase = models.CharField(_("phase"), max_length=12, choices=Phase, blank=True, default=Phase.NONE)
    attempts = models.PositiveIntegerField(_("tries"), default=0)
    lost_leases = models.PositiveSmallIntegerField(_("workers lost"), default=0)
    ambiguous = models.PositiveSmallIntegerField(_("may have arrived"), default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    last_class = models.CharField(_("last outcome"), max_length=12, choices=Outcome, blank=True)
    last_text = models.CharField(_("last answer"), max_length=500, blank=True)

    message_id = models.CharField(_("Message-ID"), max_length=255, unique=True)
    address = models.CharField(
        _("address"), max_length=320, blank=True, help_text=_("Where the last try went.")
    )
    subject = models.CharField(_("subject line"), max_length=300, blank=True)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(_("HTML"), blank=True)
    body_hash = models.CharField(max_length=64, blank=True)
    provider_reply = models.CharField(_("receipt"), max_length=500, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    came_back = models.CharField(
        _("came back"),
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text=_("What the mail server said."),
    )
    noted_at = models.DateTimeField(_("looked at"), null=True, blank=True)
    anchor = models.PositiveBigIntegerField(null=True, blank=True, editable=False)
    sent_anchor = models.PositiveBigIntegerField(null=True, blank=True, editable=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        default_permissions = ("view", "change")
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "channel", "target", "purpose"], name="delivery_once_an_entry"
            ),
            models.UniqueConstraint(
                fields=["key", "channel", "target", "purpose"],
                condition=~Q(key=""),
                name="delivery_once_a_key",
            ),
            models.CheckConstraint(
                condition=Q(entry__isnull=False, key="") | (Q(entry=None) & ~Q(key="")),
                name="delivery_has_one_subject",
            ),
            models.CheckConstraint(
                condition=~Q(purpose=Purpose.ANSWER)
                | (Q(entry=None, recipient=None, endpoint=None) & ~Q(address="")),
                name="answer_goes_to_an_address",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.SENDING) | Q(lease_until__isnull=False, lease_token__isnull=False),
                name="sending_has_a_lease",
            ),
        ]
        indexes = [
            # delivery.claim: what is due, first lane first
            models.Index(
                fields=["lane", "due_at", "id"], condition=Q(status=Status.PENDING), name="delivery_pending"
            ),
            # delivery.recover: workers that never came back
            models.Index(fields=["lease_until"], condition=Q(status=Status.SENDING), name="delivery_sending"),
            # health, desk home: who was to hear and did not
            models.Index(fields=["id"], condition=UNHEARD, name="delivery_unheard"),
            # desk home and admin: mails that came back
            models.Index(fields=["id"], condition=RETURNED, name="delivery_came_back"),
            # desk home and admin: what needs a look
            models.Index(
                fields=["status", "due_at"],
                condition=Q(status__in=(Status.FAILED, Status.DEAD, Status.HELD)),
                name="delivery_trouble",
            ),
            # inbound.answering: how many went out within the hour
            models.Index(fields=["created_at"], condition=Q(purpose=Purpose.ANSWER), name="delivery_answers"),
            # in_turn(): earlier ones of the same incident to the same target
            models.Index(fields=["incident", "target", "id"], name="delivery_turn"),
            # admin list, newest first
            models.Index(fields=["-created_at", "-id"], name="delivery_newest"),
            # incidents.anchors: what no page of the ledger seals yet
            models.Index(fields=["id"], condition=Q(anchor=None), name="delivery_unsealed"),
            models.Index(
                fields=["id"],
                condition=Q(status=Status.SENT, sent_anchor=None),
                name="delivery_sent_unsealed",
            ),
            # retention: words that are old enough to go
            models.Index(
                fields=["created_at"],
                condition=Q(status=Status.SENT) & ~Q(text="", html=""),
                name="delivery_words",
            ),
        ]

    def __str__(self) -> str:
        return self.subject or f"{self.get_channel_display()} → {self.target}"


class Attempt(models.Model):
    """One try, written when it is over: by its worker, or by the sweep that found the worker gone."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    n = models.PositiveIntegerField(_("number"))
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"))
    phase = models.CharField(_("phase"), max_length=12, choices=Phase, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome)
    code = models.CharField(_("code"), max_length=20, blank=True)
    text = models.CharField(_("answer"), max_length=500, blank=True)
    worker = models.CharField(_("worker"), max_length=120, blank=True)
    anchor = models.PositiveBigIntegerField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["delivery", "n"], name="attempt_number_once")]
        indexes = [
            # delivery.fault: what happened lately
            models.Index(fields=["ended_at"], name="attempt_lately"),
            # incidents.anchors: what no page of the ledger seals yet
            models.Index(fields=["id"], condition=Q(anchor=None), name="attempt_unsealed"),
        ]

    def __str__(self) -> str:
        return f"{self.n}: {self.get_outcome_display()}"


class Enclosure(models.Model):
    """A file that goes with every delivery of one key, kept once for all recipients."""

    key = models.CharField(_("subject"), max_length=120)
    name = models.CharField(_("name"), max_length=120)
    content_type = models.CharField(_("content type"), max_length=100)
    content = models.BinaryField()
    content_id = models.CharField(
        max_length=80,
        blank=True,
        help_text=_("Named by the HTML as cid:…; shown in place instead of attached."),
    )
    anchor = models.PositiveBigIntegerField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("enclosure")
        verbose_name_plural = _("enclosures")
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["key", "name"], name="enclosure_once_a_key")]

    def __str__(self) -> str:
        return f"{self.key} {self.name}"
