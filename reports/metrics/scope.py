"""Which incidents a report is about."""

from dataclasses import dataclass

from django.db.models import QuerySet

from incidents.models import Clock, Incident, Service, Team, TimelineEntry


@dataclass(frozen=True, slots=True)
class Scope:
    """All incidents, or those that are with a team or of a service at present."""

    team: Team | None = None
    service: Service | None = None

    def _conditions(self, path: str = "") -> dict[str, int]:
        wanted = {"team": self.team, "service": self.service}
        return {f"{path}{name}": row.pk for name, row in wanted.items() if row is not None}

    def incidents(self) -> QuerySet[Incident]:
        return Incident.objects.filter(**self._conditions())

    def entries(self) -> QuerySet[TimelineEntry]:
        return TimelineEntry.objects.filter(**self._conditions("incident__"))

    def clocks(self) -> QuerySet[Clock]:
        return Clock.objects.filter(**self._conditions("incident__"))
