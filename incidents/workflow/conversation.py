"""What people say to each other about an incident, and who listens."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from incidents import policies
from incidents.enums import EntryKind, HoldReason, State, Verb, Visibility
from incidents.errors import Invalid
from incidents.models import Incident, TimelineEntry, Watcher
from incidents.policies import Actor
from incidents.workflow import attaching, guard, transitions

if TYPE_CHECKING:
    from django.core.files.base import File

    from incidents.workflow.attaching import StoredFile


def comment(
    incident: Incident,
    *,
    actor: Actor,
    at: datetime,
    text: str,
    attachments: Sequence["File[bytes] | StoredFile"] = (),
) -> TimelineEntry:
    """Say something that the requester's side reads. Their answer ends a hold that waited for it."""
    transitions.check(incident, Verb.COMMENT, actor)
    changes: dict[str, Any] = {}
    if _answers(incident, actor):
        changes = {"state": State.IN_PROGRESS, "hold_reason": ""}
    return _say(
        incident,
        EntryKind.COMMENTED,
        Visibility.PUBLIC,
        actor=actor,
        at=at,
        text=text,
        attachments=attachments,
        changes=changes,
    )


def note(
    incident: Incident,
    *,
    actor: Actor,
    at: datetime,
    text: str,
    attachments: Sequence["File[bytes] | StoredFile"] = (),
) -> TimelineEntry:
    """Say something that only the desk reads."""
    transitions.check(incident, Verb.NOTE, actor)
    return _say(
        incident,
        EntryKind.NOTED,
        Visibility.INTERNAL,
        actor=actor,
        at=at,
        text=text,
        attachments=attachments,
        changes={},
    )


def _answers(incident: Incident, actor: Actor) -> bool:
    if incident.state != State.ON_HOLD or incident.hold_reason != HoldReason.CALLER or actor.user is None:
        return False
    return actor.user.pk == incident.requester_id or not policies.is_agent(actor.user)


def _say(
    incident: Incident,
    kind: EntryKind,
    visibility: Visibility,
    *,
    actor: Actor,
    at: datetime,
    text: str,
    attachments: Sequence["File[bytes] | StoredFile"],
    changes: dict[str, Any],
) -> TimelineEntry:
    with attaching.stored(attachments) as files, transaction.atomic():
        if not text.strip() and not files:
            raise Invalid({"text": _("Write something, or attach a file.")})
        entry = guard.write(
            incident,
            kind=kind,
            actor=actor,
            at=at,
            changes=changes,
            text=text.strip(),
            visibility=visibility,
            data={"attachments": [file.facts() for file in files]} if files else None,
        )
        attaching.attach(entry, files)
    return entry


@transaction.atomic
def watch(incident: Incident, *, actor: Actor, at: datetime, user: User) -> TimelineEntry | None:
    """Let somebody hear of every public step. Whoever is no agent sees the incident from now on."""
    transitions.check(incident, Verb.WATCH, actor)
    _check_only_oneself(actor, user)
    if not user.is_active:
        raise Invalid({"user": _("%(name)s has left.") % {"name": user.get_full_name() or user.username}})
    if incident.watchers.current(user).exists():
        return None
    entry = guard.write(incident, kind=EntryKind.WATCHER_ADDED, actor=actor, at=at, data={"watcher": user.pk})
    Watcher.objects.create(incident=incident, user=user, added_at=at)
    return entry


@transaction.atomic
def unwatch(incident: Incident, *, actor: Actor, at: datetime, user: User) -> TimelineEntry | None:
    transitions.check(incident, Verb.UNWATCH, actor)
    _check_only_oneself(actor, user)
    if not incident.watchers.current(user).exists():
        return None
    entry = guard.write(
        incident, kind=EntryKind.WATCHER_REMOVED, actor=actor, at=at, data={"watcher": user.pk}
    )
    incident.watchers.current(user).update(removed_at=at)
    return entry


def _check_only_oneself(actor: Actor, user: User) -> None:
    if actor.user is not None and actor.user.pk != user.pk and not policies.is_agent(actor.user):
        raise Invalid({"user": _("You can add and remove only yourself.")})
