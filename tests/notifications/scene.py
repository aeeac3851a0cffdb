# ruff: noqa: T201
"""Steps that process tests run in processes and a database of their own."""

import json
import sys

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.db.models import Sum  # noqa: E402
from django.utils import timezone  # noqa: E402

from incidents import workflow  # noqa: E402
from incidents.enums import Channel, Via  # noqa: E402
from incidents.models import TimelineEntry  # noqa: E402
from incidents.policies import Actor  # noqa: E402
from incidents.sweeping import spent_after  # noqa: E402
from itsm import ledger  # noqa: E402
from notifications.delivery.announce import announce_pending  # noqa: E402
from notifications.delivery.claim import claim_due  # noqa: E402
from notifications.delivery.pool import Shift  # noqa: E402
from notifications.delivery.worker import tidy_up  # noqa: E402
from notifications.models import Delivery  # noqa: E402


def report(count: str) -> None:
    """That many incidents, each opened by an operator for somebody else: one mail each."""
    operator = User.objects.get_or_create(username="operator", is_superuser=True)[0]
    for n in range(int(count)):
        person = User.objects.get_or_create(username=f"p{n}", email=f"p{n}@example.com")[0]
        facts = workflow.Report(title=f"Matter {n}", requester=person, channel=Channel.PHONE)
        workflow.open_incident(facts, actor=Actor(operator, Via.ADMIN), at=timezone.now())


def loop() -> None:
    """A worker without Celery: works until it is killed."""
    while True:
        tidy_up(timezone.now)
        Shift(timezone.now, stop=spent_after(10)).run()


def claim() -> None:
    """Take what is due until nothing is; which rows it got."""
    while found := claim_due(timezone.now()):
        print(found.pk)


def announce() -> None:
    """Expand what waits; how many deliveries it made."""
    print(announce_pending(timezone.now))


def books() -> None:
    by_status: dict[str, int] = {}
    for status in Delivery.objects.values_list("status", flat=True):
        by_status[status] = by_status.get(status, 0) + 1
    print(
        json.dumps(
            {
                "statuses": by_status,
                "unannounced": TimelineEntry.objects.unannounced().count(),
                "sent_ids": list(Delivery.objects.filter(status="sent").values_list("message_id", flat=True)),
                "ambiguous": Delivery.objects.aggregate(n=Sum("ambiguous"))["n"] or 0,
                "breaches": list(ledger.breaches(timezone.now())),
            }
        )
    )


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
