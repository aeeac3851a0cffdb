"""How an ordinary incident goes: reported, sorted, worked on, solved, confirmed - or not."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.contrib.auth.models import User

from incidents import workflow
from incidents.enums import (
    ActionOutcome,
    Channel,
    EvidenceKind,
    HoldReason,
    Priority,
    Severity,
    State,
    Verdict,
    Via,
)
from incidents.models import Incident, Problem
from incidents.models.desk import CLOSE_AFTER_DAYS
from incidents.policies import Actor
from itsm.demo import files, stories
from itsm.demo.stage import SYSTEM, Stage, at_work
from itsm.demo.stories import Story

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidents.models import TimelineEntry

#: priority: hours until the desk looks, and until it is solved, in the middle
PACE = {1: (0.06, 1.3), 2: (0.12, 3.0), 3: (0.4, 7.0), 4: (0.8, 22.0), 5: (1.2, 44.0)}


@dataclass
class Case:
    """One incident on its way. Each method is an act at its time, and knows which come next."""

    stage: Stage
    story: Story
    requester: User
    office: str
    problem: Problem | None
    earlier: "dict[str, Case]" = field(default_factory=dict)

    incident: Incident = field(init=False)
    agent: Actor = field(init=False)

    # Reported

    def report(self, at: datetime) -> None:
        rng, story, catalogue = self.stage.rng, self.story, self.stage.catalogue
        channel = rng.choices((Channel.PORTAL, Channel.PHONE, Channel.EMAIL), (60, 22, 18))[0]
        by_phone = channel == Channel.PHONE
        actor = {
            Channel.PORTAL: Actor(self.requester, Via.PORTAL),
            Channel.EMAIL: Actor(self.requester, Via.MAIL),
        }.get(channel) or self.stage.of(rng.choice(("lena", "tomas")))
        title = rng.choice(story.titles).format(office=self.office, n=rng.randrange(1, 6))
        pictures = [files.screenshot(rng, "screen.png")] if not by_phone and rng.random() < 0.1 else []
        self.incident = self.stage.open(
            workflow.Report(
                title=title,
                description=story.details,
                requester=self.requester,
                channel=channel,
                impact=story.impact if rng.random() < 0.85 else 2,
                urgency=story.urgency if rng.random() < 0.85 else 2,
                service=catalogue.services[story.service],
                category=catalogue.categories[story.category] if by_phone else None,
                location=catalogue.offices[self.office],
                started_at=at - self.stage.hours(1.0) if rng.random() < 0.3 else None,
            ),
            actor=actor,
            at=at,
            attachments=pictures,
        )
        self._sort_out(at)

    def _sort_out(self, at: datetime) -> None:
        rng = self.stage.rng
        looked_at = self._soon(at, PACE[self.incident.priority][0])
        before = self.earlier.get(self.story.titles[0])
        if rng.random() < 0.03:
            self.stage.later(looked_at, self.withdraw)
        elif before and before.incident.is_open and rng.random() < 0.12:
            self.stage.later(looked_at, partial(self.join, before))
        else:
            self.stage.later(looked_at, self.take)
        self.earlier[self.story.titles[0]] = self

    def withdraw(self, at: datetime) -> None:
        self._act(workflow.cancel, Actor(self.requester, Via.PORTAL), at, reason="It works again, sorry.")

    def join(self, before: "Case", at: datetime) -> None:
        """A second report of the same: it joins the first, if that is still open."""
        if not before.incident.is_open or before.requester == self.requester:
            self.take(at)
            return
        tomas = self.stage.of("tomas")
        if self.stage.is_at_old_desk(self.incident):  # the old desk could not join them
            reason = f"Reported already as {before.incident.source_number}."
            self._act(workflow.cancel, tomas, at, reason=reason)
            return
        self._act(workflow.merge, tomas, at, into=before.incident)
        self.stage.told(before.incident.entries.order_by("-seq").first())

    # Worked on

    def take(self, at: datetime) -> None:
        """Category and item are set, somebody takes it; now and then it goes to another team first."""
        rng, catalogue = self.stage.rng, self.stage.catalogue
        dispatcher = self.stage.of(rng.choice(("lena", "tomas", "amara")))
        facts: dict[str, object] = {"category": catalogue.categories[self.story.category]}
        if self.story.item and rng.random() < 0.7:
            facts["configuration_item"] = catalogue.items[self.story.item]
        self._act(workflow.edit, dispatcher, at, changes=facts)
        if rng.random() < 0.12:
            self._act(
                workflow.assign,
                dispatcher,
                at + timedelta(minutes=1),
                team=catalogue.teams["Service desk"],
                assignee=dispatcher.user,
                note="Trying the usual first.",
            )
            self.stage.later(self._soon(at, 1.5), self.hand_over)
        else:
            self.stage.later(at + timedelta(minutes=rng.randrange(1, 5)), self.hand_over)

    def hand_over(self, at: datetime) -> None:
        rng = self.stage.rng
        team = self.stage.catalogue.services[self.story.service].team
        somebody = rng.choice(self.stage.people.members(team))
        self.agent = Actor(somebody, Via.ADMIN)
        self._act(workflow.assign, self.agent, at, team=team, assignee=somebody)
        self._enliven(at)
        self._plan_end(at)

    def _plan_end(self, at: datetime) -> None:
        rng = self.stage.rng
        middle = PACE[self.incident.priority][1]
        luck = rng.random()
        if luck < 0.17:
            self.stage.later(self._soon(at, middle / 3), self.ask)
        elif luck < 0.27:
            self.stage.later(self._soon(at, middle / 2), self.wait)
        elif luck < 0.36:  # nobody gets to it: late, and still there
            self.stage.later(self._soon(at, middle * 30), self.solve)
        else:
            self.stage.later(self._soon(at, middle), self.solve)

    def _enliven(self, at: datetime) -> None:
        """What may happen besides, while it is open."""
        rng = self.stage.rng
        for chance, middle, act in (
            (0.45, 0.5, self.note),
            (0.20, 1.5, self.nudge),
            (0.10, 1.0, self.gather),
            (0.05, 0.6, self.share),
            (0.04, 0.4, self.raise_urgency),
        ):
            if rng.random() < chance:
                self.stage.later(self._soon(at, middle), act)
        if self.incident.priority <= Priority.HIGH:
            self.stage.later(at + timedelta(minutes=4), self.assess)

    def note(self, at: datetime) -> None:
        if self.incident.is_open:
            self._act(workflow.note, self.agent, at, text=self.stage.rng.choice(stories.NOTES))

    def nudge(self, at: datetime) -> None:
        if self.incident.is_open:
            words = self.stage.rng.choice(stories.NUDGES)
            self._act(workflow.comment, Actor(self.requester, Via.MAIL), at, text=words)

    def gather(self, at: datetime) -> None:
        if not self.incident.is_open:
            return
        if self.stage.is_at_old_desk(self.incident):  # the old desk had notes only
            self._act(workflow.note, self.agent, at, text=self.story.finds)
            return
        host = self.story.item or "client"
        self._act(
            workflow.add_evidence,
            self.agent,
            at,
            kind=EvidenceKind.LOG,
            title=f"Log of {host}",
            source=host,
            content=files.log_excerpt(host, self.story.finds, at - timedelta(minutes=20)),
            covers_from=at - timedelta(minutes=20),
            covers_until=at - timedelta(minutes=5),
        )
        self._act(workflow.add_hypothesis, self.agent, at + timedelta(minutes=3), text=self.story.finds)
        guess = self.incident.hypotheses.latest("pk")
        guess.incident = self.incident
        verdict = self.stage.rng.choice((Verdict.CONFIRMED, Verdict.LIKELY, Verdict.REJECTED))
        self.stage.do(
            workflow.weigh_hypothesis, guess, actor=self.agent, at=at + timedelta(minutes=5), verdict=verdict
        )

    def share(self, at: datetime) -> None:
        colleague = self.stage.rng.choice(self.stage.people.by_office[self.office])
        if self.incident.is_open and colleague != self.requester:
            self._act(workflow.watch, self.agent, at, user=colleague)

    def raise_urgency(self, at: datetime) -> None:
        if self.incident.is_open:
            self._act(workflow.edit, self.agent, at, changes={"urgency": 1})

    def assess(self, at: datetime) -> None:
        if self.incident.is_open:
            level = Severity.SEV2 if self.incident.priority == Priority.CRITICAL else Severity.SEV3
            self._act(workflow.assess_severity, self.agent, at, severity=level)

    # Waiting

    def ask(self, at: datetime) -> None:
        if self.incident.state == State.IN_PROGRESS:
            self._act(workflow.hold, self.agent, at, reason=HoldReason.CALLER, note=self.story.asks)
            if self.stage.rng.random() < 0.93:
                self.stage.later(self._soon(at, 5.0), self.answer)

    def answer(self, at: datetime) -> None:
        if self.incident.is_open:
            words = self.stage.rng.choice(stories.ANSWERS)
            pictures = [files.screenshot(self.stage.rng, "what-i-see.png")] if "picture" in words else []
            requester = Actor(self.requester, Via.PORTAL)
            self._act(workflow.comment, requester, at, text=words, attachments=pictures)
            self.stage.later(self._soon(at, PACE[self.incident.priority][1] / 2), self.solve)

    def wait(self, at: datetime) -> None:
        if self.incident.state != State.IN_PROGRESS:
            return
        reason = (
            HoldReason.PROBLEM
            if self.problem
            else self.stage.rng.choice((HoldReason.VENDOR, HoldReason.CHANGE))
        )
        words = {
            HoldReason.PROBLEM: "Waits for the removal of the cause.",
            HoldReason.VENDOR: f"Vendor case 88-{self.stage.rng.randrange(10_000, 99_999)}",
            HoldReason.CHANGE: f"CHG000{self.stage.rng.randrange(9000, 9999)} on Thursday",
        }
        self._act(workflow.hold, self.agent, at, reason=reason, note=words[reason])
        self.stage.later(self._soon(at, 110.0), self.go_on)

    def go_on(self, at: datetime) -> None:
        if self.incident.state == State.ON_HOLD:
            self._act(workflow.resume, self.agent, at)
            self.stage.later(self._soon(at, 4.0), self.solve)

    # Over

    def solve(self, at: datetime) -> None:
        if not self.incident.is_open:
            return
        story, rng = self.story, self.stage.rng
        if rng.random() < 0.6:
            self._act(
                workflow.record_action,
                self.agent,
                at,
                kind=story.does,
                summary=story.did,
                outcome=ActionOutcome.SUCCEEDED,
                tell=rng.random() < 0.25,
            )
        if self.problem and rng.random() < 0.6:
            self._act(workflow.link_problem, self.agent, at + timedelta(minutes=1), problem=self.problem)
        at += timedelta(minutes=3)
        self._act(workflow.resolve, self.agent, at, code=story.code, text=story.tells)
        again = self.incident.reopen_count == 0 and rng.random() < 0.07
        self.stage.later(*((self._soon(at, 12.0), self.come_back) if again else self._farewell(at)))

    def _farewell(self, at: datetime) -> "tuple[datetime, Callable[[datetime], None]]":
        if self.stage.rng.random() < 0.55:
            return self._soon(at, 9.0), self.confirm
        silence = timedelta(days=CLOSE_AFTER_DAYS, minutes=self.stage.rng.randrange(60))
        return at + silence, self.expire

    def come_back(self, at: datetime) -> None:
        words = self.stage.rng.choice(stories.REOPENS)
        self._act(workflow.reopen, Actor(self.requester, Via.PORTAL), at, text=words)
        self.stage.later(self._soon(at, PACE[self.incident.priority][1]), self.solve)

    def confirm(self, at: datetime) -> None:
        words = self.stage.rng.choice(stories.THANKS) if self.stage.rng.random() < 0.3 else ""
        self._act(workflow.close, Actor(self.requester, Via.PORTAL), at + timedelta(minutes=1), note=words)

    def expire(self, at: datetime) -> None:
        self._act(workflow.close, SYSTEM, at)

    def _act(self, verb: "Callable[..., TimelineEntry | None]", actor: Actor, at: datetime, **more: object) -> None:  # fmt: skip
        self.stage.do(verb, self.incident, actor=actor, at=min(at, self.stage.now), **more)

    def _soon(self, at: datetime, middle: float) -> datetime:
        """Some hours later; at a time when somebody works, unless it is urgent."""
        moment = at + self.stage.hours(middle)
        return moment if self.incident.priority == Priority.CRITICAL else at_work(moment)
