"""Too many wrong secrets close a door for a while: passwords, tokens, keys and private links alike.

Known and unknown names are counted alike, so nothing is told about who exists. A lock is on one name
from one address, or on one address; from elsewhere the owner of the name can still log in.
"""

import hashlib
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from django.db.models import Q

from incidents.brakes import count, give_back
from incidents.models import Desk
from incidents.models.brakes import BrakeKind, Tally

LOCKED_FOR = timedelta(minutes=15)
#: With one name from one address.
WRONG_ALLOWED = 10
#: With one name from all addresses together. Beyond it each address gets only a few: many at once guess.
WRONG_ANYWHERE = 100
FEW = 3
#: Who has one IPv6 address has all of these.
IPV6_NETWORK = 64


def network_of(address: str) -> str:
    """What counts as one caller."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        return str(ip_network((ip, IPV6_NETWORK), strict=False))
    return str(ip)


def enter(name: str, address: str, *, at: datetime) -> datetime | None:
    """Count a try before its password is looked at, so that of many at once no more get in.

    When it is refused: the moment until which. A refused one counts nowhere.
    """
    name, address = _folded(name), network_of(address)
    both = Q(kind=BrakeKind.ADDRESS, subject=address) | Q(kind=BrakeKind.NAME, subject=name)
    full = {row.kind: row for row in Tally.objects.full(at).filter(both)}
    if BrakeKind.ADDRESS in full:
        return full[BrakeKind.ADDRESS].ends_at
    allowed = FEW if BrakeKind.NAME in full else WRONG_ALLOWED
    tried = _count(BrakeKind.NAME_AT_ADDRESS, _pair(name, address), allowed, at)
    if tried.count > allowed:
        return tried.ends_at
    _count(BrakeKind.NAME, name, WRONG_ANYWHERE, at)
    here = _count(BrakeKind.ADDRESS, address, _allowed_here(), at)
    return here.ends_at if here.count > here.allowed else None


def forget(name: str, address: str) -> None:
    """The right password was given."""
    name, address = _folded(name), network_of(address)
    Tally.objects.filter(kind=BrakeKind.NAME_AT_ADDRESS, subject=_pair(name, address)).delete()
    give_back(BrakeKind.NAME, name)
    give_back(BrakeKind.ADDRESS, address)


def wrong(secret: str, address: str, *, at: datetime) -> datetime | None:
    """Count a wrong token, key or link; when its address is locked: until when.

    The same one again is a program that was not told of a new one, and no guess.
    """
    address = network_of(address)
    if until := locked_until(address, at=at):
        return until
    digest = hashlib.sha256(f"{address} {secret}".encode("utf-8", "surrogateescape")).hexdigest()
    if _count(BrakeKind.SECRET, digest, 1, at).count > 1:
        return None
    here = _count(BrakeKind.ADDRESS, address, _allowed_here(), at)
    return here.ends_at if here.count > here.allowed else None


def locked_until(address: str, *, at: datetime) -> datetime | None:
    rows = Tally.objects.full(at).filter(kind=BrakeKind.ADDRESS, subject=network_of(address))
    return rows.values_list("ends_at", flat=True).first()


def minutes_until(until: datetime, at: datetime) -> int:
    return max(1, ceil((until - at) / timedelta(minutes=1)))


def seconds_until(until: datetime, at: datetime) -> int:
    return max(1, ceil((until - at).total_seconds()))


def _count(kind: BrakeKind, subject: str, allowed: int, at: datetime) -> Tally:
    return count(kind, subject, allowed=allowed, lasts=LOCKED_FOR, at=at, slides=True)


def _allowed_here() -> int:
    return Desk.current().wrong_secrets_per_address


def _folded(name: str) -> str:
    """Names may be long; a row's subject is not."""
    folded = name.strip().casefold().replace("\x00", "")
    return folded if len(folded) <= 100 else hashlib.sha256(folded.encode()).hexdigest()


def _pair(name: str, address: str) -> str:
    return f"{name} / {address}"
