"""Priority comes from the impact x urgency matrix, never from a form."""

from datetime import date

from django.utils.translation import gettext as _

from incidents.enums import Impact, Priority, Urgency
from incidents.errors import Invalid
from incidents.models import PriorityRule


def matrix_on(day: date) -> dict[tuple[int, int], Priority]:
    """{(impact, urgency): priority} in force on a day. One query."""
    rules = PriorityRule.objects.filter(valid_from__lte=day).order_by("valid_from", "pk")
    return {(rule.impact, rule.urgency): Priority(rule.priority) for rule in rules}


def priority_for(impact: int, urgency: int, *, day: date) -> Priority:
    """The cell of the matrix in force on that day. Raises Invalid for an unknown value or a gap."""
    if impact not in Impact.values or urgency not in Urgency.values:
        raise Invalid({"impact": _("Impact and urgency are 1 (high), 2 (medium) or 3 (low).")})
    try:
        return matrix_on(day)[impact, urgency]
    except KeyError:
        raise Invalid(
            {"impact": _("The priority matrix has no row for these. Ask an administrator to add it.")}
        ) from None
