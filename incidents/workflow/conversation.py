"""What people say to each other about an incident, and where it lands."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from incidents import policies
from incidents.enums import FINAL_STATES, Channel, EntryKind, HoldReason, State, Verb, Via, Visibility
from incidents.errors import Invalid, NotAllowed
from incidents.models import Desk, Incident, TimelineEntry
from incidents.policies import Actor
from incidents.workflow import attaching, pace, persist, transitions
from incidents.workflow.closing import reopening
from incidents.workflow.intake import Report, open_incident

if TYPE_CHECKING:
    from django.core.files.base import File

    from incidents.workflow.attaching import StoredFile

ONE_DAY = timedelta(days=1)
#: How somebody comes back by each door.
CHANNELS = {Via.PORTAL: Channel.PORTAL, Via.API: Channel.API, Via.MAIL: Channel.EMAIL}


def answer(
    incident: Incident,
    *,
    actor: Actor,
    at: datetime,
    text: str,
    attachments: Sequence["File[bytes] | StoredFile"] = (),
) -> TimelineEntry:
    """Say something, wherever it has to land by now; `entry.incident` is where it did.

    On a duplicate it lands where that was joined: as a reply, or for the desk alone when the writer may
    not see it there. What the requester's side says about one that is over opens a new one.
    """
    _check_may_speak(incident, actor)
    outside = _is_from_outside(incident, actor)
    return _land(
        incident,
        actor=actor,
        at=at,
        text=text,
        attachments=attachments,
        from_outside=outside,
        requester=actor.user,
    )


def may_answer(incident: Incident, actor: Actor) -> bool:
    """Whether `answer` would take this actor's words."""
    if not policies.may(actor, Verb.COMMENT, incident):
        return False
    landing = destination(incident)
    return landing.state not in FINAL_STATES or _is_from_outside(incident, actor)


def pass_on(
    incident: Incident,
    *,
    actor: Actor,
    at: datetime,
    text: str,
    attachments: Sequence["File[bytes] | StoredFile"] = (),
    writer: str,
) -> TimelineEntry:
    """An agent files the words of `writer`, who cannot answer in their own name. Works like their answer.

    The entry is the agent's, and its text says whose words they are.
    """
    if actor.user is not None and not policies.is_agent(actor.user):
        raise NotAllowed(_("Only the service desk may file the words of somebody else."))
    words = _("From %(writer)s, by e-mail:") % {"writer": writer} + f"\n\n{text.strip()}"
    return _land(
        incident,
        actor=actor,
        at=at,
        text=words,
        attachments=attachments,
        from_outside=True,
        requester=incident.requester,
    )


def comment(
    incident: Incident,
    *,
    actor: Actor,
    at: datetime,
    text: str,
    attachments: Sequence["File[bytes] | StoredFile"] = (),
) -> TimelineEntry:
    """Say something that the requester's side reads.

    Theirs ends a hold that waited for it; on a resolved one it reopens, or at least stops the closing
    in silence.
    """
    transitions.check(incident, Verb.COMMENT, actor)
    outside = _is_from_outside(incident, actor)
    return _reply(incident, actor=actor, at=at, text=text, attachments=attachments, from_outside=outside)


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
    )


def destination(incident: Incident) -> Incident:
    """Where a duplicate was joined, and that one in turn; any other incident itself."""
    passed = set()
    while incident.duplicate_of is not None and incident.pk not in passed:
        passed.add(incident.pk)
        incident = incident.duplicate_of
    return incident


def _land(
    incident: Incident,
    *,
    actor: Actor,
    at: datetime,
    text: str,
    attachments: Sequence["File[bytes] | StoredFile"],
    from_outside: bool,
    requester: User | None,
) -> TimelineEntry:
    landing = destination(incident)
    seen = landing.pk == incident.pk or _sees(actor, landing)
    if landing.state in FINAL_STATES:
        if not from_outside:
            transitions.check(landing, Verb.COMMENT, actor)
        before = landing if seen else incident
        return _come_back(before, actor=actor, at=at, text=text, attachments=attachments, requester=requester)
    if not seen:
        return _tell_the_desk(landing, actor=actor, at=at, text=text, attachments=attachments)
    return _reply(landing, actor=actor, at=at, text=text, attachments=attachments, from_outside=from_outside)


def _check_may_speak(incident: Incident, actor: Actor) -> None:
    """The right alone: whether the state allows it is asked of where the words land."""
    if not policies.may(actor, Verb.COMMENT, incident):
        transitions.check(incident, Verb.COMMENT, actor)


