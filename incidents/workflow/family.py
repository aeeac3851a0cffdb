"""Parents and children, and problems: how incidents hang together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from incidents import policies
from incidents.enums import EntryKind, Verb
from incidents.errors import Invalid
from incidents.models import Incident, Problem, TimelineEntry
from incidents.policies import Actor
from incidents.verbs import verbs_from
from incidents.workflow import persist, transitions


@dataclass(frozen=True, slots=True)
class Family:
    """The children to which the same is done as to their parent, and how many are left alone."""

    children: tuple[Incident, ...] = ()
    left: int = 0

    def resolved_at(self, at: datetime | None) -> "Family":
        """Those of them that were resolved along with their parent: in the same moment."""
        return replace(self, children=tuple(child for child in self.children if child.resolved_at == at))

    def told(self) -> Mapping[str, object]:
        """What the parent's entry keeps of it."""
        if not self.children and not self.left:
            return {}
        return {"children": {"along": len(self.children), "left": self.left}}


NOBODY = Family()


def along(incident: Incident, verb: Verb, actor: Actor) -> Family:
    """Lock parent and children in one order; the children whose state, and whose actor, allow the verb.

    Children that the actor may not see are counted and left as they are. Inside the verb's transaction.
    """
    rows = persist.lock(Q(pk=incident.pk) | Q(parent=incident))
    children = [row for pk, row in rows.items() if pk != incident.pk]
    fitting = [child for child in children if verb in verbs_from(child.state)]
    seen = {child.pk for child in fitting}
    if actor.user is not None and fitting:
        visible = Incident.objects.visible_to(actor.user).filter(pk__in=seen)
        seen = set(visible.values_list("pk", flat=True))
    allowed = tuple(child for child in fitting if child.pk in seen and policies.may(actor, verb, child))
    return Family(allowed, left=len(fitting) - len(seen))


@transaction.atomic
def link_parent(
    incident: Incident, *, actor: Actor, at: datetime, parent: Incident | None
) -> TimelineEntry | None:
    """Make it a child; hold, resume and resolve of the parent pass on to it. None cuts the link."""
    transitions.check(incident, Verb.LINK_PARENT, actor)
    if incident.parent_id == (parent and parent.pk):
        return None
    if parent is not None:
        rows = persist.lock(Q(pk__in=[incident.pk, parent.pk]))
        _check_parent(incident, rows.get(parent.pk, parent))
    return persist.write(
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
    if Verb.LINK_PARENT not in verbs_from(parent.state):
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
    return persist.write(
        incident,
        kind=EntryKind.LINKED,
        actor=actor,
        at=at,
        changes={"problem": problem},
        data={"problem": problem.number if problem else None},
    )
