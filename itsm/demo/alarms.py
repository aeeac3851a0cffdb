"""What monitoring sends, by its own door: the conditions fire, repeat, and end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.contrib.auth.models import User

from incidents import workflow
from incidents.enums import ActionKind, ActionOutcome, Channel, ResolutionCode, State, Via
from incidents.ingest.receiving import receive
from incidents.ingest.severity import GRADES, weigh
from incidents.models import Incident, Source, hash_of_key
from incidents.models.desk import CLOSE_AFTER_DAYS
from incidents.parsers.registry import SourceKind
from incidents.policies import Actor
from itsm.demo.catalogue import Catalogue
from itsm.demo.stage import MONITORING, SYSTEM, Stage, at_work

EXPLAINED = "threshold passed for 10 minutes."
#: Keys are thrown away: whoever wants to try a source makes a new key in the admin.
SOURCES = (
    ("Alertmanager Hamburg", SourceKind.ALERTMANAGER, "Platform"),
    ("Plant sensors", SourceKind.GENERIC, "Field service"),
)


def make_sources(catalogue: Catalogue, secret: str) -> Source:
    """The first of them is the one that speaks."""
    sources = [
        Source.objects.create(
            name=name, kind=kind, team=catalogue.teams[team], key_hash=hash_of_key(f"{secret}{name}")
        )
        for name, kind, team in SOURCES
    ]
    return sources[0]


@dataclass
class Alarm:
    stage: Stage
    source: Source
    service: str
    item: str
    title: str
    ends: str
    begun: datetime

    def __post_init__(self) -> None:
        self.incident: Incident | None = None
        self.stage.later(self.begun, self.fire)

    def fire(self, at: datetime) -> None:
        rng = self.stage.rng
        unseen = rng.random() < 0.3  # over before anybody looks
        over = at + timedelta(minutes=6 if unseen else rng.randrange(25, 160))
        self._send("firing", at)
        for repeat in range(1, rng.randrange(2, 6)):
            if (again := at + timedelta(minutes=10 * repeat)) < over:
                self.stage.later(again, partial(self._send, "firing"))
        self.stage.later(over, partial(self._send, "resolved"))
        if unseen:
            self.stage.later(over + timedelta(days=CLOSE_AFTER_DAYS), self.expire)
            return
        self.stage.later(at + timedelta(minutes=rng.randrange(7, 12)), self.take)
        self.stage.later(over + timedelta(minutes=9), self.solve)

    def _send(self, status: str, at: datetime) -> None:
        if self.begun < self.stage.opens:
            self._mail(status, at)
            return
        seen = self.incident.version if self.incident else 0
        decided = receive(self._body(status, at), source=self.source, headers={}, at=at).decisions
        number = decided[0]["incident"]
        if number is None:
            return
        self.incident = self.stage.adopt(Incident.objects.with_number(number).get())
        for entry in self.incident.entries.filter(seq__gt=seen).order_by("seq"):
            self.stage.told(entry)

    def _mail(self, status: str, at: datetime) -> None:
        """The old desk had no door for monitoring: an incident was made of each first mail, by a rule."""
        if self.incident is None:
            impact, urgency = GRADES[weigh(self._severity)]
            report = workflow.Report(
                title=self.title,
                description=f"{self.item}: {EXPLAINED}",
                channel=Channel.MONITORING,
                impact=impact,
                urgency=urgency,
                service=self.stage.catalogue.services[self.service],
                configuration_item=self.stage.catalogue.items[self.item],
                started_at=at,
            )
            self.incident = self.stage.open(report, actor=MONITORING, at=at)
        elif status == "resolved" and self.incident.state == State.NEW:
            code, text = ResolutionCode.RECOVERED, f"Monitoring reports that “{self.title}” is over."
            self.stage.do(workflow.resolve, self.incident, actor=MONITORING, at=at, code=code, text=text)

    @property
    def _severity(self) -> str:
        return "critical" if "95" in self.title else "warning"

    def _body(self, status: str, at: datetime) -> Mapping[str, object]:
        alert = {
            "status": status,
            "fingerprint": f"{self.item}-{self.begun:%Y%m%d%H%M}",
            "startsAt": self.begun.isoformat(),
            "endsAt": at.isoformat(),
            "labels": {
                "alertname": self.title,
                "severity": self._severity,
                "instance": self.item,
                "service": self.service,
            },
            "annotations": {"description": f"{self.item}: {EXPLAINED}"},
        }
        return {"version": "4", "status": status, "alerts": [alert]}

    def take(self, at: datetime) -> None:
        team = self.stage.catalogue.services[self.service].team
        agent = self._agent()
        if self.incident and self.incident.is_open:
            self.stage.do(
                workflow.assign,
                self.incident,
                actor=Actor(agent, Via.ADMIN),
                at=at,
                team=team,
                assignee=agent,
            )

    def solve(self, at: datetime) -> None:
        if not (self.incident and self.incident.is_open):
            return
        actor = Actor(self._agent(), Via.ADMIN)
        self.stage.do(
            workflow.record_action,
            self.incident,
            actor=actor,
            at=at,
            kind=ActionKind.RESTART,
            summary=self.ends,
            outcome=ActionOutcome.SUCCEEDED,
            configuration_item=self.stage.catalogue.items[self.item],
        )
        self.stage.do(
            workflow.resolve, self.incident, actor=actor, at=at, code=ResolutionCode.FIXED, text=self.ends
        )
        self.stage.later(at_work(at + timedelta(days=CLOSE_AFTER_DAYS)), self.expire)

    def expire(self, at: datetime) -> None:
        if self.incident and self.incident.state == "resolved":
            self.stage.do(workflow.close, self.incident, actor=SYSTEM, at=at)

    def _agent(self) -> User:
        return self.stage.people.members(self.stage.catalogue.services[self.service].team)[0]
