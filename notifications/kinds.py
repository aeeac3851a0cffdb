"""Each kind of timeline entry, once: who hears of it and with which words.

Whoever is told directly, requester and watchers, hears of every entry that is public. What is here
says who hears beside them. How an entry is told in the desk and the portal is in `incidents/entry_kinds.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from incidents.enums import EntryKind


class Desk(StrEnum):
    """When somebody at the desk has to hear, whoever is in reach."""

    NEVER = "never"
    ALWAYS = "always"
    #: When the requester's side did it.
    FROM_OUTSIDE = "from outside"
    #: When it is given to somebody, or taken from everybody.
    HANDED_OVER = "handed over"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    #: Folder of `templates/notifications/mail` with its subject and first sentence.
    mail: str = "progress"
    desk: Desk = Desk.NEVER
    #: Those who follow the service and may see the incident hear.
    followers: bool = False
    #: Those who follow the service and may not see it hear that the service is disturbed, or is not any more.
    public_news: bool = False
    #: Its words were written for the followers of the service.
    words_for_public: bool = False
    #: The people of the children hear. Hold, resume and resolve pass themselves on.
    children: bool = False
    #: A disturbance is told of as over.
    is_end: bool = False
    #: An incident begins, or an alert raises it (again): who heard of it hears when it is over.
    is_start: bool = False
    #: The remark beside it is for the desk, and stands in the desk's mails.
    has_note: bool = False
    #: Programs may ask for it.
    webhooks: bool = True
    is_urgent: bool = False
    #: What is still unsent then helps nobody and is cancelled. Counted from the entry.
    lasts: timedelta = timedelta(days=3)


_BOOKKEEPING = News(webhooks=False)

NEWS: Mapping[EntryKind, News] = {
    EntryKind.OPENED: News(mail="opened", desk=Desk.ALWAYS, followers=True, is_start=True),
    EntryKind.ACKNOWLEDGED: News(),
    EntryKind.ASSIGNED: News(mail="assigned", desk=Desk.HANDED_OVER, has_note=True),
    EntryKind.COMMENTED: News(mail="replied", desk=Desk.FROM_OUTSIDE, children=True),
    EntryKind.NOTED: News(mail="replied", desk=Desk.FROM_OUTSIDE),
    EntryKind.HELD: News(has_note=True),
    EntryKind.RESUMED: News(has_note=True),
    EntryKind.ACTION_TAKEN: News(mail="action", public_news=True, children=True),
    EntryKind.MAJOR_DECLARED: News(desk=Desk.ALWAYS, followers=True, public_news=True, words_for_public=True),
    EntryKind.STOOD_DOWN: News(followers=True, public_news=True, words_for_public=True),
    EntryKind.MITIGATED: News(followers=True, public_news=True, children=True),
    EntryKind.SLA_WARNED: News(mail="sla", desk=Desk.ALWAYS, is_urgent=True, lasts=timedelta(hours=1)),
    EntryKind.SLA_BREACHED: News(mail="sla", desk=Desk.ALWAYS, is_urgent=True, lasts=timedelta(hours=4)),
    EntryKind.RESOLVED: News(mail="resolved", followers=True, public_news=True, is_end=True),
    EntryKind.REOPENED: News(desk=Desk.ALWAYS, followers=True, public_news=True, is_start=True),
    EntryKind.CLOSED: News(mail="closed"),
    EntryKind.CANCELLED: News(
        mail="closed", desk=Desk.FROM_OUTSIDE, followers=True, public_news=True, is_end=True
    ),
    EntryKind.MERGED: News(mail="closed", followers=True, public_news=True, is_end=True),
    EntryKind.ALERTED: News(mail="alert"),
    EntryKind.WORSENED: News(mail="alert", desk=Desk.ALWAYS, is_start=True),
    EntryKind.STILL_FIRING: News(mail="alert", desk=Desk.ALWAYS, is_start=True),
    EntryKind.WATCHER_ADDED: News(mail="watching", webhooks=False),
    EntryKind.WATCHER_REMOVED: _BOOKKEEPING,
    EntryKind.ABSORBED: _BOOKKEEPING,
    EntryKind.EDITED: _BOOKKEEPING,
    EntryKind.PRIORITY_OVERRIDDEN: _BOOKKEEPING,
    EntryKind.SEVERITY_ASSESSED: _BOOKKEEPING,
    EntryKind.EVIDENCE_ADDED: _BOOKKEEPING,
    EntryKind.HYPOTHESIS_ADDED: _BOOKKEEPING,
    EntryKind.HYPOTHESIS_WEIGHED: _BOOKKEEPING,
    EntryKind.ROOT_CAUSE_RECORDED: _BOOKKEEPING,
    EntryKind.ACTION_PLANNED: _BOOKKEEPING,
    EntryKind.LINKED: _BOOKKEEPING,
    EntryKind.REVIEW_PUBLISHED: _BOOKKEEPING,
    EntryKind.REDACTED: _BOOKKEEPING,
    EntryKind.IMPORTED: _BOOKKEEPING,
}


def news_of(kind: str) -> News:
    return NEWS[EntryKind(kind)]


def kinds_where(holds: Callable[[News], bool]) -> tuple[EntryKind, ...]:
    """In the order of the table."""
    return tuple(kind for kind, news in NEWS.items() if holds(news))
