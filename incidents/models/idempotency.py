"""Answers kept for clients that ask again because they never heard the first one."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class IdempotencyKey(models.Model):
    """One `Idempotency-Key` of one person, or one sent form, with the answer.

    Written in the transaction of the work itself by `incidents.idempotency`: either both are there or
    neither. It is known until the retention sweep removes it (`Desk.keep_keys_days`).
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once_a_person")]
        indexes = [
            # retention: answers that are old enough to go
            models.Index(fields=["started_at"], name="idempotency_started"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}"
