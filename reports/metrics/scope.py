"""Which incidents a report is about."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Min, QuerySet

from incidents import policies
from incidents.models import Clock, Incident, Service, Team, TimelineEntry


@dataclass(frozen=True, slots=True)
class Scope:
    """All incidents, or those that are with a team or of a service at present.

    Confidential ones are left out unless asked for: where they are few, a number tells of one.
    """

    team: Team | None = None
    service: Service | None = None
    with_confidential: bool = False

    def _conditions(self, path: str = "") -> dict[str, int | bool]:
        wanted = {"team": self.team, "service": self.service}
        found: dict[str, int | bool] = {
            f"{path}{name}": row.pk for name, row in wanted.items() if row is not None
        }
        return found if self.with_confidential else {**found, f"{path}is_confidential": False}

    def cut_for(self, user: User | AnonymousUser) -> "Scope":
        """With confidential ones for who may read all of them, where there are any."""
        if not policies.sees_everything(user):
            return replace(self, with_confidential=False)
        whole = replace(self, with_confidential=True)
        return replace(self, with_confidential=whole.incidents().filter(is_confidential=True).exists())

    def incidents(self) -> QuerySet[Incident]:
        return Incident.objects.filter(**self._conditions())

    def first_opened(self) -> datetime | None:
        """Where its records begin."""
        found: datetime | None = self.incidents().aggregate(first=Min("opened_at"))["first"]
        return found

    def entries(self) -> QuerySet[TimelineEntry]:
        return TimelineEntry.objects.filter(**self._conditions("incident__"))

    def clocks(self) -> QuerySet[Clock]:
        return Clock.objects.filter(**self._conditions("incident__"))
