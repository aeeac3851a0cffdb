"""While it is being worked on: acknowledged, assigned, held, resumed, edited."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum, auto
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from incidents import limits, policies
from incidents.enums import (
    OPEN_STATES,
    EntryKind,
    HoldReason,
    Impact,
    Priority,
    State,
    Urgency,
    Verb,
    Visibility,
)
from incidents.errors import Invalid
from incidents.lines import one_line
from incidents.models import Incident, Team, TimelineEntry
from incidents.policies import Actor
from incidents.workflow import owning, persist, transitions
from incidents.workflow.accepting import accept
from incidents.workflow.family import NOBODY, along
from incidents.workflow.priority import priority_for, with_priority
from incidents.workflow.sight import check_may_show
from itsm.ui.names import person_name

#: What `edit` may change. Everything else has a verb of its own.
EDITABLE = frozenset(
    {
        "title",
        "description",
        "impact",
        "urgency",
        "service",
        "category",
        "configuration_item",
        "location",
        "requester",
        "is_confidential",
        "started_at",
        "detected_at",
    }
)

#: What decides whose work it is when nobody was named.
OWNED_BY = frozenset({"service", "category", "location"})


class Unchanged(Enum):
    """What was not said: neither a value nor None, which takes away."""

    UNCHANGED = auto()


UNCHANGED: Final = Unchanged.UNCHANGED


def acknowledgement(incident: Incident, actor: Actor, at: datetime) -> dict[str, object]:
    """The change that marks the desk's first move; empty if it made one before, or a machine moves."""
    return {} if incident.acknowledged_at or actor.is_system else {"acknowledged_at": at}


@transaction.atomic
def acknowledge(incident: Incident, *, actor: Actor, at: datetime) -> TimelineEntry:
    """The desk has seen it and starts: new to in progress. The acknowledge clock stops."""
    transitions.check(incident, Verb.ACKNOWLEDGE, actor)
    return persist.write(
        incident,
        kind=EntryKind.ACKNOWLEDGED,
        actor=actor,
        at=at,
        changes={"state": State.IN_PROGRESS, "acknowledged_at": incident.acknowledged_at or at},
        visibility=Visibility.PUBLIC,
    )


@transaction.atomic
def assign(
    incident: Incident,
    *,
    actor: Actor,
    at: datetime,
    team: Team | Unchanged | None = UNCHANGED,
    assignee: User | Unchanged | None = UNCHANGED,
    note: str = "",
) -> TimelineEntry | None:
    """Hand over to a team, a person or both; None takes away, and what is not said stays.

    A person stays only with a team that has them: else nobody is assigned, and the entry says whom
    that concerned. A new incident with an assignee starts. A move between teams counts.
    """
    transitions.check(incident, Verb.ASSIGN, actor)
    accept(Verb.ASSIGN, {"note": note}, at=at)
    to_team = incident.team if isinstance(team, Unchanged) else team
    dropped: User | None = None
    if isinstance(assignee, Unchanged):
        person = incident.assignee
        if person and to_team and to_team != incident.team and not _has_member(to_team, person):
            person, dropped = None, person
    else:
        person = assignee
        _check_assignee(to_team, person)
    changes: dict[str, object] = {"team": to_team, "assignee": person}
    if not persist.differing(incident, changes):
        return None
    check_may_show(incident, actor)
    if to_team is not None and incident.team_id not in {None, to_team.pk}:
        changes["reassignment_count"] = incident.reassignment_count + 1
    if person is not None and incident.first_assigned_at is None:
        changes["first_assigned_at"] = at
    starts = person is not None and incident.state == State.NEW
    if starts:
        changes["state"] = State.IN_PROGRESS
    if person is not None:  # also in one that fires again before anybody saw it
        changes |= acknowledgement(incident, actor, at)
    return persist.write(
        incident,
        kind=EntryKind.ASSIGNED,
        actor=actor,
        at=at,
        changes=changes,
        visibility=Visibility.PUBLIC if starts else Visibility.INTERNAL,
        data={**({"note": note} if note else {}), **({"not_in_team": dropped.pk} if dropped else {})},
    )


def _check_assignee(team: Team | None, assignee: User | None) -> None:
    if assignee is None:
        return
    name = person_name(assignee)
    if not policies.is_agent(assignee):
        message = _("%(name)s is not an agent. Choose somebody who works incidents.")
        raise Invalid({"assignee": message % {"name": name}})
    if team is not None and not _has_member(team, assignee):
        message = _("%(name)s is not in %(team)s. Choose a member, or another team.")
        raise Invalid({"assignee": message % {"name": name, "team": team.name}})


def _has_member(team: Team, person: User) -> bool:
    return team.members.filter(pk=person.pk).exists()


@transaction.atomic
def hold(
    incident: Incident, *, actor: Actor, at: datetime, reason: HoldReason, note: str = ""
) -> TimelineEntry:
    """Wait for somebody else; the resolve clock pauses. Waiting for the requester asks them in public.

    Children are held along, except when it is the requester who is waited for.
    """
    transitions.check(incident, Verb.HOLD, actor)
    accept(Verb.HOLD, {"reason": reason, "note": note}, at=at)
    asks = reason == HoldReason.CALLER
    if asks and not note.strip():
        raise Invalid({"note": _("Write what you need to know; the requester reads it.")})
    family = along(incident, Verb.HOLD, actor) if not asks else NOBODY
    entry = persist.write(
        incident,
        kind=EntryKind.HELD,
        actor=actor,
        at=at,
        changes={
            "state": State.ON_HOLD,
            "hold_reason": HoldReason(reason),
            **acknowledgement(incident, actor, at),
        },
        text=note if asks else "",
        visibility=Visibility.PUBLIC,
        data={**({"note": note} if note and not asks else {}), **family.told()},
    )
    for child in family.children:
        hold(child, actor=actor, at=at, reason=reason, note=note)
    return entry


