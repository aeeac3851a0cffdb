"""Priority, state and clock of an incident as badges."""

from datetime import datetime

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.enums import HoldReason, Priority, State
from incidents.models import Clock
from itsm.ui import badges
from itsm.ui.templatetags.moments import countdown, now_of, still

register = template.Library()

# Lit bars of the signal; the most urgent is a filled square of its own.
BARS = {
    Priority.CRITICAL: None,
    Priority.HIGH: 3,
    Priority.MODERATE: 2,
    Priority.LOW: 1,
    Priority.PLANNING: 0,
}
# Beside "On hold" one word is enough; the title says it in full.
WAITING_FOR = {
    HoldReason.CALLER: gettext_lazy("requester"),
    HoldReason.VENDOR: gettext_lazy("vendor"),
    HoldReason.PROBLEM: gettext_lazy("problem"),
    HoldReason.CHANGE: gettext_lazy("change"),
    HoldReason.EVIDENCE: gettext_lazy("evidence"),
}


@register.simple_tag
def priority(level: int) -> SafeString:
    known = Priority(level)
    return badges.signal(int(known), known.label, lit=BARS[known])


@register.simple_tag
def state(value: str, reason: str = "") -> SafeString:
    """`{% state incident.state incident.hold_reason %}`."""
    known = State(value)
    waits = HoldReason(reason) if reason else None
    return badges.state_mark(
        known.value.replace("_", "-"),
        known.label,
        title=waits.label if waits else known.label,
        more=WAITING_FOR[waits] if waits else "",
    )


def of_clock(clock: Clock, now: datetime, *, exactly: bool = False) -> SafeString | str:
    if clock.cancelled:
        return ""
    if clock.stopped_at is not None:
        return still("late", "late", _("Missed")) if clock.breached else still("met", "check", _("Met"))
    if clock.due_at is None:
        return (
            still("late", "pause", _("Paused, late"))
            if clock.breached
            else still("paused", "pause", _("Paused"))
        )
    return countdown(clock.due_at, now, exactly=exactly)


@register.simple_tag(takes_context=True)
def sla(
    context: dict[str, object], clock: Clock | datetime | None, ticking: str | int | None = None
) -> SafeString | str:
    """`{% sla clock %}` of a Clock or of a bare due time; nothing of nothing.

    desk.js lets it tick by the server's clock; `{% sla clock True %}` shows seconds.
    """
    if clock is None or clock == "":
        return ""
    if isinstance(clock, datetime):
        return countdown(clock, now_of(context), exactly=bool(ticking))
    return of_clock(clock, now_of(context), exactly=bool(ticking))
