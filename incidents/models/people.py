"""What the desk knows of a person beyond the account."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.lines import Line
from incidents.models.catalogue import Location
from incidents.zones import ZoneField


class Profile(models.Model):
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="profile"
    )
    location = models.ForeignKey(
        Location,
        verbose_name=_("location"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="people",
    )
    department = Line(_("department"), max_length=120, blank=True)
    phone = Line(_("phone"), max_length=40, blank=True)
    time_zone = ZoneField(
        _("time zone"), max_length=64, blank=True, help_text=_("Empty: the one of the location.")
    )
    language = models.CharField(_("language"), max_length=10, blank=True)
    external_id = models.CharField(_("id elsewhere"), max_length=120, null=True, blank=True, unique=True)

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")

    def __str__(self) -> str:
        return f"Profile of {self.user_id}"

    def zone_name(self, default: str) -> str:
        """The IANA zone this person reads clocks in. Reads `location`: select it along."""
        if self.time_zone:
            return self.time_zone
        return self.location.time_zone if self.location else default
