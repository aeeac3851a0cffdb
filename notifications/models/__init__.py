"""Who wants to hear, what was told, and how that went."""

from notifications.models.announcement import Announcement
from notifications.models.delivery import Attempt, Delivery, Enclosure
from notifications.models.endpoint import Endpoint
from notifications.models.inbound import InboundMail, InboundOutcome
from notifications.models.pipeline import ChannelPause, DatabaseIdentity, Heartbeat, Worker, WrongClock
from notifications.models.subscription import OptOut, Subscription, Suppression

__all__ = [
    "Announcement",
    "Attempt",
    "ChannelPause",
    "DatabaseIdentity",
    "Delivery",
    "Enclosure",
    "Endpoint",
    "Heartbeat",
    "InboundMail",
    "InboundOutcome",
    "OptOut",
    "Subscription",
    "Suppression",
    "Worker",
    "WrongClock",
]
