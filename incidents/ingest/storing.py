"""Foreign words made fit to store: no NUL, no half characters, nothing secret."""

import hashlib
import math

from incidents import lines

#: How the names of secrets end, in any spelling: `apiKey`, `X-Auth-Token`, `client_secret`.
SECRETS = (
    "routingkey", "servicekey", "apikey", "accesskey", "privatekey", "geniekey", "token", "password",
    "passwd", "secret", "authorization", "cookie", "credentials",
)  # fmt: skip
REMOVED = "[removed]"
MAX_DEPTH = 60
#: Longer numbers are names, and no database counts with them.
MAX_DIGITS = 18


def clean(words: str, limit: int | None = None) -> str:
    """Without what PostgreSQL and readers cannot take; cut to `limit`."""
    whole = words.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "\ufffd")
    return whole[:limit]


def one_line(words: str, limit: int) -> str:
    """In one line, without what cannot be shown."""
    return lines.one_line(clean(words).replace("\ufffd", " "))[:limit].rstrip()


def short(words: str, limit: int) -> str:
    """In one line; what is too long keeps its beginning and stays different from its like."""
    whole = one_line(words, len(words))
    if len(whole) <= limit:
        return whole
    mark = hashlib.sha256(whole.encode()).hexdigest()
    return f"{whole[: limit - len(mark) - 1]}~{mark}"


def is_secret(name: str) -> bool:
    bare = "".join(char for char in name.lower() if char.isalnum())
    return bare.endswith(SECRETS)


def storable(value: object, depth: int = 0) -> object:  # noqa: PLR0911 -- one return a kind of value
    """The body as it came, as far as both databases can keep it."""
    if depth > MAX_DEPTH:
        return "…"
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [storable(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {
            clean(str(name)): REMOVED if is_secret(str(name)) else storable(item, depth + 1)
            for name, item in value.items()
        }
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**MAX_DIGITS:
        return str(value)
    return value
