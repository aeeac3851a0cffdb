"""People and moments, as every page writes them."""

from datetime import datetime
from typing import Any, TypeAlias

from django import template
from django.contrib.auth.models import AnonymousUser, User
from django.utils import dateformat, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents import timekeeping

register = template.Library()

Person: TypeAlias = User | AnonymousUser | str | None

TONES = 6
HOUR, DAY, LONG_AGO = 60, 24 * 60, 60 * 24 * 60  # minutes


@register.filter
def person(who: Person, nobody: str = "") -> str:
    """The full name, else the login name; `nobody` for nobody: `{{ entry.actor|person:_("System") }}`."""
    if isinstance(who, User):
        return who.get_full_name() or who.get_username()
    return str(who) if isinstance(who, str) and who else nobody


@register.filter
def first_name(who: Person) -> str:
    if isinstance(who, User) and who.first_name:
        return who.first_name
    return person(who)


def initials(name: str) -> str:
    words = name.replace("_", " ").replace(".", " ").split()
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.simple_tag
def avatar(who: Person, size: str = "") -> SafeString:
    """Decoration: the name stands beside it. Nobody is a dashed ring."""
    name = person(who)
    if not name:
        return format_html('<span class="avatar none {}" aria-hidden="true"></span>', size)
    tone = sum(map(ord, name)) % TONES
    return format_html('<span class="avatar a{} {}" aria-hidden="true">{}</span>', tone, size, initials(name))


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


def now_of(context: dict[str, Any]) -> datetime:
    """One page, one now: the view's if it says so."""
    now = context.get("now")
    return now if isinstance(now, datetime) else timekeeping.now()


@register.simple_tag(takes_context=True)
def ago(context: dict[str, Any], at: datetime | None) -> SafeString | str:
    if at is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact(at), ago_text(at, now_of(context))
    )


@register.simple_tag(takes_context=True)
def clock_time(context: dict[str, Any], at: datetime | None) -> SafeString | str:
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
