"""Priority, state and countdown. The word carries the meaning, mark and colour repeat it."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.enums import HoldReason, Priority, State
from incidents.models import Clock
from itsm.templatetags.icons import drawn
from itsm.templatetags.people import exact, now_of

register = template.Library()

SOON = 60 * 60  # seconds; desk.js turns amber at the same moment
HOUR, DAY = 60, 24 * 60  # minutes

# Lit bars of the signal; the most urgent is a filled square of its own.
BARS = {Priority.HIGH: 3, Priority.MODERATE: 2, Priority.LOW: 1, Priority.PLANNING: 0}
SQUARE = mark_safe(
    '<path d="M3 1h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2V3a2 2 0 0 1 2-2z"/>'
    '<path class="cut" d="M7 4h2v5H7zM7 10.5h2v2H7z"/>'
)
STATE_MARKS = {
    State.NEW: mark_safe('<circle class="ring dash" cx="8" cy="8" r="6"/>'),
    State.IN_PROGRESS: mark_safe(
        '<circle class="ring" cx="8" cy="8" r="6"/><path d="M8 4.5a3.5 3.5 0 0 1 0 7z"/>'
    ),
    State.ON_HOLD: mark_safe(
        '<circle class="ring" cx="8" cy="8" r="6"/><path d="M5.8 5.5h1.5v5H5.8zM8.7 5.5h1.5v5H8.7z"/>'
    ),
    State.RESOLVED: mark_safe('<circle cx="8" cy="8" r="7"/><path class="tick" d="M5 8.2l2.1 2.1L11.2 6"/>'),
    State.CLOSED: mark_safe('<circle cx="8" cy="8" r="7"/><path class="tick" d="M5 8.2l2.1 2.1L11.2 6"/>'),
    State.CANCELLED: mark_safe(
        '<circle cx="8" cy="8" r="7"/><path class="tick" d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8"/>'
    ),
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
    if known == Priority.CRITICAL:
        mark = SQUARE
    else:
        bars = (
            ("" if bar < BARS[known] else "dim", 1.5 + 5 * bar, 10 - 4 * bar, 4 + 4 * bar) for bar in range(3)
        )
        mark = format_html_join("", '<rect class="{}" x="{}" y="{}" width="3" height="{}" rx="1"/>', bars)
    return format_html(
        '<span class="prio p{}"><svg class="mark" viewBox="0 0 16 16" aria-hidden="true">{}</svg>{}</span>',
        int(known),
        mark,
        known.label,
    )


@register.simple_tag
def state(value: str, reason: str = "") -> SafeString:
    """`{% state incident.state incident.hold_reason %}`."""
    known = State(value)
    waits = HoldReason(reason) if reason else None
    return format_html(
        '<span class="state s-{}" title="{}">'
        '<svg class="mark" viewBox="0 0 16 16" aria-hidden="true">{}</svg>{}{}</span>',
        known.value.replace("_", "-"),
        waits.label if waits else known.label,
        STATE_MARKS[known],
        known.label,
        format_html(" · {}", WAITING_FOR[waits]) if waits else "",
    )


def duration(seconds: float) -> str:
    """`6 min`, `2 h 06 min`, `1 d 4 h`; the same words that desk.js uses."""
    minutes = int(abs(seconds) // 60)
    if minutes < HOUR:
        return _("%(m)d min") % {"m": minutes}
    if minutes < DAY:
        return _("%(h)d h %(m)02d min") % {"h": minutes // HOUR, "m": minutes % HOUR}
    return _("%(d)d d %(h)d h") % {"d": minutes // DAY, "h": minutes % DAY // HOUR}


def countdown(due: datetime, now: datetime, *, exactly: bool = False) -> SafeString:
    left = (due - now).total_seconds()
    tone = "late" if left < 0 else "warn" if left <= SOON else "ok"
    text = (_("%s late") if left < 0 else _("%s left")) % duration(left)
    return format_html(
        '<time class="sla {}" datetime="{}" title="{}" data-due="{}"{}>{}<span>{}</span></time>',
        tone,
        due.isoformat(),
        exact(due),
        int(due.timestamp()),
        mark_safe(' data-seconds=""') if exactly else "",
        drawn("late" if tone == "late" else "clock"),
        text,
    )


def still(tone: str, symbol: str, text: str) -> SafeString:
    return format_html('<span class="sla {}">{}{}</span>', tone, drawn(symbol), text)


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
    context: dict[str, Any], clock: Clock | datetime | None, ticking: str | int | None = None
) -> SafeString | str:
    """`{% sla clock %}` of a Clock or of a bare due time; nothing of nothing.

    desk.js lets it tick by the server's clock; `{% sla clock True %}` shows seconds.
    """
    if clock is None or clock == "":
        return ""
    if isinstance(clock, datetime):
        return countdown(clock, now_of(context), exactly=bool(ticking))
    return of_clock(clock, now_of(context), exactly=bool(ticking))


@register.filter
def duration_text(seconds: float | None) -> str:
    """Seconds in words, for panels and reports."""
    return "" if seconds is None else duration(seconds)
