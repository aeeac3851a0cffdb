"""What stays of a major incident after it is stood down: the review it owes, and who may end it."""

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from incidents import policies, rights
from incidents.enums import EntryKind, Verb
from incidents.errors import NotAllowed
from incidents.models import Incident, Review, TimelineEntry
from incidents.policies import Actor


def was_declared(incident: Incident) -> bool:
    """Whether it is a major incident or ever was one. Its timeline says so. One query if it is none now."""
    return incident.is_major or incident.entries.filter(kind=EntryKind.MAJOR_DECLARED).exists()


def check_may_end(incident: Incident, verb: Verb, actor: Actor) -> None:
    """Raises NotAllowed where who does not lead majors would end one, stood down or not, by this verb."""
    leads = actor.user is None or actor.user.has_perm(rights.LEAD_MAJOR)
    if leads or not was_declared(incident):
        return
    raise NotAllowed(
        _("%(number)s was declared a major incident. Only who leads majors may do this: %(verb)s.")
        % {"number": incident.number, "verb": verb.label}
    )


DECLARED = Exists(TimelineEntry.objects.filter(incident=OuterRef("pk"), kind=EntryKind.MAJOR_DECLARED))
REVIEWED = Exists(Review.objects.filter(incident=OuterRef("pk"), published_at__isnull=False))


def with_past(rows: QuerySet[Incident]) -> QuerySet[Incident]:
    """With what `barred_by_past` reads, so that it asks nothing for each row."""
    return rows.annotate(declared_once=DECLARED, reviewed=REVIEWED)


def owing_no_review(rows: QuerySet[Incident]) -> QuerySet[Incident]:
    """Those that nothing of their past keeps from being closed."""
    return rows.filter(~DECLARED | REVIEWED)


def barred_by_past(incident: Incident, actor: Actor) -> set[Verb]:
    """What a row of `with_past`, or a new one, may not come to, whatever its state allows."""
    if not getattr(incident, "declared_once", False):
        return set()
    leads = actor.user is None or actor.user.has_perm(rights.LEAD_MAJOR)
    reviewed = incident.reviewed  # type: ignore[attr-defined]
    return {*(() if leads else policies.ENDS_A_MAJOR), *(() if reviewed else (Verb.CLOSE,))}
