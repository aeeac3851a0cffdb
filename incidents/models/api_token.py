"""Keys of programs that use the REST interface."""

import hashlib
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken, get_digest_token
from knox.settings import CONSTANTS

from incidents.lines import Line

if TYPE_CHECKING:
    from datetime import datetime


class Scope(models.TextChoices):
    """What a token may do of what its person may do."""

    READ = "read", _("Read")
    WRITE = "write", _("Change")


class ApiToken(AbstractAuthToken):  # type: ignore[misc]  # knox ships no types
    """A key that acts for a person, cut by scopes. Kept as a SHA-512 digest: the key is shown once.

    `objects.create(user=..., name=..., scopes=[...])` answers the row and the key itself.
    """

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=128, unique=True, editable=False)
    name = Line(_("name"), max_length=120, help_text=_("The program that uses it."))
    scopes = models.JSONField(_("may"), default=list)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    expiry = models.DateTimeField(_("expires"), null=True, blank=True)
    outlives_password = models.BooleanField(
        _("goes on after a new password"),
        default=False,
        db_default=False,
        help_text=_("Otherwise it ends when its person gets a new password, as their log-ins do."),
    )
    #: Of the person's password when the token was made.
    password_mark = models.CharField(max_length=64, default="", db_default="", editable=False)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.token_key}…)"

    def give_key(self) -> str:
        """A new key, for this row before it is saved. Only its digest is kept."""
        self.digest, key = get_digest_token()
        self.token_key = key[: CONSTANTS.TOKEN_KEY_LENGTH]
        return str(key)

    def save(self, *args: object, **kwargs: object) -> None:
        self.password_mark = self.password_mark or mark_of(self.user.password)
        super().save(*args, **kwargs)

    def is_of_an_old_password(self) -> bool:
        """Its person has another password now, or none, and the token was not to outlive the old one."""
        return not self.outlives_password and self.password_mark != mark_of(self.user.password)

    def is_expired(self, at: "datetime") -> bool:
        return bool(self.expiry is not None and self.expiry <= at)

    def allows(self, scope: Scope) -> bool:
        return scope.value in self.scopes


def not_used_since(at: "datetime") -> Q:
    return Q(last_used_at=None) | Q(last_used_at__lt=at)


def mark_of(kept_password: str) -> str:
    """Tells two passwords apart, as they are kept: salted and slow already."""
    return hashlib.sha256(kept_password.encode()).hexdigest()
