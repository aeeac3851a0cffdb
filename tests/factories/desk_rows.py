"""One of everything that has a list in the admin, with all that a row shows of its neighbours."""

from datetime import timedelta

from incidents.models import (
    Alert,
    Calendar,
    CalendarHours,
    ClosedDay,
    ConfigurationItem,
    FollowUp,
    IngestEvent,
    MaintenanceWindow,
    PriorityRule,
    Problem,
    Review,
    Source,
    Target,
)
from tests.factories.catalogue import CategoryFactory, LocationFactory, ServiceFactory, TeamFactory
from tests.factories.incident import NOON, make_incident
from tests.factories.people import AgentFactory, RequesterFactory


def add_rows(n: int) -> None:
    agent = AgentFactory.create(first_name="Zoe", last_name=f"Zane{n}")
    location = LocationFactory.create(name=f"Site {n}")
    team = TeamFactory.create(name=f"Crew {n}")
    team.members.add(agent)
    service = ServiceFactory.create(name=f"Line {n}", team=team, owner=agent)
    category = CategoryFactory.create(name=f"Kind {n}", parent=CategoryFactory.create(name=f"Sort {n}"))
    ConfigurationItem.objects.create(name=f"host-{n}", service=service, location=location)
    calendar = Calendar.objects.create(name=f"Office {n}", time_zone="Europe/Berlin")
    CalendarHours.objects.create(
        calendar=calendar, valid_from="2025-01-01", week={"mon": [["09:00", "17:00"]]}
    )
    ClosedDay.objects.create(calendar=calendar, day="2026-12-24")
    Target.objects.create(
        metric="resolve",
        minutes=60,
        calendar=calendar,
        service=service,
        category=category,
        valid_from="2025-01-01",
    )
    PriorityRule.objects.create(impact=1, urgency=1, priority=1, valid_from=f"2025-01-{n + 1:02}")
    incident = make_incident(
        requester=RequesterFactory.create(username=f"reporter{n}"), service=service, title=f"Broken {n}"
    )
    source = Source.objects.create(
        name=f"Watch {n}", key_hash=f"{n:064}", key_hint="abc", service=service, team=team
    )
    Alert.objects.create(
        source=source,
        dedup_key="disk",
        incident=incident,
        title="Disk full",
        started_at=NOON,
        last_seen_at=NOON,
    )
    IngestEvent.objects.create(
        source=source,
        received_at=NOON,
        payload={"a": 1},
        decisions=[{"outcome": "opened", "incident": incident.number}],
    )
    MaintenanceWindow.objects.create(
        service=service, starts_at=NOON, ends_at=NOON + timedelta(hours=1), reason="Patches"
    )
    Problem.objects.create(title=f"Cause {n}")
    review = Review.objects.create(incident=incident, summary="What happened.", written_by=agent)
    FollowUp.objects.create(review=review, text="Watch it", owner=agent, due_on="2026-04-01")
