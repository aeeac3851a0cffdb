"""How much one person says at a time: a script that went mad, or malice, must not bury the desk."""

from datetime import datetime, timedelta

from django.utils.translation import ngettext

from incidents import brakes, policies
from incidents.enums import Via
from incidents.errors import TooMany
from incidents.models import BrakeKind, Desk
from incidents.policies import Actor

AN_HOUR = timedelta(hours=1)
#: Doors through which people speak for themselves.
THEIRS = frozenset({Via.PORTAL, Via.API, Via.MAIL})


def brake_reports(actor: Actor, *, at: datetime) -> None:
    """Count one report. In the verb's transaction: one that is refused counts nowhere. Raises TooMany."""
    if not is_braked(actor):
        return
    allowed = Desk.current().reports_per_hour
    until = _counted(BrakeKind.REPORTS, actor, allowed, at)
    if until:
        said = ngettext(
            "You have sent %(n)d report within an hour.",
            "You have sent %(n)d reports within an hour.",
            allowed,
        )
        raise TooMany(said % {"n": allowed}, until=until, at=at)


def brake_replies(actor: Actor, *, at: datetime) -> None:
    """Count one reply, as `brake_reports` does. Raises TooMany."""
    if not is_braked(actor):
        return
    allowed = Desk.current().replies_per_hour
    until = _counted(BrakeKind.REPLIES, actor, allowed, at)
    if until:
        said = ngettext(
            "You have sent %(n)d reply within an hour.",
            "You have sent %(n)d replies within an hour.",
            allowed,
        )
        raise TooMany(said % {"n": allowed}, until=until, at=at)


def is_braked(actor: Actor) -> bool:
    """Who speaks for themselves. Who works at the desk writes as much as there is to do."""
    if actor.user is None or actor.via not in THEIRS:
        return False
    return actor.via == Via.PORTAL or not policies.is_agent(actor.user)


def _counted(kind: BrakeKind, actor: Actor, allowed: int, at: datetime) -> datetime | None:
    """When it is too much: until when."""
    assert actor.user is not None  # noqa: S101 -- is_braked has said so
    row = brakes.count(kind, str(actor.user.pk), allowed=allowed, lasts=AN_HOUR, at=at)
    return row.ends_at if row.count > allowed else None
