"""Whose page a form stood on, when no session says so any more.

Each log-in gets a new CSRF secret, and each form of ours carries a token made from it. A signed
cookie remembers which secrets belonged to whose log-in in this browser: so the token of a form that
comes too late still proves that the form was drawn for that person, without script and on any page.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import CSRF_TOKEN_LENGTH, _unmask_cipher_token  # type: ignore[attr-defined]  # stubs leave it out
from django.utils.crypto import salted_hmac

SALT = "incidents.unsent"
KEPT_FOR = 30 * 24 * 3600
#: Log-ins of one browser that are remembered.
MOST = 4


def cookie_name() -> str:
    return "__Host-drawn" if settings.SESSION_COOKIE_SECURE else "desk-drawn"


def drawn_for(request: HttpRequest) -> int | None:
    """The key of the person for whom the form of this request was drawn, if that can be proved."""
    token = request.POST.get("csrfmiddlewaretoken", "")
    if len(token) != CSRF_TOKEN_LENGTH or not token.isascii() or not token.isalnum():
        return None
    return dict(_read(request)).get(_mark(_unmask_cipher_token(token)))


def remember(request: HttpRequest, response: HttpResponseBase) -> None:
    """Note for whom this browser's pages are drawn now."""
    secret = request.META.get("CSRF_COOKIE")
    if not secret or SESSION_KEY not in request.session or not request.user.is_authenticated:
        return
    known, now = _read(request), (_mark(secret), request.user.pk)
    if known[:1] == [now]:
        return
    pairs = [now, *(pair for pair in known if pair[0] != now[0])][:MOST]
    response.set_cookie(
        cookie_name(),
        signing.dumps(pairs, salt=SALT),
        max_age=KEPT_FOR,
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> list[tuple[str, int]]:
    try:
        pairs: Any = signing.loads(request.COOKIES.get(cookie_name(), ""), salt=SALT, max_age=KEPT_FOR)
    except signing.BadSignature:
        return []
    return [(str(mark), int(user)) for mark, user in pairs]


def _mark(secret: str) -> str:
    return salted_hmac(SALT, secret).hexdigest()[:24]
