"""The demo's old desk leaves what the verbs leave; the verbs themselves are the witness."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from incidents import timeline, workflow
from incidents.enums import ActionKind, ActionOutcome, Channel, EntryKind, HoldReason, ResolutionCode, Via
from incidents.models import Incident, Problem, Service, Team, TimelineEntry
from incidents.policies import Actor
from itsm.demo.old_desk import STEPS, OldDesk

AT = datetime(2026, 9, 7, 9, tzinfo=UTC)
OF_THE_IMPORT = {"source_name", "source_number"}
Act = tuple[Callable[..., Any], Actor, dict[str, Any]]


@pytest.fixture
def acts(alice: User, bob: User, carol: User, network: Team, workplace: Team, vpn: Service) -> list[Act]:
    """A long life: moved, held, answered, solved, reopened, closed."""
    restart = {"kind": ActionKind.RESTART, "summary": "Restarted.", "outcome": ActionOutcome.SUCCEEDED}
    desk, other, requester = Actor(alice, Via.ADMIN), Actor(bob, Via.ADMIN), Actor(carol, Via.PORTAL)
    return [
        (workflow.edit, desk, {"changes": {"urgency": 1}}),
        (workflow.edit, desk, {"changes": {"urgency": 1}}),  # changes nothing
        (workflow.assign, desk, {"team": workplace, "assignee": bob, "note": "Yours?"}),
        (workflow.assign, other, {"team": network, "assignee": alice}),
        (workflow.note, desk, {"text": "Same as last week."}),
        (workflow.hold, desk, {"reason": HoldReason.CALLER, "note": "Which provider?"}),
        (workflow.comment, requester, {"text": "The usual one."}),
        (workflow.hold, desk, {"reason": HoldReason.VENDOR, "note": "Case 88"}),
        (workflow.resume, desk, {}),
        (workflow.assess_severity, desk, {"severity": 3}),
        (workflow.record_action, desk, restart),
        (workflow.link_problem, desk, {"problem": Problem.objects.create(title="Firmware")}),
        (workflow.watch, desk, {"user": bob}),
        (workflow.resolve, desk, {"code": ResolutionCode.FIXED, "text": "It works."}),
        (workflow.reopen, requester, {"text": "It does not."}),
        (workflow.resolve, desk, {"code": ResolutionCode.WORKAROUND, "text": "Now it does."}),
        (workflow.close, requester, {"note": "Thanks."}),
    ]


def played(report: workflow.Report, actor: Actor, acts: list[Act]) -> Incident:
    incident = workflow.open_incident(report, actor=actor, at=AT)
    for hour, (verb, who, more) in enumerate(acts, start=1):
        verb(incident, actor=who, at=AT + timedelta(hours=hour), **more)
    return incident


def taken_over(report: workflow.Report, actor: Actor, acts: list[Act]) -> Incident:
    desk = OldDesk(AT.date())
    incident = desk.open(report, actor=actor, at=AT)
    for hour, (verb, who, more) in enumerate(acts, start=1):
        desk.do(verb, incident, actor=who, at=AT + timedelta(hours=hour), **more)
    desk.hand_over(AT + timedelta(days=2))
    return incident


def row(incident: Incident) -> dict[str, Any]:
    return {name: value for name, value in timeline.row_values(incident).items() if name not in OF_THE_IMPORT}


def told(incident: Incident) -> list[tuple[Any, ...]]:
    """What the entries say, but for what the old desk kept as a note or did not know."""
    entries = TimelineEntry.objects.filter(incident=incident).exclude(kind=EntryKind.WATCHER_ADDED)
    return [
        (
            EntryKind.NOTED if entry.kind == EntryKind.ACTION_TAKEN else entry.kind,
            entry.visibility,
            entry.at,
            entry.actor_id,
            entry.text,
            {name: change for name, change in entry.changes.items() if name not in OF_THE_IMPORT},
            entry.data.get("note"),
        )
        for entry in entries.order_by("seq")
    ]


def report_by(carol: User, vpn: Service) -> workflow.Report:
    return workflow.Report(
        title="No VPN",
        description="Since this morning.",
        channel=Channel.PORTAL,
        requester=carol,
        service=vpn,
        impact=3,
        urgency=2,
    )


def test_old_desk_leaves_what_the_verbs_leave(acts: list[Act], carol: User, vpn: Service) -> None:
    report, actor = report_by(carol, vpn), Actor(carol, Via.PORTAL)

    here, there = played(report, actor, acts), taken_over(report, actor, acts)

    assert row(there) == row(here)
    assert told(there) == told(here)


def test_old_desk_cancels_as_the_verb_does(carol: User, vpn: Service) -> None:
    report, actor = report_by(carol, vpn), Actor(carol, Via.PORTAL)
    acts: list[Act] = [(workflow.cancel, actor, {"reason": "It works again."})]

    here, there = played(report, actor, acts), taken_over(report, actor, acts)

    assert row(there) == row(here)
    assert told(there) == told(here)


def test_every_verb_of_the_old_desk_is_compared(acts: list[Act]) -> None:
    assert {verb for verb, _actor, _more in acts} | {workflow.cancel} == set(STEPS)


def test_old_desk_hands_over_what_may_still_move(acts: list[Act], carol: User, vpn: Service) -> None:
    desk, actor = OldDesk(AT.date()), Actor(carol, Via.PORTAL)
    waiting, dropped = (desk.open(report_by(carol, vpn), actor=actor, at=AT) for _ in range(2))
    desk.do(workflow.cancel, dropped, actor=actor, at=AT + timedelta(hours=1), reason="It works again.")

    moving = desk.hand_over(AT + timedelta(days=1))

    assert moving == [waiting]
    assert workflow.comment(waiting, actor=actor, at=AT + timedelta(days=1), text="Any news?").seq == 2
