"""Text of people and texts of ours, made fit for a mail."""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import nh3
from django.conf import settings
from django.contrib.auth.models import User
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe

from itsm.ui.names import person_name

LOOKS_LIKE_A_LINK = re.compile(r"(://|(?<=\w)[.@](?=\w))")


def plain(name: str) -> str:
    """A name that no mail program takes for a link: a word joiner breaks what would look like one."""
    return LOOKS_LIKE_A_LINK.sub("\\1\u2060", " ".join(name.split()))


def name_of(person: User) -> str:
    return plain(person_name(person))


def prose(text: str) -> SafeString:
    """Paragraphs and line breaks, and nothing else that could be markup."""
    html = nh3.clean(linebreaks(text, autoescape=True), tags={"p", "br"}, attributes={})
    return mark_safe(html)  # noqa: S308 -- escaped, then cleaned to two tags without attributes


def tidy(text: str) -> str:
    """Templates leave gaps where a part was not needed. Only the last "--" is a signature, with its blank."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    body, dashes, foot = re.sub(r"\n{3,}", "\n\n", lines).strip().rpartition("\n--\n")
    if not dashes:
        return f"{foot}\n"
    signature = "\n".join(line for line in foot.splitlines() if line)
    return f"{body}\n-- \n{signature}\n"


def language_of(person: User) -> str:
    profile = getattr(person, "profile", None)
    known = {code for code, _name in settings.LANGUAGES}
    wanted = profile.language if profile else ""
    return wanted if wanted in known else settings.LANGUAGE_CODE


def zone_of(person: User) -> ZoneInfo:
    profile = getattr(person, "profile", None)
    name = profile.zone_name(settings.TIME_ZONE) if profile else settings.TIME_ZONE
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
