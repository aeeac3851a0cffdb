"""What the followers of a service hear.

Who may see the incident hears of it as everybody who may. Who may not hears the public news: that the
service is disturbed, what was done, that it is over. An incident becomes public news when it is
declared major, because that is when somebody decides that it concerns more than its requester; it
stays so to its end, also after it was stood down. A confidential one never is.
"""

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Q

from incidents.enums import EntryKind
from incidents.models import TimelineEntry
from notifications.enums import Reason
from notifications.kinds import news_of
from notifications.models import Delivery, OptOut, Subscription
from notifications.routing.concerned import with_duplicates


def followers(entry: TimelineEntry) -> set[int]:
    """Who follows the service now, or was told of the start and so hears of the end. Sight is not asked."""
    news = news_of(entry.kind)
    if not entry.is_public or not (news.followers or news.public_news):
        return set()
    in_force = Subscription.objects.in_force(entry.at).about(entry.incident.service_id)
    return set(in_force.values_list("user_id", flat=True)) | told_before(entry)


def is_public_news(entry: TimelineEntry) -> bool:
    incident = entry.incident
    if not entry.is_public or not news_of(entry.kind).public_news:
        return False
    if incident.is_confidential or incident.service_id is None:
        return False
    declared = TimelineEntry.objects.filter(
        incident__in=with_duplicates(incident), kind=EntryKind.MAJOR_DECLARED, at__lte=entry.at
    )
    return entry.kind == EntryKind.MAJOR_DECLARED or declared.exists()


def willing(entry: TimelineEntry, people: Collection[int]) -> set[int]:
    """Those of these people who have an address and want to hear."""
    unwilling = OptOut.objects.filter(
        Q(incident=None) | Q(incident=entry.incident_id), reason__in=("", Reason.SUBSCRIBER)
    )
    found = User.objects.filter(pk__in=people, is_active=True).exclude(email="")
    return set(found.exclude(pk__in=unwilling.values("user")).values_list("pk", flat=True))


def told_before(entry: TimelineEntry) -> set[int]:
    """Who was told, as a follower, of this incident or of one that was merged into it."""
    if entry.kind == EntryKind.OPENED:
        return set()  # nothing was said before
    told = Delivery.objects.filter(
        incident__in=with_duplicates(entry.incident), reason=Reason.SUBSCRIBER, entry__lt=entry.pk
    )
    return set(told.filter(recipient__isnull=False).values_list("recipient", flat=True))


def still_wanted(entry: TimelineEntry, person: User, at: datetime) -> bool:
    """Asked again before it is sent: it is public news still, and this person's to hear."""
    if not is_public_news(entry):
        return False
    follows = Subscription.objects.in_force(at).about(entry.incident.service_id).filter(user=person).exists()
    return follows or person.pk in told_before(entry)
