"""What somebody who read a version has not read yet, and whether it stands against their change."""

from incidents.entry_kinds import kinds_where
from incidents.models import Incident, TimelineEntry
from incidents.workflow.persist import expect

#: What machines write by themselves contradicts nobody's typing.
NOTICES = kinds_where(lambda kind: kind.is_notice)
TOLD = 20


def news_since(incident: Incident, seen: int) -> list[TimelineEntry]:
    """What people did since somebody saw that version, newest first."""
    if seen >= incident.version:
        return []
    rows = incident.entries.filter(seq__gt=seen).exclude(kind__in=NOTICES)
    return list(rows.select_related("actor").order_by("-seq")[:TOLD])


def expect_seen(incident: Incident, seen: int) -> None:
    """Raises StaleIncident when there is news since; what only a machine wrote is none."""
    if news_since(incident, seen):
        expect(incident, seen)
