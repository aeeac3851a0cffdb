"""A mail of ours that was accepted and came back."""

from datetime import datetime

from django.db.models import Q

from notifications.models import Delivery, Suppression
from notifications.models.subscription import SuppressionCause


def came_back(delivery: Delivery, *, text: str, is_hard: bool, at: datetime) -> None:
    """Shown until somebody looked at it. `is_hard`: nobody is there, so nothing more is sent there."""
    Delivery.objects.filter(pk=delivery.pk).update(came_back=text[:300], noted_at=None)
    address = delivery.address.lower()
    if not is_hard or not address:
        return
    facts = {"cause": SuppressionCause.BOUNCE, "text": text[:300], "since": at, "until": None}
    made = Suppression.objects.get_or_create(address=address, defaults={**facts, "delivery": delivery})[1]
    if not made:
        over = Suppression.objects.filter(Q(until__lte=at), address=address)
        over.update(**facts, delivery=delivery)
