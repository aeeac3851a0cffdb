"""The key that seals pages. Without it nobody can make a page that verifies.

`LEDGER_KEY` if there is one: only processes that run tasks or checks need it. Else one derived from
`SECRET_KEY`; those derived from `SECRET_KEY_FALLBACKS` go on to verify.
"""

import hmac

from django.conf import settings

from incidents.models import Anchor

_PURPOSE = b"incidents.anchors"


def keys() -> list[bytes]:
    """The first one seals, all of them verify."""
    if settings.LEDGER_KEY:
        return [settings.LEDGER_KEY.encode()]
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [hmac.digest(secret.encode(), _PURPOSE, "sha256") for secret in secrets]


def name_of(key: bytes) -> str:
    return hmac.digest(key, b"name", "sha256").hex()[:8]


def present() -> str:
    """The name of the key that seals now."""
    return name_of(keys()[0])


def seal(anchor: Anchor) -> None:
    anchor.seal = _seal(keys()[0], anchor.digest)


def is_ours(anchor: Anchor) -> bool | None:
    """Whether one of our keys sealed it. None: it names a key that we do not have (any more)."""
    named = [key for key in keys() if name_of(key) == anchor.key]
    if not named:
        return None
    return hmac.compare_digest(_seal(named[0], anchor.digest), anchor.seal)


def _seal(key: bytes, digest: str) -> str:
    return hmac.digest(key, digest.encode(), "sha256").hex()
