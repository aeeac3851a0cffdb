"""The pages of telling people, inside the desk's admin."""

from notifications.admin.delivery import DeliveryAdmin
from notifications.admin.endpoint import EndpointAdmin
from notifications.admin.inbound import InboundMailAdmin
from notifications.admin.subscription import OptOutAdmin, SubscriptionAdmin
from notifications.admin.trouble import ChannelPauseAdmin, SuppressionAdmin

__all__ = [
    "ChannelPauseAdmin",
    "DeliveryAdmin",
    "EndpointAdmin",
    "InboundMailAdmin",
    "OptOutAdmin",
    "SubscriptionAdmin",
    "SuppressionAdmin",
]
