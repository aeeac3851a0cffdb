"""Words and files that somebody wrote and that are not sent yet."""

from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from datetime import datetime


class HeldFormQuerySet(models.QuerySet["HeldForm"]):
    def older_than(self, at: "datetime") -> Self:
        return self.filter(held_at__lt=at)


class HeldForm(models.Model):
    """What somebody sent after their session had ended: theirs alone, until they send or discard it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=500, help_text=_("Where it was sent to."))
    page = models.CharField(max_length=500, help_text=_("The page that shows the form."))
    fields = models.JSONField(default=dict, help_text=_("Each field's values; no password, no CSRF token."))
    held_at = models.DateTimeField()

    objects = HeldFormQuerySet.as_manager()

    class Meta:
        verbose_name = _("held form")
        verbose_name_plural = _("held forms")
        default_permissions = ()
        indexes = [
            # retention: what is older than the desk keeps
            models.Index(fields=["held_at"], name="held_form_age"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.path}"

    @property
    def place(self) -> str:
        """The address without its query."""
        return urlsplit(self.path).path

    def value(self, name: str) -> str:
        values: list[str] = self.fields.get(name, [])
        return values[-1] if values else ""


class StagedFileQuerySet(models.QuerySet["StagedFile"]):
    def older_than(self, at: "datetime") -> Self:
        return self.filter(staged_at__lt=at)

    def discard(self) -> int:
        """Remove the rows, and their files once that is certain."""
        rows = list(self)
        names = [row.file.name for row in rows if row.file.name]
        self.model.objects.filter(pk__in=[row.pk for row in rows]).delete()
        storage = self.model.file.field.storage
        for name in names:
            transaction.on_commit(lambda name=name: storage.delete(name))  # type: ignore[misc]
        return len(rows)


class StagedFile(models.Model):
    """A file whose form came back to be mended. Only its owner can name it, by the random key."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=32, unique=True)
    file = models.FileField(_("file"), upload_to="staged/")
    name = models.CharField(_("name"), max_length=255)
    content_type = models.CharField(_("content type"), max_length=100)
    size = models.PositiveBigIntegerField(_("size"), help_text=_("Bytes."))
    staged_at = models.DateTimeField()

    objects = StagedFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("staged file")
        verbose_name_plural = _("staged files")
        default_permissions = ()
        indexes = [
            # retention: what is older than the desk keeps
            models.Index(fields=["staged_at"], name="staged_file_age"),
        ]

    def __str__(self) -> str:
        return self.name
