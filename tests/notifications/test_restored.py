"""After a restore nothing is sent by itself, and what may have gone out is for a person to decide."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client

from incidents import workflow
from incidents.models import Incident
from itsm import ledger, restored
from notifications.delivery.announce import announce_pending
from notifications.delivery.claim import claim_due
from notifications.delivery.hold import HELD, are_channels_held
from notifications.delivery.recheck import IN_DOUBT
from notifications.delivery.worker import sweep
from notifications.enums import Channel, Phase, Status
from notifications.models import ChannelPause, DatabaseIdentity, Delivery
from tests.factories import NOON, agent_actor, make_incident
from tests.notifications.sink import Hand, Sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock() -> Iterator[Hand]:
    hand = Hand()
    with time_machine.travel(NOON, tick=False) as traveller:
        hand.turn = lambda **by: (traveller.shift(timedelta(**by)), Hand.turn(hand, **by))[1]  # type: ignore[method-assign]
        yield hand


@pytest.fixture
def backed_up(alice: User, carol: User, incident: Incident, clock: Hand) -> Incident:
    """One delivery handed over when the backup was made, one waiting, and one entry not yet announced."""
    workflow.assign(incident, actor=agent_actor(alice), at=NOON, team=incident.team, assignee=alice)
    announce_pending(clock)
    under_way = claim_due(clock())
    assert under_way
    Delivery.objects.filter(pk=under_way.pk).update(phase=Phase.DATA)
    workflow.comment(incident, actor=agent_actor(alice), at=NOON, text="Please restart it.")
    return incident


def hold(*options: str) -> str:
    out = StringIO()
    call_command("hold_deliveries", *options, stdout=out)
    return out.getvalue()


def test_all_that_waited_in_the_backup_is_in_doubt_and_nothing_goes_out(
    backed_up: Incident,
    sink: Sink,
    clock: Hand,
) -> None:
    said = hold()
    sweep(clock)

    rows = Delivery.objects.order_by("pk")
    assert said.startswith(f"{len(rows)} deliveries are in doubt.")
    assert len(rows) > 2
    assert {(row.status, row.status_reason) for row in rows} == {(Status.HELD, IN_DOUBT.reason)}
    assert sum(row.ambiguous for row in rows) == 1, "the one that was being handed over is on record"
    assert sink.taken == []
    assert list(ledger.breaches(clock())) == []


def test_after_the_release_new_news_goes_out_and_what_is_in_doubt_stays(
    backed_up: Incident,
    carol: User,
    alice: User,
    sink: Sink,
    clock: Hand,
) -> None:
    hold()
    doubted = set(Delivery.objects.values_list("pk", flat=True))
    workflow.comment(backed_up, actor=agent_actor(alice), at=NOON, text="Is it better now?")
    sweep(clock)
    assert sink.taken == []

    hold("--release")
    sweep(clock)

    assert [taken.to for taken in sink.taken] == ["carol@example.com"]
    assert set(Delivery.objects.filter(status=Status.HELD).values_list("pk", flat=True)) == doubted
    assert hold("--release") == "Nothing was held.\n"


def test_what_the_time_since_the_backup_made_due_is_in_doubt_too(
    incident: Incident,
    alice: User,
    sink: Sink,
    clock: Hand,
) -> None:
    """The desk that went on after the backup has warned of this clock already."""
    sweep(clock)
    sink.taken.clear()
    clock.turn(minutes=61)

    hold()
    hold("--release")
    sweep(clock)

    assert sink.taken == []
    assert incident.entries.filter(kind="sla_warned").count() == 1
    assert Delivery.objects.filter(status=Status.HELD, status_reason=IN_DOUBT.reason).exists()


def test_what_is_worthless_by_now_is_cancelled(backed_up: Incident, clock: Hand) -> None:
    announce_pending(clock)
    clock.turn(days=5)

    hold()

    assert not Delivery.objects.filter(status=Status.PENDING).exists()
    assert Delivery.objects.filter(status=Status.CANCELLED).exists()


def test_pause_of_an_administrator_is_left_to_them(db: None) -> None:
    ChannelPause.objects.create(channel=Channel.EMAIL, reason="Move of the mail server", since=NOON)

    hold()
    assert dict(ChannelPause.objects.values_list("channel", "reason")) == {
        "email": "Move of the mail server",
        "webhook": HELD,
    }
    hold("--release")

    assert ChannelPause.objects.get().channel == Channel.EMAIL


def test_person_finds_what_is_in_doubt_and_sends_it_or_considers_it_sent(
    backed_up: Incident,
    admin_client: Client,
    admin_user: User,
    sink: Sink,
    clock: Hand,
) -> None:
    hold()
    first, second, *others = Delivery.objects.order_by("pk")
    address = "/admin/notifications/delivery/?trouble=doubt"

    page = admin_client.get(address).content.decode()
    assert page.count("In doubt: it may have gone out") == 2 + len(others)
    for action, row in (("send_again", first), ("consider_sent", second)):
        admin_client.post(address, {"action": action, "_selected_action": [row.pk]}, follow=True)
    hold("--release")
    sweep(clock)

    statuses = dict(Delivery.objects.values_list("pk", "status"))
    assert (statuses[first.pk], statuses[second.pk]) == (Status.SENT, Status.CANCELLED)
    assert len(sink.taken) == 1
    assert LogEntry.objects.filter(
        user=admin_user, object_id=second.pk, change_message="Considered sent, by hand."
    ).exists()
    assert list(ledger.breaches(clock())) == []


def test_home_and_health_say_that_deliveries_are_held(admin_client: Client, settings: object) -> None:
    hold()

    assert "Deliveries are held since a restore" in admin_client.get("/admin/").content.decode()


def mark_as_restored() -> None:
    """What a restore leaves: a file with the mark of our backup, or tables with other numbers."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA application_id = {restored.COPY}")
    else:
        DatabaseIdentity.objects.update(text="1.2")


def test_restored_database_is_recognised_once_and_held(
    backed_up: Incident,
    sink: Sink,
    clock: Hand,
) -> None:
    restored.hold_if_restored()
    mark_as_restored()
    restored._look.done = False

    restored.CATCH_UP[0]()

    assert are_channels_held()
    assert Delivery.objects.filter(status_reason=IN_DOUBT.reason).count() > 2
    assert restored.hold_if_restored() is False


def test_database_that_stays_where_it_is_is_never_held(incident: Incident) -> None:
    make_incident()

    assert [restored.hold_if_restored() for _ in range(3)] == [False] * 3
    assert not ChannelPause.objects.exists()
