"""Links that follow one incident without logging in: signed, ending, for reading only.

The link is of one person: whoever loses sight of the incident loses the link's view with it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.signing import BadSignature, Signer

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from incidents.models import Incident

VALID_FOR = timedelta(days=14)
_SIGNER = Signer(salt="incidents.tracking")


@dataclass(frozen=True, slots=True)
class Pass:
    """What a valid link says: who follows which incident, and until when."""

    incident_id: int
    user_id: int
    ends_at: datetime


def tracking_token(incident: "Incident", user: "User", *, at: datetime) -> str:
    ends = int((at + VALID_FOR).timestamp())
    return _SIGNER.sign_object([incident.pk, user.pk, ends])


def tracking_url(incident: "Incident", user: "User", *, at: datetime) -> str:
    """The full address, for mails. The caller has checked that `user` may see the incident."""
    return f"{settings.BASE_URL}/track/{tracking_token(incident, user, at=at)}/"


def read_token(token: str, *, at: datetime) -> Pass | None:
    """Nothing for a forged, damaged or ended link. Whether the person may still see it is not asked here."""
    try:
        incident_id, user_id, ends = _SIGNER.unsign_object(token)
    except (BadSignature, ValueError, TypeError):
        return None
    ends_at = datetime.fromtimestamp(ends, UTC)
    return Pass(incident_id, user_id, ends_at) if at < ends_at else None
