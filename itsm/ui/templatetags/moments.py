"""Moments and lengths of time, as every page writes them."""

from datetime import datetime

from django import template
from django.utils import dateformat, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from itsm import timekeeping
from itsm.ui.templatetags.icons import drawn

register = template.Library()

SOON = 60 * 60  # seconds; desk.js turns amber at the same moment
HOUR, DAY, LONG_AGO = 60, 24 * 60, 60 * 24 * 60  # minutes


def exact(at: datetime) -> str:
    """A moment in full, in the reader's zone: what every `title` says."""
    return dateformat.format(timezone.localtime(at), "D j M Y, H:i T")


def ago_text(at: datetime, now: datetime) -> str:
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return _("just now")
    if minutes < HOUR:
        return ngettext("%d min ago", "%d min ago", minutes) % minutes
    if minutes < DAY:
        return ngettext("%d h ago", "%d h ago", minutes // HOUR) % (minutes // HOUR)
    if minutes < LONG_AGO:
        return ngettext("%d day ago", "%d days ago", minutes // DAY) % (minutes // DAY)
    return dateformat.format(timezone.localtime(at), "j M Y")


def now_of(context: dict[str, object]) -> datetime:
    """One page, one now: the view's if it says so."""
    now = context.get("now")
    return now if isinstance(now, datetime) else timekeeping.now()


@register.simple_tag(takes_context=True)
def ago(context: dict[str, object], at: datetime | None) -> SafeString | str:
    if at is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact(at), ago_text(at, now_of(context))
    )


@register.simple_tag(takes_context=True)
def clock_time(context: dict[str, object], at: datetime | None) -> SafeString | str:
    """The time of day; with the day in front unless it is today."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    today = timezone.localtime(now_of(context))
    if local.date() == today.date():
        form = "H:i"
    elif local.year == today.year:
        form = "j M, H:i"
    else:
        form = "j M Y, H:i"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact(at), dateformat.format(local, form)
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


@register.filter
def duration_text(seconds: float | None) -> str:
    """Seconds in words, for panels and reports."""
    return "" if seconds is None else duration(seconds)
