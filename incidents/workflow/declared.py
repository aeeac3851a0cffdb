"""What stays of a major incident after it is stood down: the review it owes, and who may end it."""

from django.utils.translation import gettext as _

from incidents import policies
from incidents.enums import EntryKind, Verb
from incidents.errors import NotAllowed
from incidents.models import Incident
from incidents.policies import Actor


def was_declared(incident: Incident) -> bool:
    """Whether it is a major incident or ever was one. Its timeline says so. One query if it is none now."""
    return incident.is_major or incident.entries.filter(kind=EntryKind.MAJOR_DECLARED).exists()


def check_may_end(incident: Incident, verb: Verb, actor: Actor) -> None:
    """Raises NotAllowed where who does not lead majors would end one, stood down or not, by this verb."""
    leads = actor.user is None or actor.user.has_perm(policies.LEAD_MAJOR)
    if leads or not was_declared(incident):
        return
    raise NotAllowed(
        _("%(number)s was declared a major incident. Only who leads majors may do this: %(verb)s.")
        % {"number": incident.number, "verb": verb.label}
    )
