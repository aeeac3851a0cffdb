"""The agents' door. Each module registers the pages of its nouns."""

from incidents.admin import (
    catalogue,
    desk,
    incident,
    ledger,
    locks,
    monitoring,
    people,
    review,
    sla,
    sweeping,
    tokens,
)

__all__ = [
    "catalogue",
    "desk",
    "incident",
    "ledger",
    "locks",
    "monitoring",
    "people",
    "review",
    "sla",
    "sweeping",
    "tokens",
]
