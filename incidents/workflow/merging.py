"""A duplicate joins the incident it repeats, with everything that hangs on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from incidents.enums import LIVE_STATES, EntryKind, State, Verb, Visibility
from incidents.errors import ConfirmationNeeded, Invalid, StaleIncident
from incidents.models import Alert, Incident, TimelineEntry, Watcher
from incidents.policies import Actor
from incidents.workflow import persist, transitions
from incidents.workflow.declared import check_may_end, was_declared
from incidents.workflow.sight import check_may_show
from itsm.ui.names import person_name


@transaction.atomic
def merge(
    incident: Incident, *, actor: Actor, at: datetime, into: Incident, confirm: bool = False
) -> TimelineEntry:
    """Cancel it as a duplicate. Its people, its live children and its alerts go to `into`.

    MERGED here, ABSORBED there, LINKED on each child; both versions are guarded, and all rows are
    locked in one order. Raises ConfirmationNeeded where a major incident is merged away or something
    confidential is shown to more people, unless `confirm` says yes.
    """
    transitions.check(incident, Verb.MERGE, actor)
    check_may_end(incident, Verb.MERGE, actor)
    _check_target(incident, into)
    check_may_show(incident, actor)
    check_may_show(into, actor)
    move = _lock(incident, into)
    followers = _followers_to_move(incident, into)
    if not confirm and (questions := _questions(incident, into, followers)):
        raise ConfirmationNeeded(questions)
    entry = persist.write(
        incident,
        kind=EntryKind.MERGED,
        actor=actor,
        at=at,
        changes={
            "state": State.CANCELLED,
            "hold_reason": "",
            "duplicate_of": into,
            "parent": None,
            "closed_at": at,
        },
        visibility=Visibility.PUBLIC,
        data={"into": into.number},
    )
    alerts = Alert.objects.filter(incident=incident).update(incident=into)
    persist.write(
        into,
        kind=EntryKind.ABSORBED,
        actor=actor,
        at=at,
        changes={"parent": None} if move.top == into else {},
        data={
            "duplicate": incident.number,
            "watchers": followers,
            **({"children_moved": len(move.children)} if move.children else {}),
            **({"alerts_moved": alerts} if alerts else {}),
        },
    )
    for child in move.children:
        persist.write(
            child,
            kind=EntryKind.LINKED,
            actor=actor,
            at=at,
            changes={"parent": move.top},
            data={"parent": move.top.number if move.top else None, "merged": incident.number},
        )
    Watcher.objects.bulk_create(Watcher(incident=into, user_id=pk, added_at=at) for pk in followers)
    return entry


def _check_target(incident: Incident, into: Incident) -> None:
    if into.pk == incident.pk:
        raise Invalid({"into": _("An incident cannot be merged into itself.")})
    if into.state not in LIVE_STATES:
        raise Invalid(
            {"into": _("%(number)s is over; choose one that is still open.") % {"number": into.number}}
        )


@dataclass(frozen=True, slots=True)
class _Move:
    """Children that get another parent, and which: the top of the target's family."""

    children: tuple[Incident, ...]
    top: Incident | None


def _lock(incident: Incident, into: Incident) -> _Move:
    """Take every row that will be written, and see that nobody was faster. Raises StaleIncident.

    Families have one level. So the children go to the target; to the target's own parent where it
    has one; and a target that was itself a child of the duplicate becomes the top of its siblings.
    """
    rows = persist.lock(Q(pk__in=[incident.pk, into.pk, into.parent_id or 0]) | Q(parent=incident))
    for seen in (incident, into):
        if rows[seen.pk].version != seen.version:
            raise StaleIncident(seen.number)
    if {pk for pk, row in rows.items() if row.parent_id == incident.pk} != set(
        incident.children.values_list("pk", flat=True)
    ):
        raise StaleIncident(incident.number)  # a child joined while we waited for the others
    children = tuple(
        row
        for pk, row in rows.items()
        if row.parent_id == incident.pk and pk != into.pk and row.state in LIVE_STATES
    )
    if into.parent_id == incident.pk:
        return _Move(children, into)
    above = rows.get(into.parent_id or 0)
    if children and (above is None or above.state not in LIVE_STATES):
        return _Move(children, into)
    return _Move(children, above)


def _followers_to_move(incident: Incident, into: Incident) -> list[int]:
    there = set(into.watchers.current().values_list("user_id", flat=True)) | {into.requester_id}
    here = set(incident.watchers.current().values_list("user_id", flat=True))
    if concerned := incident.requester_id or incident.opened_by_id:
        here.add(concerned)
    return sorted(here - there)


def _questions(incident: Incident, into: Incident, followers: list[int]) -> list[str]:
    """What somebody has to say yes to, in sentences that name it."""
    questions = []
    if was_declared(incident):
        message = _("%(number)s was declared a major incident and ends without its review.")
        questions.append(message % {"number": incident.number})
    if into.is_confidential:
        names = _names_of(pk for pk in followers if not _sees(pk, into))
        message = (
            _("%(number)s is confidential. These people will see it from now on: %(names)s.")
            if names
            else _("%(number)s is confidential.")
        )
        questions.append(message % {"number": into.number, "names": names})
    elif incident.is_confidential:
        message = _("%(number)s is confidential, and its people and alerts become known in %(into)s.")
        questions.append(message % {"number": incident.number, "into": into.number})
    if questions:
        questions.append(_("Confirm that you want this."))
    return questions


def _sees(user_id: int, incident: Incident) -> bool:
    user = User.objects.get(pk=user_id)
    return Incident.objects.visible_to(user).filter(pk=incident.pk).exists()


def _names_of(user_ids: Iterable[int]) -> str:
    people = User.objects.filter(pk__in=list(user_ids)).order_by("first_name", "last_name", "pk")
    return ", ".join(person_name(person) for person in people)
