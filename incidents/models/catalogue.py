"""What incidents happen to, and who looks after it."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from incidents.enums import Criticality, ItemKind
from incidents.lines import Line
from incidents.zones import ZoneField


class TeamQuerySet(models.QuerySet["Team"]):
    def staffed(self) -> Self:
        """Those whose work reaches somebody: active, with an active member who has an address."""
        people = Team.members.through.objects.filter(user__is_active=True).exclude(user__email="")
        return self.filter(is_active=True, pk__in=people.values("team"))


class Team(models.Model):
    """A group of agents that incidents are assigned to."""

    name = Line(_("name"), max_length=120, unique=True)
    email = models.EmailField(
        _("e-mail"), blank=True, help_text=_("For people to look up. Mails go to the members, not here.")
    )
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("members"), related_name="teams", blank=True
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = TeamQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[members])

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


class Location(models.Model):
    """An office or site, with the time zone its people read clocks in."""

    name = Line(_("name"), max_length=120, unique=True)
    country = models.CharField(
        _("country"), max_length=2, blank=True, help_text=_("ISO 3166 code, such as DE.")
    )
    time_zone = ZoneField(_("time zone"), max_length=64, default="UTC")
    team = models.ForeignKey(
        Team,
        verbose_name=_("team"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Takes incidents from here whose service names no team."),
    )

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")

    def __str__(self) -> str:
        return self.name


class Service(models.Model):
    """Something the business uses and would miss."""

    name = Line(_("name"), max_length=120, unique=True)
    description = models.TextField(_("description"), blank=True)
    team = models.ForeignKey(
        Team, verbose_name=_("team"), on_delete=models.PROTECT, null=True, blank=True, related_name="services"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("service owner"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="owned_services",
    )
    criticality = models.PositiveSmallIntegerField(
        _("criticality"), choices=Criticality.choices, default=Criticality.NORMAL
    )
    depends_on = models.ManyToManyField(
        "self",
        verbose_name=_("depends on"),
        symmetrical=False,
        related_name="dependents",
        blank=True,
        help_text=_("An incident of those can be felt here."),
    )
    is_public = models.BooleanField(_("shown on the status page"), default=True)
    is_active = models.BooleanField(_("active"), default=True)

    history = HistoricalRecords(m2m_fields=[depends_on])

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")

    def __str__(self) -> str:
        return self.name


class ConfigurationItem(models.Model):
    """A device, application or database that services run on."""

    name = Line(_("name"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=ItemKind, default=ItemKind.OTHER)
    service = models.ForeignKey(
        Service,
        verbose_name=_("service"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="items",
    )
    location = models.ForeignKey(
        Location,
        verbose_name=_("location"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="items",
    )
    serial_number = Line(_("serial number"), max_length=80, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("configuration item")
        verbose_name_plural = _("configuration items")

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    """What kind of thing is wrong. Two levels: category and subcategory."""

    name = Line(_("name"), max_length=120)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    team = models.ForeignKey(
        Team,
        verbose_name=_("team"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Takes incidents of this kind whose service names no team."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [
            models.UniqueConstraint("name", "parent", name="category_once_under_its_parent"),
            models.UniqueConstraint("name", condition=Q(parent=None), name="top_category_once"),
        ]

    def __str__(self) -> str:
        return self.name


def services_at_risk(service: Service) -> QuerySet[Service]:
    """Services that depend on this one directly. One query when evaluated."""
    return Service.objects.filter(depends_on=service, is_active=True).order_by("criticality", "name", "pk")
