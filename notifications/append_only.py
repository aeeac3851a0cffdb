"""Rows of ours that the database refuses to change, and what of them the ledger seals."""

from django.db.models import Q

from incidents.anchors.kinds import Kind, columns_of
from incidents.append_only import Fixed
from notifications.enums import Status
from notifications.models import Announcement, Attempt, Delivery, Enclosure, Subscription

TABLES = (
    Fixed(Announcement, once=("anchor",)),
    Fixed(Attempt, once=("anchor",)),
    Fixed(Enclosure, once=("anchor",)),
    Fixed(Subscription, once=("valid_until", "anchor", "ended_anchor")),
    Fixed(Delivery, changes=True),
)
KINDS = (
    Kind(
        "delivery",
        Delivery,
        (
            "uuid",
            "purpose",
            "entry_id",
            "incident_id",
            "key",
            "channel",
            "target",
            "recipient_id",
            "endpoint_id",
            "reason",
            "created_at",
            "message_id",
        ),
        lambda values: f"delivery {values['uuid']}",
        since="created_at",
    ),
    Kind(
        "sent",
        Delivery,
        ("uuid", "status", "status_reason", "address", "subject", "body_hash", "provider_reply", "sent_at"),
        lambda values: f"sent delivery {values['uuid']}",
        since="sent_at",
        mark="sent_anchor",
        ready=Q(status=Status.SENT),
    ),
    Kind(
        "attempt",
        Attempt,
        columns_of(Attempt, without=()),
        lambda values: f"attempt {values['n']} of delivery number {values['delivery_id']}",
        since="ended_at",
    ),
    Kind(
        "announcement",
        Announcement,
        ("expected", "at"),
        lambda values: f"announcement of entry number {values['pk']}",
        since="at",
    ),
    Kind(
        "enclosure",
        Enclosure,
        columns_of(Enclosure, without=()),
        lambda values: f"enclosure of {values['key']}",
        since=None,
    ),
    Kind(
        "subscription",
        Subscription,
        ("user_id", "service_id", "valid_from"),
        lambda values: f"subscription {values['pk']} of person number {values['user_id']}",
        since="valid_from",
    ),
    Kind(
        "ended",
        Subscription,
        ("user_id", "valid_until"),
        lambda values: f"ended subscription {values['pk']} of person number {values['user_id']}",
        since="valid_until",
        mark="ended_anchor",
        ready=Q(valid_until__isnull=False),
    ),
)
