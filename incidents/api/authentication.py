"""Who calls: a token in the Authorization header, found by its digest in one query."""

from datetime import datetime, timedelta

from django.db.models import Subquery
from django.utils.translation import gettext_lazy as _
from knox import auth, crypto
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from incidents import lockout
from incidents.models import BrakeKind, Tally
from incidents.models.api_token import ApiToken, not_used_since
from itsm import timekeeping

#: "Last used" is a hint for people: written at most this often, so that reading stays reading.
USE_IS_NOTED_EVERY = timedelta(minutes=1)


class TokenAuthentication(auth.TokenAuthentication):  # type: ignore[misc]  # knox ships no types
    """knox's header parsing with our own look-up: by digest, and nothing is deleted on the way."""

    def authenticate(self, request: Request) -> tuple[object, ApiToken] | None:
        self.address = str(request.META.get("REMOTE_ADDR", ""))
        found: tuple[object, ApiToken] | None = super().authenticate(request)
        return found

    def authenticate_credentials(self, token: bytes) -> tuple[object, ApiToken]:
        """From an address that is locked a right token and a wrong one are answered alike."""
        at = timekeeping.now()
        here = Tally.objects.full(at).filter(kind=BrakeKind.ADDRESS, subject=lockout.network_of(self.address))
        rows = ApiToken.objects.select_related("user").annotate(locked_until=Subquery(here.values("ends_at")))
        found = rows.filter(digest=crypto.hash_token(token.decode("latin-1"))).first()
        if found is None or not is_good(found, at):
            refuse_wrong(token.decode("latin-1"), self.address, at=at)
            raise AuthenticationFailed(
                _(
                    "This token is unknown, expired or revoked, or its person has a new password. "
                    "Ask for a new one."
                )
            )
        if found.locked_until is not None:
            raise Throttled(wait=lockout.seconds_until(found.locked_until, at))
        self.note_use(found, at)
        return found.user, found

    def note_use(self, token: ApiToken, at: datetime) -> None:
        if token.last_used_at is None or token.last_used_at < at - USE_IS_NOTED_EVERY:
            unnoted = ApiToken.objects.filter(not_used_since(at - USE_IS_NOTED_EVERY), pk=token.pk)
            unnoted.update(last_used_at=at)


def is_good(token: ApiToken, at: datetime) -> bool:
    return token.user.is_active and not token.is_expired(at) and not token.is_of_an_old_password()


def refuse_wrong(secret: str, address: str, *, at: datetime) -> None:
    """Count it; once too many came from its address, nothing more is said than when to come again."""
    if until := lockout.wrong(secret, address, at=at):
        raise Throttled(wait=lockout.seconds_until(until, at))
