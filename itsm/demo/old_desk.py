"""The desk that Nordwerk had before: the same acts, kept as moments and taken over all at once."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Model

from incidents import workflow
from incidents.enums import LIVE_STATES, EntryKind, HoldReason, State
from incidents.models import Incident
from incidents.policies import Actor
from incidents.sla.policy import load_policy_book
from incidents.workflow import persist
from incidents.workflow.closing import reopening
from incidents.workflow.handling import acknowledgement
from incidents.workflow.history import History, Moment, record_history
from incidents.workflow.priority import matrix_on, with_priority

SOURCE_NAME = "Old desk"
FIRST_NUMBER = 48_211


class Step(NamedTuple):
    """What a verb leaves."""

    kind: EntryKind
    changes: Mapping[str, object]
    text: str = ""
    data: Mapping[str, object] = {}


class OldDesk:
    """Takes the verbs of the cast until the new desk opens. It knew no files, watchers or evidence."""

    def __init__(self, day: date) -> None:
        self._incidents: dict[str, Incident] = {}
        self._moments: dict[str, list[Moment]] = {}
        self._matrix = matrix_on(day)

    def open(self, report: workflow.Report, *, actor: Actor, at: datetime) -> Incident:
        number = f"T-{FIRST_NUMBER + len(self._incidents)}"
        incident = self._incidents[number] = Incident(source_name=SOURCE_NAME, source_number=number)
        opened = {
            "title": report.title,
            "description": report.description,
            "channel": report.channel,
            "requester": report.requester,
            "opened_by": actor.user,
            "impact": report.impact,
            "urgency": report.urgency,
            "priority": self._matrix[report.impact, report.urgency],
            "service": report.service,
            "category": report.category,
            "configuration_item": report.configuration_item,
            "location": report.location,
            "team": report.service and report.service.team,
            "started_at": report.started_at,
            "opened_at": at,
        }
        self._moments[number] = []
        self._write(incident, Step(EntryKind.OPENED, opened, report.description), actor, at)
        return incident

    def do(self, verb: Callable[..., object], incident: Incident, *, actor: Actor, at: datetime, **more: object) -> None:  # fmt: skip
        if step := STEPS[verb](incident, actor, at, **more):
            self._write(incident, step, actor, at)

    def _write(self, incident: Incident, step: Step, actor: Actor, at: datetime) -> None:
        for name, value in step.changes.items():
            setattr(incident, name, value)
        values = {
            name: value.pk if isinstance(value, Model) else value for name, value in step.changes.items()
        }
        moment = Moment(at, step.kind, actor.user, values, step.text, step.data)
        self._moments[incident.source_number].append(moment)

    def hand_over(self, at: datetime) -> list[Incident]:
        """Write everything; the incidents become those of the database. Returns what may still move."""
        histories = (History(SOURCE_NAME, number, moments) for number, moments in self._moments.items())
        record_history(histories, at=at, book=load_policy_book())
        for row in Incident.objects.filter(source_name=SOURCE_NAME):
            vars(self._incidents[row.source_number]).update(vars(row))
        return [known for known in self._incidents.values() if known.state in LIVE_STATES]


# What each verb leaves, without its checks and its queries.


def _edit(incident: Incident, _actor: Actor, _at: datetime, *, changes: Mapping[str, object]) -> Step | None:
    wanted = with_priority(incident, changes)
    return Step(EntryKind.EDITED, wanted) if persist.differing(incident, wanted) else None


def _assign(incident: Incident, actor: Actor, at: datetime, *, team: Any, assignee: object, note: str = "") -> Step | None:  # fmt: skip
    changes = {"team": team, "assignee": assignee}
    if not persist.differing(incident, changes):
        return None
    if incident.team_id not in {None, team.pk}:
        changes["reassignment_count"] = incident.reassignment_count + 1
    if incident.first_assigned_at is None:
        changes["first_assigned_at"] = at
    if incident.state == State.NEW:
        changes["state"] = State.IN_PROGRESS
    changes |= acknowledgement(incident, actor, at)
    return Step(EntryKind.ASSIGNED, changes, data={"note": note} if note else {})


def _note(_incident: Incident, _actor: Actor, _at: datetime, *, text: str) -> Step:
    return Step(EntryKind.NOTED, {}, text)


def _action(_incident: Incident, _actor: Actor, _at: datetime, *, summary: str, **_more: object) -> Step:
    return Step(EntryKind.NOTED, {}, summary)


def _comment(
    incident: Incident,
    _actor: Actor,
    _at: datetime,
    *,
    text: str,
    attachments: object = (),  # noqa: ARG001 -- files were not taken over
) -> Step:
    waited = incident.state == State.ON_HOLD and incident.hold_reason == HoldReason.CALLER
    changes = {"state": State.IN_PROGRESS, "hold_reason": ""} if waited else {}
    return Step(EntryKind.COMMENTED, changes, text)


def _assess(_incident: Incident, _actor: Actor, _at: datetime, *, severity: int) -> Step:
    return Step(EntryKind.SEVERITY_ASSESSED, {"severity": severity})


def _link_problem(_incident: Incident, _actor: Actor, _at: datetime, *, problem: Any) -> Step:
    return Step(EntryKind.LINKED, {"problem": problem}, data={"problem": problem.number})


def _hold(incident: Incident, actor: Actor, at: datetime, *, reason: HoldReason, note: str) -> Step:
    asks = reason == HoldReason.CALLER
    changes = {"state": State.ON_HOLD, "hold_reason": reason, **acknowledgement(incident, actor, at)}
    return Step(EntryKind.HELD, changes, note if asks else "", {} if asks else {"note": note})


def _resume(_incident: Incident, _actor: Actor, _at: datetime) -> Step:
    return Step(EntryKind.RESUMED, {"state": State.IN_PROGRESS, "hold_reason": ""})


def _resolve(incident: Incident, actor: Actor, at: datetime, *, code: str, text: str) -> Step:
    changes = {
        "state": State.RESOLVED,
        "hold_reason": "",
        "resolution_code": code,
        "resolution": text,
        "resolved_at": at,
        **acknowledgement(incident, actor, at),
    }
    return Step(EntryKind.RESOLVED, changes, text)


def _reopen(incident: Incident, _actor: Actor, _at: datetime, *, text: str) -> Step:
    return Step(EntryKind.REOPENED, reopening(incident), text)


def _close(_incident: Incident, _actor: Actor, at: datetime, *, note: str = "") -> Step:
    return Step(EntryKind.CLOSED, {"state": State.CLOSED, "closed_at": at}, note)


def _cancel(_incident: Incident, _actor: Actor, at: datetime, *, reason: str) -> Step:
    changes = {"state": State.CANCELLED, "hold_reason": "", "closed_at": at}
    return Step(EntryKind.CANCELLED, changes, reason)


def _nothing(*_args: object, **_more: object) -> None:
    return None


STEPS: dict[Callable[..., object], Callable[..., Step | None]] = {
    workflow.edit: _edit,
    workflow.assign: _assign,
    workflow.note: _note,
    workflow.record_action: _action,
    workflow.comment: _comment,
    workflow.watch: _nothing,
    workflow.assess_severity: _assess,
    workflow.link_problem: _link_problem,
    workflow.hold: _hold,
    workflow.resume: _resume,
    workflow.resolve: _resolve,
    workflow.reopen: _reopen,
    workflow.close: _close,
    workflow.cancel: _cancel,
}
