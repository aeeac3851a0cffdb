"""Fields of bodies: rows that the caller may name, texts, moments."""

from datetime import UTC
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request

from incidents import limits, policies
from incidents.api.serializers.strict import row_field
from incidents.models import Category, ConfigurationItem, Location, Service, Team


def team_field(**kwargs: Any) -> object:
    return row_field(lambda _request: Team.objects.filter(is_active=True), **kwargs)


def service_field(**kwargs: Any) -> Any:
    return row_field(lambda _request: Service.objects.filter(is_active=True).select_related("team"), **kwargs)


def category_field(**kwargs: Any) -> Any:
    return row_field(lambda _request: Category.objects.filter(is_active=True), **kwargs)


def item_field(**kwargs: Any) -> Any:
    return row_field(lambda _request: ConfigurationItem.objects.filter(is_active=True), **kwargs)


def location_field(**kwargs: Any) -> Any:
    return row_field(lambda _request: Location.objects.all(), **kwargs)


def _people(request: Request) -> QuerySet[User]:
    """The desk names anybody; everybody else only themselves, so that nobody else's log-in is confirmed."""
    rows = User.objects.filter(is_active=True)
    return rows if policies.sees_internal(request.user) else rows.filter(pk=request.user.pk or 0)


def person_field(**kwargs: object) -> object:
    return row_field(_people, by="username", **kwargs)


def text_field(**kwargs: Any) -> serializers.CharField:
    return serializers.CharField(**{"max_length": limits.TEXT, **kwargs})


class MomentField(serializers.DateTimeField):
    """A moment says its offset: in autumn an hour comes twice."""

    default_error_messages = {
        "no_offset": _("This time has no offset. Write it as 2026-10-25T02:30:00+02:00, or with Z.")
    }

    def enforce_timezone(self, value: Any) -> Any:
        if value.tzinfo is None:
            self.fail("no_offset")
        return super().enforce_timezone(value)

    def default_timezone(self) -> Any:
        return UTC
