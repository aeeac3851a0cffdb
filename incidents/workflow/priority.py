"""Priority comes from the impact x urgency matrix, never from a form."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.enums import Impact, Priority, Urgency
from incidents.errors import Invalid
from incidents.kept import Kept
from incidents.models import Incident, PriorityRule


def desk_day(at: datetime) -> date:
    """The day that a moment belongs to: a day of the matrix begins at midnight in the desk's zone."""
    return timezone.localdate(at, timezone.get_default_timezone())


def matrix_on(day: date) -> dict[tuple[int, int], Priority]:
    """{(impact, urgency): priority} in force on a day."""
    return {
        (rule.impact, rule.urgency): Priority(rule.priority) for rule in _rules() if rule.valid_from <= day
    }


def _read() -> list[PriorityRule]:
    return list(PriorityRule.objects.order_by("valid_from", "pk"))


_rules = Kept(_read)


def priority_for(impact: int, urgency: int, *, at: datetime) -> Priority:
    """The cell of the matrix in force at that moment. Raises Invalid for an unknown value or a gap."""
    if impact not in Impact.values or urgency not in Urgency.values:
        raise Invalid({"impact": _("Impact and urgency are 1 (high), 2 (medium) or 3 (low).")})
    try:
        return matrix_on(desk_day(at))[impact, urgency]
    except KeyError:
        raise Invalid(
            {"impact": _("The priority matrix has no row for these. Ask an administrator to add it.")}
        ) from None


def with_priority(incident: Incident, changes: Mapping[str, Any]) -> dict[str, Any]:
    """`changes`, and the priority that impact and urgency bring along unless it was overridden."""
    if incident.priority_overridden or {"impact", "urgency"}.isdisjoint(changes):
        return dict(changes)
    impact, urgency = changes.get("impact", incident.impact), changes.get("urgency", incident.urgency)
    return {**changes, "priority": priority_for(impact, urgency, at=incident.opened_at)}
