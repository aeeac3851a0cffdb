"""Incidents as rows, without timeline and clocks: for numbers that need many, with times of their own."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from incidents.enums import State
from incidents.models import Incident

#: Monday of 2026-W10, and the end of that week.
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = timedelta(days=7)


def after(minutes: float | None, since: datetime = MONDAY) -> datetime | None:
    return None if minutes is None else since + timedelta(minutes=minutes)


def row(**facts: Any) -> Incident:
    """Opened at the beginning of the week; closed if `resolved_at` or `closed_at` is given."""
    opened_at = facts.setdefault("opened_at", MONDAY)
    if facts.get("closed_at") or facts.get("resolved_at"):
        facts.setdefault("state", State.CLOSED)
    if facts.get("state") == State.CLOSED:
        facts.setdefault("closed_at", facts.get("resolved_at"))
    if facts.get("state") in {State.RESOLVED, State.CLOSED}:
        facts.setdefault("resolution_code", "fixed")
    facts.setdefault("title", "Printer prints blank pages")
    facts.setdefault("updated_at", opened_at)
    return Incident(uid=uuid.uuid4(), version=1, chain_head="0" * 64, **facts)


def save(rows: Iterable[Incident]) -> list[Incident]:
    return Incident.objects.bulk_create(list(rows))