@transaction.atomic
def resume(incident: Incident, *, actor: Actor, at: datetime, note: str = "") -> TimelineEntry:
    """Go on after a hold. Children go on as well."""
    transitions.check(incident, Verb.RESUME, actor)
    accept(Verb.RESUME, {"note": note}, at=at)
    family = along(incident, Verb.RESUME, actor)
    entry = persist.write(
        incident,
        kind=EntryKind.RESUMED,
        actor=actor,
        at=at,
        changes={"state": State.IN_PROGRESS, "hold_reason": ""},
        visibility=Visibility.PUBLIC,
        data={**({"note": note} if note else {}), **family.told()},
    )
    for child in family.children:
        resume(child, actor=actor, at=at, note=note)
    return entry


@transaction.atomic
def mitigate(
    incident: Incident, *, actor: Actor, at: datetime, mitigated_at: datetime | None = None, note: str = ""
) -> TimelineEntry:
    """Service is back though the cause may still be open. A time, not a state; `note` is public."""
    transitions.check(incident, Verb.MITIGATE, actor)
    accept(Verb.MITIGATE, {"mitigated_at": mitigated_at}, at=at)
    back_at = mitigated_at or at
    return persist.write(
        incident,
        kind=EntryKind.MITIGATED,
        actor=actor,
        at=at,
        changes={"mitigated_at": back_at, **acknowledgement(incident, actor, at)},
        text=note,
        visibility=Visibility.PUBLIC,
    )


@transaction.atomic
def edit(
    incident: Incident, *, actor: Actor, at: datetime, changes: Mapping[str, object]
) -> TimelineEntry | None:
    """Correct what is known (fields of `EDITABLE`). Impact and urgency bring their priority along.

    Values are the field's own: rows for relations, enum values for choices. What lies with nobody goes
    to the team that looks after it as it stands corrected, as an entry of its own. Raises Invalid.
    """
    transitions.check(incident, Verb.EDIT, actor)
    if unknown := set(changes) - EDITABLE:
        raise Invalid(dict.fromkeys(sorted(unknown), _("This cannot be edited.")))
    wanted = dict(changes)
    _check_edit(wanted, at)
    wanted = with_priority(incident, wanted)
    differing = persist.differing(incident, wanted)
    if not differing:
        return None
    if not {"requester", "is_confidential"}.isdisjoint(differing):
        check_may_show(incident, actor)
    entry = persist.write(incident, kind=EntryKind.EDITED, actor=actor, at=at, changes=wanted)
    if not OWNED_BY.isdisjoint(entry.changes):
        _find_hands(incident, actor, at)
    return entry


def _find_hands(incident: Incident, actor: Actor, at: datetime) -> None:
    """A team that was named, by a person or by what was known before, keeps its work. Raises NotAllowed."""
    if incident.state not in OPEN_STATES or not owning.lies_with_nobody(incident):
        return
    team = owning.team_for(incident)
    if team is None:
        return
    check_may_show(incident, actor)
    moves = incident.team_id is not None
    persist.write(
        incident,
        kind=EntryKind.ASSIGNED,
        actor=actor,
        at=at,
        changes={"team": team, "reassignment_count": incident.reassignment_count + moves},
    )


def _check_edit(wanted: dict[str, Any], at: datetime) -> None:
    if "title" in wanted:
        wanted["title"] = one_line(wanted["title"])
        if not 0 < len(wanted["title"]) <= limits.LINE:
            message = _("Say in one line of at most %(limit)d characters what is wrong.")
            raise Invalid({"title": message % {"limit": limits.LINE}})
        persist.clean_text("title", wanted["title"])
    if "description" in wanted:
        persist.clean_text("description", wanted["description"])
    for name, choices in (("impact", Impact), ("urgency", Urgency)):
        if name in wanted and wanted[name] not in choices.values:
            raise Invalid({name: _("Choose one of the values offered.")})
    for name in ("started_at", "detected_at"):
        if wanted.get(name) and wanted[name] > at:
            raise Invalid({name: _("This lies in the future.")})


@transaction.atomic
def override_priority(
    incident: Incident, *, actor: Actor, at: datetime, priority: Priority | None, reason: str
) -> TimelineEntry | None:
    """Set the priority against the matrix, with a reason; None gives it back to the matrix."""
    transitions.check(incident, Verb.OVERRIDE_PRIORITY, actor)
    accept(Verb.OVERRIDE_PRIORITY, {"reason": reason, "priority": priority}, at=at)
    wanted = {
        "priority": Priority(priority)
        if priority is not None
        else priority_for(incident.impact, incident.urgency, at=incident.opened_at),
        "priority_overridden": priority is not None,
    }
    if not persist.differing(incident, wanted):
        return None
    return persist.write(
        incident,
        kind=EntryKind.PRIORITY_OVERRIDDEN,
        actor=actor,
        at=at,
        changes=wanted,
        data={"reason": reason},
    )
