"""Parents and children, duplicates, problems: how incidents hang together."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from incidents import policies
from incidents.enums import EntryKind, State, Verb, Visibility
from incidents.errors import Invalid
from incidents.models import Incident, Problem, TimelineEntry, Watcher
from incidents.policies import Actor
from incidents.workflow import guard, transitions


def children_open_to(incident: Incident, verb: Verb, actor: Actor) -> Iterator[Incident]:
    """The children to which the same may be done, by their state and the actor's rights."""
    for child in incident.children.order_by("pk"):
        if verb in transitions.verbs_from(child.state) and policies.may(actor, verb, child):
            yield child


@transaction.atomic
def link_parent(
    incident: Incident, *, actor: Actor, at: datetime, parent: Incident | None
) -> TimelineEntry | None:
    """Make it a child; hold, resume and resolve of the parent pass on to it. None cuts the link."""
    transitions.check(incident, Verb.LINK_PARENT, actor)
    if incident.parent_id == (parent and parent.pk):
        return None
    if parent is not None:
        _check_parent(incident, parent)
    return guard.write(
        incident,
        kind=EntryKind.LINKED,
        actor=actor,
        at=at,
        changes={"parent": parent},
        data={"parent": parent.number if parent else None},
    )


def _check_parent(incident: Incident, parent: Incident) -> None:
    if parent.pk == incident.pk:
        raise Invalid({"parent": _("An incident cannot be its own parent.")})
    if parent.parent_id is not None or incident.children.exists():
        raise Invalid({"parent": _("Families have one level: choose the topmost incident as the parent.")})
    if Verb.LINK_PARENT not in transitions.verbs_from(parent.state):
        raise Invalid(
            {"parent": _("%(number)s is over; choose one that is still open.") % {"number": parent.number}}
        )


@transaction.atomic
def link_problem(
    incident: Incident, *, actor: Actor, at: datetime, problem: Problem | None
) -> TimelineEntry | None:
    """Name the problem behind it; None takes the link away."""
    transitions.check(incident, Verb.LINK_PROBLEM, actor)
    if incident.problem_id == (problem and problem.pk):
        return None
    return guard.write(
        incident,
        kind=EntryKind.LINKED,
        actor=actor,
        at=at,
        changes={"problem": problem},
        data={"problem": problem.number if problem else None},
    )


@transaction.atomic
def merge(incident: Incident, *, actor: Actor, at: datetime, into: Incident) -> TimelineEntry:
    """Cancel it as a duplicate. Its requester and watchers hear of `into` from now on.

    Two entries: MERGED here, ABSORBED there. Both versions are guarded.
    """
    transitions.check(incident, Verb.MERGE, actor)
    if into.pk == incident.pk:
        raise Invalid({"into": _("An incident cannot be merged into itself.")})
    if Verb.COMMENT not in transitions.verbs_from(into.state):
        raise Invalid(
            {"into": _("%(number)s is over; choose one that is still open.") % {"number": into.number}}
        )
    followers = _followers_to_move(incident, into)
    entry = guard.write(
        incident,
        kind=EntryKind.MERGED,
        actor=actor,
        at=at,
        changes={"state": State.CANCELLED, "hold_reason": "", "duplicate_of": into, "closed_at": at},
        visibility=Visibility.PUBLIC,
        data={"into": into.number},
    )
    guard.write(
        into,
        kind=EntryKind.ABSORBED,
        actor=actor,
        at=at,
        data={"duplicate": incident.number, "watchers": followers},
    )
    Watcher.objects.bulk_create(Watcher(incident=into, user_id=pk, added_at=at) for pk in followers)
    return entry


def _followers_to_move(incident: Incident, into: Incident) -> list[int]:
    there = set(into.watchers.current().values_list("user_id", flat=True)) | {into.requester_id}
    here = set(incident.watchers.current().values_list("user_id", flat=True)) | {incident.requester_id}
    return sorted(pk for pk in here - there if pk is not None)
