"""Too many wrong passwords for one name from one address close that door for a while.

Known and unknown names are counted alike, so nothing is told about who exists; from elsewhere the
owner of the name can still log in.
"""

import hashlib
from datetime import timedelta

from django.core.cache import cache
from django.http import HttpRequest

WRONG_ALLOWED = 10
LOCKED_FOR = timedelta(minutes=15)


def _key(request: HttpRequest, username: str) -> str:
    whom = f"{username.strip().casefold()} {request.META.get('REMOTE_ADDR', '')}"
    return f"lockout:{hashlib.sha256(whom.encode()).hexdigest()}"


def enter(request: HttpRequest, username: str) -> bool:
    """Count a try before its password is looked at, so that many at once get no more; False when locked."""
    key = _key(request, username)
    if cache.add(key, 1, LOCKED_FOR.total_seconds()):
        return True
    try:
        return cache.incr(key) <= WRONG_ALLOWED
    except ValueError:  # it ran out between the two calls
        return True


def forget(request: HttpRequest, username: str) -> None:
    """The right password was given."""
    cache.delete(_key(request, username))
