"""What the public of a parent reads is told to the people of its children too: they wait for the same.

They may not see the parent, so they are told under the number of their own incident.
"""

from django.contrib.auth.models import User
from django.db.models import Q

from incidents.enums import LIVE_STATES
from incidents.models import Incident, TimelineEntry, Watcher
from notifications.enums import Reason
from notifications.kinds import news_of
from notifications.models import OptOut
from notifications.routing.concerned import is_from_outside


def is_passed_on(entry: TimelineEntry) -> bool:
    """The words of the desk; what the parent's own requester says stays theirs."""
    return (
        entry.is_public
        and news_of(entry.kind).children
        and not entry.incident.is_confidential
        and not is_from_outside(entry)
    )


def people_of_children(entry: TimelineEntry) -> dict[int, tuple[Reason, int]]:
    """Person to reason and child; one child each, the oldest. The same queries for many as for one."""
    if not is_passed_on(entry):
        return {}
    concerned = _concerned(entry.incident_id)
    people = User.objects.filter(pk__in={person for person, _child in concerned}, is_active=True)
    reached = set(people.exclude(email="").values_list("pk", flat=True))
    children = {child for _person, child in concerned}
    rows = OptOut.objects.filter(Q(incident=None) | Q(incident__in=children), user__in=reached)
    out = set(rows.values_list("user_id", "incident_id", "reason"))
    told: dict[int, tuple[Reason, int]] = {}
    for (person, child), reason in sorted(concerned.items(), key=lambda each: each[0][1]):
        refusals = {(person, where, why) for where in (None, child) for why in ("", reason)}
        if person in reached and not refusals & out:
            told.setdefault(person, (reason, child))
    return told


def _concerned(parent_id: int) -> dict[tuple[int, int], Reason]:
    """(person, child) to reason."""
    children = Incident.objects.filter(parent=parent_id, state__in=LIVE_STATES)
    watching = Watcher.objects.current().filter(incident__in=children.values("pk"))
    found = dict.fromkeys(watching.values_list("user", "incident"), Reason.WATCHER)
    requesters = children.filter(requester__isnull=False).values_list("requester", "pk")
    return found | dict.fromkeys(requesters, Reason.REQUESTER)
