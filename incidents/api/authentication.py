"""Who calls: a token in the Authorization header, found by its digest in one query."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from knox import auth, crypto
from rest_framework.exceptions import AuthenticationFailed

from incidents import timekeeping
from incidents.models.api_token import ApiToken, not_used_since

#: "Last used" is a hint for people: written at most this often, so that reading stays reading.
USE_IS_NOTED_EVERY = timedelta(minutes=1)


class TokenAuthentication(auth.TokenAuthentication):  # type: ignore[misc]  # knox ships no types
    """knox's header parsing with our own look-up: by digest, and nothing is deleted on the way."""

    def authenticate_credentials(self, token: bytes) -> tuple[Any, ApiToken]:
        refusal = AuthenticationFailed(_("This token is unknown, expired or revoked. Ask for a new one."))
        try:
            digest = crypto.hash_token(token.decode("ascii"))
        except UnicodeDecodeError:
            raise refusal from None
        at = timekeeping.now()
        found = ApiToken.objects.select_related("user").filter(digest=digest).first()
        if found is None or found.is_expired(at) or not found.user.is_active:
            raise refusal
        self.note_use(found, at)
        return found.user, found

    def note_use(self, token: ApiToken, at: datetime) -> None:
        if token.last_used_at is None or token.last_used_at < at - USE_IS_NOTED_EVERY:
            unnoted = ApiToken.objects.filter(not_used_since(at - USE_IS_NOTED_EVERY), pk=token.pk)
            unnoted.update(last_used_at=at)
