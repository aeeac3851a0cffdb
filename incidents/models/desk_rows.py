"""Rows that hang on an incident and are the desk's alone."""

from typing import Any, Self

from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q

from incidents import policies
from incidents.models.incident import Incident


class DeskRowQuerySet(models.QuerySet[Any]):
    """Rows that hang on an incident and that the requester's side never reads."""

    #: The way from the row to its incident.
    of = "incident"
    #: Whether a row without an incident is the desk's to read.
    may_be_of_none = False

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of incidents visible to this person; none for who may not read what is internal."""
        if not policies.sees_internal(user):
            return self.none()
        if policies.sees_everything(user):
            return self
        seen = Q(**{f"{self.of}__in": Incident.objects.visible_to(user).values("pk")})
        return self.filter(seen | Q(**{self.of: None}) if self.may_be_of_none else seen)
