"""Who hears of every public step of an incident."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from incidents import policies
from incidents.enums import EntryKind, Verb
from incidents.errors import Invalid
from incidents.models import Incident, TimelineEntry, Watcher
from incidents.policies import Actor
from incidents.workflow import persist, transitions
from incidents.workflow.sight import check_may_show
from itsm.ui.names import person_name


@transaction.atomic
def watch(incident: Incident, *, actor: Actor, at: datetime, user: User) -> TimelineEntry | None:
    """Let somebody hear of every public step. Whoever is no agent sees the incident from now on."""
    transitions.check(incident, Verb.WATCH, actor)
    _check_only_oneself(actor, user)
    if not user.is_active:
        raise Invalid({"user": _("%(name)s has left.") % {"name": person_name(user)}})
    if incident.watchers.current(user).exists():
        return None
    if actor.user != user:
        check_may_show(incident, actor)
    entry = persist.write(
        incident, kind=EntryKind.WATCHER_ADDED, actor=actor, at=at, data={"watcher": user.pk}
    )
    Watcher.objects.create(incident=incident, user=user, added_at=at)
    return entry


@transaction.atomic
def unwatch(incident: Incident, *, actor: Actor, at: datetime, user: User) -> TimelineEntry | None:
    transitions.check(incident, Verb.UNWATCH, actor)
    _check_only_oneself(actor, user)
    if not incident.watchers.current(user).exists():
        return None
    entry = persist.write(
        incident, kind=EntryKind.WATCHER_REMOVED, actor=actor, at=at, data={"watcher": user.pk}
    )
    incident.watchers.current(user).update(removed_at=at)
    return entry


def _check_only_oneself(actor: Actor, user: User) -> None:
    if actor.user is not None and actor.user.pk != user.pk and not policies.is_agent(actor.user):
        raise Invalid({"user": _("You can add and remove only yourself.")})
