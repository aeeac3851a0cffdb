"""Answers kept for clients that ask again because they never heard the first one."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from datetime import datetime


class IdempotencyKeyQuerySet(models.QuerySet["IdempotencyKey"]):
    def expired(self, at: "datetime") -> Self:
        return self.filter(expires_at__lte=at)


class IdempotencyKey(models.Model):
    """One `Idempotency-Key` of one person. `status` is empty while the first request still runs.

    The answer is written in the transaction of the work itself: either both are there or neither.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)

    objects = IdempotencyKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once_a_person")]
        indexes = [
            # api.idempotency.prune: a few rows, with each new key
            models.Index(fields=["expires_at"], name="idempotency_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}"
