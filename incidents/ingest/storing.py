"""Foreign words made fit to store: no NUL, no half characters, nothing secret."""

from typing import Any

#: Keys that tools put into bodies.
SECRETS = frozenset({"routing_key", "service_key", "api_key", "apikey", "token", "password", "secret"})
MAX_DEPTH = 60


def clean(words: str, limit: int | None = None) -> str:
    """Without what PostgreSQL and readers cannot take; cut to `limit`."""
    whole = words.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "\ufffd")
    return whole[:limit]


def one_line(words: str, limit: int) -> str:
    visible = "".join(char if char.isprintable() else " " for char in clean(words.replace("\x00", " ")))
    return " ".join(visible.split())[:limit]


def storable(value: Any, depth: int = 0) -> Any:
    """The body as it came, as far as both databases can keep it."""
    if depth > MAX_DEPTH:
        return "…"
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [storable(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {
            clean(str(name)): "[removed]" if str(name).lower() in SECRETS else storable(item, depth + 1)
            for name, item in value.items()
        }
    if isinstance(value, float) and value in {float("inf"), float("-inf")}:
        return None
    return value
