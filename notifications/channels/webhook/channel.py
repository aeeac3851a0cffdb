"""Webhooks, as Standard Webhooks describes them."""

from datetime import timedelta

from notifications.channels.base import Definition
from notifications.channels.webhook.transport import WebhookTransport

WEBHOOK = Definition(
    WebhookTransport,
    #: As Standard Webhooks proposes.
    schedule=tuple(
        timedelta(seconds=seconds)
        for seconds in (5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
    ),
)
