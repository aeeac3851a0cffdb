"""Virtual time: acts are played in their order, clocks are noticed in between, everybody is told."""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from incidents import workflow
from incidents.enums import Via
from incidents.models import Clock, Incident, TimelineEntry
from incidents.policies import Actor
from incidents.sla.clocks import NOTICES, RELEVANT
from itsm.demo.catalogue import Catalogue
from itsm.demo.deliveries import PastDeliveries
from itsm.demo.old_desk import OldDesk
from itsm.demo.people import People

Act = Callable[[datetime], None]

MONITORING = Actor(None, Via.MONITORING)
SYSTEM = Actor(None, Via.SYSTEM)
#: The scan comes every minute; on average it is that late.
SCAN = timedelta(seconds=30)
MORNING, EVENING = 6, 18  # UTC: when somebody sits at the desk on working days
SATURDAY = 5


class Stage:
    """What is to come, as (time, order, act); and the incidents in play, one object each.

    Before `opens` it all happens at the old desk, which hands over what is left to do.
    """

    def __init__(self, now: datetime, rng: Random, people: People, catalogue: Catalogue, past: PastDeliveries, *, opens: datetime) -> None:  # fmt: skip
        self.now, self.opens, self.rng, self.people, self.catalogue = now, opens, rng, people, catalogue
        self._past, self._old_desk = past, OldDesk(opens.date())
        self._coming: list[tuple[datetime, int, Act]] = []
        self._thresholds: list[tuple[datetime, int, int]] = []
        self._expected: dict[int, datetime | None] = {}
        self._moved: set[int] = set()
        self._order = 0
        self._cast: dict[int, Incident] = {}
        self.later(opens, self._move_in)

    def later(self, at: datetime, act: Act) -> None:
        """What would happen after now does not happen."""
        if at <= self.now:
            heapq.heappush(self._coming, (at, self._order, act))
            self._order += 1

    def play(self, progress: Callable[[datetime], None]) -> None:
        while self._coming:
            at, _order, act = heapq.heappop(self._coming)
            self._notice(at)
            act(at)
            progress(at)
        self._notice(self.now)

    def _move_in(self, at: datetime) -> None:
        for incident in self._old_desk.hand_over(at):
            self._cast[incident.pk] = incident
            self._moved.add(incident.pk)

    def _notice(self, until: datetime) -> None:
        """The scan of each minute up to then. Moments that clocks have left meanwhile are passed over."""
        self._watch_clocks()
        while self._thresholds and self._thresholds[0][0] <= until - SCAN:
            moment, pk, incident = heapq.heappop(self._thresholds)
            if self._expected.get(pk) == moment:
                clock = Clock(pk=pk, incident=self._cast[incident])
                if entry := workflow.notice_clock(clock, at=moment + SCAN):
                    self.adopt(entry.incident)
                    self.told(entry)
                self._watch_clocks()

    def _watch_clocks(self) -> None:
        """Remember when the clocks that moved since the last look reach their next threshold."""
        if not self._moved:
            return
        clocks = Clock.objects.filter(incident__in=self._moved).values_list("notice_at", "pk", "incident")
        for moment, pk, incident in clocks:
            if moment is not None:
                moment = max(moment, self.opens)  # noqa: PLW2901 -- what was late already is noticed at once
            if moment is not None and moment <= self.now and self._expected.get(pk) != moment:
                heapq.heappush(self._thresholds, (moment, pk, incident))
            self._expected[pk] = moment
        self._moved.clear()

    def open(self, report: workflow.Report, *, actor: Actor, at: datetime, **more: Any) -> Incident:
        if at < self.opens:
            return self._old_desk.open(report, actor=actor, at=at)
        incident = workflow.open_incident(report, actor=actor, at=at, **more)
        self._cast[incident.pk] = incident
        self.told(incident.entries.get())
        return incident

    def adopt(self, incident: Incident) -> Incident:
        """Take one that another door has written; the object in play takes over its values."""
        known = self._cast.setdefault(incident.pk, incident)
        if known is not incident:
            vars(known).update(vars(incident))  # just read or written: as a refresh would leave it
        return known

    def is_at_old_desk(self, subject: Any) -> bool:
        """Its incidents get their keys when they are handed over."""
        return subject.pk is None

    def do(self, verb: Callable[..., TimelineEntry | None], subject: Any, *, actor: Actor, at: datetime, **more: object) -> None:  # fmt: skip
        if self.is_at_old_desk(subject):
            self._old_desk.do(verb, subject, actor=actor, at=at, **more)
        else:
            self.told(verb(subject, actor=actor, at=at, **more))

    def told(self, entry: TimelineEntry | None) -> None:
        if entry is not None:
            entry.incident = self._cast.get(entry.incident_id, entry.incident)
            self._past.add(entry)
            if entry.kind in NOTICES or not RELEVANT.isdisjoint(entry.changes):
                self._moved.add(entry.incident_id)

    def of(self, login: str) -> Actor:
        return Actor(self.people[login], Via.ADMIN)

    def hours(self, middle: float, spread: float = 0.7) -> timedelta:
        """A span around `middle` hours, skewed as waiting times are."""
        return timedelta(hours=min(self.rng.lognormvariate(0, spread) * middle, middle * 12))


def at_work(at: datetime) -> datetime:
    """The moment itself, or when the desk opens next: nobody does ordinary work at night."""
    while at.weekday() >= SATURDAY or at.hour >= EVENING:
        at = (at + timedelta(days=1)).replace(hour=0, minute=at.minute)
    if at.hour < MORNING:
        at = at.replace(hour=MORNING, minute=(at.minute * 7) % 50)
    return at