def _sees(actor: Actor, incident: Incident) -> bool:
    return actor.user is None or Incident.objects.visible_to(actor.user).filter(pk=incident.pk).exists()


def _is_from_outside(incident: Incident, actor: Actor) -> bool:
    """By the requester, also one who works at the desk, or by somebody else from outside it."""
    if actor.user is None:
        return False
    return actor.user.pk == incident.requester_id or not policies.is_agent(actor.user)


def _what_an_answer_does(incident: Incident, actor: Actor, at: datetime) -> dict[str, object]:
    """The change of state that comes with words from outside. By mail at most one a day.

    Answering machines that do not say what they are would move it to and fro for as long as we write.
    """
    if actor.via == Via.MAIL and _moved_by_mail_since(incident, at - ONE_DAY):
        return {}
    if incident.state == State.ON_HOLD and incident.hold_reason == HoldReason.CALLER:
        return {"state": State.IN_PROGRESS, "hold_reason": ""}
    may_reopen = incident.state == State.RESOLVED and policies.may(actor, Verb.REOPEN, incident)
    return reopening(incident) if may_reopen and Desk.current().reopens_on_answer else {}


def _moved_by_mail_since(incident: Incident, since: datetime) -> bool:
    return incident.entries.filter(
        via=Via.MAIL, at__gt=since, data__from_outside=True, data__changes__has_key="state"
    ).exists()


def _reply(
    incident: Incident,
    *,
    actor: Actor,
    at: datetime,
    text: str,
    attachments: Sequence["File[bytes] | StoredFile"],
    from_outside: bool,
) -> TimelineEntry:
    changes = _what_an_answer_does(incident, actor, at) if from_outside else {}
    return _say(
        incident,
        EntryKind.REOPENED if "reopen_count" in changes else EntryKind.COMMENTED,
        Visibility.PUBLIC,
        actor=actor,
        at=at,
        text=text,
        attachments=attachments,
        changes=changes,
        from_outside=from_outside,
    )


def _tell_the_desk(
    incident: Incident,
    *,
    actor: Actor,
    at: datetime,
    text: str,
    attachments: Sequence["File[bytes] | StoredFile"],
) -> TimelineEntry:
    return _say(
        incident,
        EntryKind.NOTED,
        Visibility.INTERNAL,
        actor=actor,
        at=at,
        text=text,
        attachments=attachments,
        from_outside=True,
    )


def _come_back(
    before: Incident,
    *,
    actor: Actor,
    at: datetime,
    text: str,
    attachments: Sequence["File[bytes] | StoredFile"],
    requester: User | None,
) -> TimelineEntry:
    """A new incident that follows up `before`, or the one an earlier answer opened and that still lives."""
    running = before.followed_by.live().filter(requester=requester).order_by("-pk").first()
    if running is not None and requester is not None:
        return _reply(running, actor=actor, at=at, text=text, attachments=attachments, from_outside=True)
    _check_says_something(text, attachments)
    persist.clean_text("text", text)
    report = Report(
        title=before.title,
        channel=CHANNELS.get(actor.via, Channel.DIRECT),
        description=text,
        requester=requester,
        impact=before.impact,
        urgency=before.urgency,
        service=before.service,
        category=before.category,
        configuration_item=before.configuration_item,
        location=before.location,
        team=before.team if before.team and before.team.is_active else None,
        is_confidential=before.is_confidential,
        follows_up=before,
    )
    incident = open_incident(report, actor=actor, at=at, attachments=attachments)
    return incident.entries.get()


def _say(
    incident: Incident,
    kind: EntryKind,
    visibility: Visibility,
    *,
    actor: Actor,
    at: datetime,
    text: str,
    attachments: Sequence["File[bytes] | StoredFile"],
    changes: dict[str, object] | None = None,
    from_outside: bool = False,
) -> TimelineEntry:
    """`from_outside` marks words that the desk hears of and that stop the closing in silence."""
    with attaching.stored(attachments) as files, transaction.atomic():
        _check_says_something(text, files)
        data: dict[str, object] = {"attachments": [file.facts() for file in files]} if files else {}
        if from_outside:
            pace.brake_replies(actor, at=at)
            data["from_outside"] = True
        entry = persist.write(
            incident,
            kind=kind,
            actor=actor,
            at=at,
            changes=changes,
            text=text.strip(),
            visibility=visibility,
            data=data,
        )
        attaching.attach(entry, files)
    return entry


def _check_says_something(text: str, files: Sequence[object]) -> None:
    if not text.strip() and not files:
        raise Invalid({"text": _("Write something, or attach a file.")})
