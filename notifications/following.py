"""Following a service, and ceasing to. A subscription is ended rather than deleted."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from incidents.models import Incident, Service
from notifications.enums import Reason
from notifications.models import OptOut, Subscription


def follow(person: User, service: Service, *, at: datetime) -> None:
    """Hear of its disturbances from now on. Following twice is following once."""
    Subscription.objects.get_or_create(
        user=person, service=service, valid_until=None, defaults={"valid_from": at}
    )


def unfollow(person: User, service: Service, *, at: datetime) -> None:
    Subscription.objects.in_force(at).filter(user=person, service=service).update(valid_until=at)


def follows_everything(person_id: int, *, at: datetime) -> bool:
    return Subscription.objects.in_force(at).filter(user=person_id, service=None).exists()


def is_stopped(person_id: int, incident: Incident, reason: str) -> bool:
    return OptOut.objects.filter(user=person_id, incident=incident, reason=_what(reason)).exists()


@transaction.atomic
def stop(person_id: int, incident: Incident, reason: str, *, at: datetime) -> None:
    """No more mails about the incident; for a follower, no more news of its service, this one's included."""
    _row, is_new = OptOut.objects.get_or_create(
        user_id=person_id, incident=incident, reason=_what(reason), defaults={"since": at}
    )
    if is_new and reason == Reason.SUBSCRIBER:
        following = Subscription.objects.in_force(at).about(incident.service_id)
        following.filter(user=person_id).update(valid_until=at)


@transaction.atomic
def undo(person_id: int, incident: Incident, reason: str, *, at: datetime) -> None:
    """Takes `stop` back: what ended in that very moment begins again. An end that was written stays."""
    for stopped in OptOut.objects.filter(user=person_id, incident=incident, reason=_what(reason)):
        if reason == Reason.SUBSCRIBER:
            mine = Subscription.objects.filter(user=person_id)
            again = set(mine.filter(valid_until=None).values_list("service", flat=True))
            ended = set(mine.filter(valid_until=stopped.since).values_list("service", flat=True))
            for service in ended - again:
                Subscription.objects.create(user_id=person_id, service_id=service, valid_from=at)
        stopped.delete()


def _what(reason: str) -> str:
    """All reasons to hear of an incident are stopped at once; following a service is another thing."""
    return Reason.SUBSCRIBER if reason == Reason.SUBSCRIBER else ""
