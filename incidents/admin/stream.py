"""The timeline of an incident, a page at a time."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from incidents.admin.access import user_of
from incidents.admin.entries import Line, lines_of
from incidents.entry_kinds import Tab, kinds_where
from incidents.models import (
    Incident,
    TimelineEntry,
)
from itsm.ui.texts import StrOrPromise

PAGE = 50

TALK = kinds_where(lambda kind: kind.tab == Tab.TALK)
FINDINGS = kinds_where(lambda kind: kind.tab == Tab.FINDINGS)
SHOWS: dict[str, tuple[StrOrPromise, Q]] = {
    "all": (_("All"), Q()),
    Tab.TALK: (_("Conversation"), Q(kind__in=TALK) | (Q(visibility="public") & ~Q(text=""))),
    Tab.CHANGES: (_("Changes"), ~Q(kind__in=(*TALK, *FINDINGS))),
    Tab.FINDINGS: (_("Findings"), Q(kind__in=FINDINGS)),
}


@dataclass(slots=True)
class Stream:
    """One page of the timeline, its tabs, and where the next page begins."""

    lines: list[Line]
    tabs: list[tuple[str, StrOrPromise, int]]
    show: str
    oldest_first: bool
    more: int | None
    is_continued: bool


def stream(incident: Incident, request: HttpRequest) -> Stream:
    """By `seq`, which is unique in an incident: the page after 5,000 entries costs what the first does."""
    show = request.GET.get("show", "all")
    show = show if show in SHOWS else "all"
    oldest_first = request.GET.get("order") == "old"
    start = request.GET.get("from", "")
    rows = incident.entries.filter(SHOWS[show][1])
    if start.isascii() and start.isdigit() and len(start) < 10:
        rows = rows.filter(**{"seq__gt" if oldest_first else "seq__lt": int(start)})
    page: list[TimelineEntry] = list(
        rows.select_related("actor").order_by("seq" if oldest_first else "-seq")[: PAGE + 1]
    )
    tally = incident.entries.aggregate(**{name: Count("pk", filter=q) for name, (_label, q) in SHOWS.items()})
    return Stream(
        lines=lines_of(incident, page[:PAGE], user_of(request)),
        tabs=[(name, label, tally[name]) for name, (label, _q) in SHOWS.items()],
        show=show,
        oldest_first=oldest_first,
        more=page[PAGE - 1].seq if len(page) > PAGE else None,
        is_continued=bool(start),
    )
