"""Who sees a confidential incident is decided by those who work on it, and never in passing."""

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from incidents import rights
from incidents.errors import NotAllowed
from incidents.models import Incident
from incidents.policies import Actor


def check_may_show(incident: Incident, actor: Actor) -> None:
    """Raises NotAllowed where somebody would let others see what is not theirs to show.

    Being its requester or watching it is no right to show it: its team, its assignee, who logged it
    and who reads all confidential ones may.
    """
    user = actor.user
    if user is None or not incident.is_confidential or _works_on_it(incident, user):
        return
    raise NotAllowed(
        _("%(number)s is confidential. Only its team decides who sees it.") % {"number": incident.number}
    )


def _works_on_it(incident: Incident, user: User) -> bool:
    if user.pk in {incident.assignee_id, incident.opened_by_id}:
        return True
    if user.has_perm(rights.SEE_CONFIDENTIAL):
        return True
    return incident.team is not None and incident.team.members.filter(pk=user.pk).exists()
