"""Many believable incidents in little time: whole histories, written as the importer writes them."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from django.contrib.auth.models import Group, User

from incidents.enums import Channel, EntryKind, HoldReason, ResolutionCode, State
from incidents.models import Category, Service, Team
from incidents.sla.policy import load_policy_book
from incidents.workflow.history import History, Moment, record_history

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
SPAN = timedelta(days=730)
WORDS = (
    *("printer", "vpn", "mail", "login", "screen", "slow", "error", "network", "disk", "license", "outlook"),
    *("teams", "phone", "password", "access", "report", "backup", "server", "update", "laptop", "dock"),
    *("wifi", "scanner", "invoice", "export", "database", "certificate", "gateway"),
)
BATCH = 1000


class Company:
    """People and catalogue that the incidents refer to."""

    def __init__(self) -> None:
        self.teams = [Team.objects.create(name=f"Team {n}") for n in range(8)]
        self.services = [
            Service.objects.create(name=f"Service {n}", team=self.teams[n % 8]) for n in range(20)
        ]
        self.categories = [Category.objects.create(name=f"Category {n}") for n in range(12)]
        self.agents = [
            User.objects.create(username=f"agent{n}", is_staff=True, email=f"agent{n}@example.com")
            for n in range(12)
        ]
        for n, agent in enumerate(self.agents):
            agent.groups.add(Group.objects.get(name="Agent"))
            self.teams[n % 8].members.add(agent)
        self.requesters = User.objects.bulk_create(
            User(username=f"person{n}", first_name=f"Person {n}", email=f"person{n}@example.com")
            for n in range(500)
        )


def histories(company: Company, *, first: int, rng: random.Random) -> Iterator[History]:
    """An endless stream: 84 % closed, the rest resolved, held, in progress or new."""
    number = first
    while True:
        yield History("benchmark", f"B{number}", list(_moments(company, rng)))
        number += 1


def _moments(company: Company, rng: random.Random) -> Iterator[Moment]:
    opened = NOW - SPAN * rng.random()
    agent, requester = rng.choice(company.agents), rng.choice(company.requesters)
    service = rng.choices(company.services, weights=range(20, 0, -1))[0]
    title = " ".join(rng.choices(WORDS, weights=[1 / (n + 1) for n in range(len(WORDS))], k=6))
    yield Moment(
        opened,
        EntryKind.OPENED,
        requester,
        {
            "title": title.capitalize(),
            "description": " ".join(rng.choices(WORDS, k=40)),
            "channel": Channel.PORTAL,
            "requester": requester.pk,
            "opened_by": requester.pk,
            "opened_at": opened,
            "service": service.pk,
            "team": service.team_id,
            "category": rng.choice(company.categories).pk,
        },
    )
    end = rng.random()
    if end > 0.98:
        return
    seen = opened + timedelta(minutes=rng.lognormvariate(3, 1))
    taken = {
        "assignee": agent.pk,
        "state": State.IN_PROGRESS,
        "acknowledged_at": seen,
        "first_assigned_at": seen,
    }
    yield Moment(seen, EntryKind.ASSIGNED, agent, taken)
    if end > 0.95:
        return
    if end > 0.92:
        held = {"state": State.ON_HOLD, "hold_reason": HoldReason.VENDOR}
        yield Moment(seen + timedelta(minutes=5), EntryKind.HELD, agent, held)
        return
    done = seen + timedelta(minutes=rng.lognormvariate(6, 1.5))
    fixed = {
        "state": State.RESOLVED,
        "resolved_at": done,
        "resolution_code": ResolutionCode.FIXED,
        "resolution": "Done",
    }
    yield Moment(done, EntryKind.RESOLVED, agent, fixed, text="Done")
    if end < 0.84:
        closed = done + timedelta(days=5)
        yield Moment(closed, EntryKind.CLOSED, None, {"state": State.CLOSED, "closed_at": closed})


def seed(company: Company, count: int, *, first: int = 0) -> None:
    """Add `count` incidents. The same numbers give the same incidents."""
    book = load_policy_book()
    stream = islice(histories(company, first=first, rng=random.Random(first)), count)  # noqa: S311 -- repeatable
    while batch := list(islice(stream, BATCH)):
        record_history(batch, at=NOW, book=book)
