"""A message that reached nobody is told until somebody has acted on it."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from notifications.delivery import manual
from notifications.delivery.queue import enqueue_mail
from notifications.delivery.recover import cancel_expired
from notifications.delivery.worker import sweep
from notifications.enums import Status
from notifications.health import pipeline_health
from notifications.models import Delivery
from tests.notifications.sink import Hand, Sink

pytestmark = pytest.mark.django_db


def give_up(clock: Hand) -> None:
    Delivery.objects.update(status=Status.DEAD, status_reason="Every try failed.")


def expire(clock: Hand) -> None:
    clock.turn(days=8)
    cancel_expired(clock())


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss", "boss@example.com")


@pytest.fixture
def mail(carol: User, clock: Hand, sink: Sink) -> Delivery:
    sweep(clock)  # and the desk is well
    enqueue_mail(key="report:1", recipients=[carol], subject="Numbers", text="1", html="", at=clock())
    return Delivery.objects.get()


@pytest.mark.parametrize("end", [give_up, expire])
@pytest.mark.parametrize("act", ["retry", "cancel", "note"])
def test_message_that_reached_nobody_turns_health_red_until_somebody_acts(
    end: Callable[[Hand], None], act: str, mail: Delivery, boss: User, clock: Hand
) -> None:
    end(clock)
    if (act, end) == ("cancel", expire):
        act = "note"  # what is cancelled is not cancelled again
    before = pipeline_health(clock())
    mail.refresh_from_db()

    match act:
        case "retry":
            manual.retry(mail, by=boss, at=clock())
        case "cancel":
            manual.cancel(mail, by=boss, reason="Told by telephone.")
        case "note":
            manual.note(mail, by=boss, at=clock())

    after = pipeline_health(clock())
    words = [fault for fault in before.faults if "reached nobody" in fault]
    assert (before.dead, before.expired) == (int(end is give_up), int(end is expire))
    assert words == [f"1 messages reached nobody: {before.dead} given up, {before.expired} expired"]
    assert [line.split(":")[0] for line in before.unheard] == [f"delivery {mail.pk}, report"]
    assert (after.dead, after.expired, after.unheard) == (0, 0, [])
    assert LogEntry.objects.get().user == boss


def test_what_is_given_up_again_is_told_again(mail: Delivery, boss: User, clock: Hand) -> None:
    give_up(clock)
    mail.refresh_from_db()
    manual.note(mail, by=boss, at=clock())
    manual.retry(mail, by=boss, at=clock())

    give_up(clock)

    assert pipeline_health(clock()).dead == 1


def test_pipeline_page_says_which_messages_reached_nobody(
    mail: Delivery, client: Client, settings: LazySettings, clock: Hand
) -> None:
    settings.HEALTH_TOKEN = "word-of-the-monitoring"
    give_up(clock)

    answer = client.get("/health/pipeline", headers={"Authorization": "Bearer word-of-the-monitoring"})

    assert answer.status_code == 503
    assert answer.json()["unheard"] == [f"delivery {mail.pk}, report:1: Every try failed."]


def test_home_counts_them_and_leads_to_their_list(
    mail: Delivery, boss: User, client: Client, clock: Hand
) -> None:
    give_up(clock)
    Delivery.objects.update(recipient=boss)  # of reports, everybody sees their own
    client.force_login(boss)

    home = client.get(reverse("admin:index")).content.decode()
    listed = reverse("admin:notifications_delivery_changelist") + "?trouble=unheard"
    page = client.get(listed).content.decode()
    client.post(listed, {"action": "note_many", "_selected_action": [mail.pk]})

    assert "1 message reached nobody" in home
    assert listed in home
    assert "Given up" in page
    assert not Delivery.objects.unheard().exists()
    assert not Delivery.objects.in_trouble().exists()
    assert "reached nobody" not in client.get(reverse("admin:index")).content.decode()


def test_one_is_looked_at_on_its_page(mail: Delivery, boss: User, client: Client, clock: Hand) -> None:
    give_up(clock)
    Delivery.objects.update(recipient=boss)
    client.force_login(boss)
    before = client.get(reverse("admin:notifications_delivery_change", args=[mail.pk])).content.decode()

    client.post(reverse("admin:notifications_delivery_seen", args=[mail.pk]))

    after = client.get(reverse("admin:notifications_delivery_change", args=[mail.pk])).content.decode()
    assert "I have seen it" in before
    assert "I have seen it" not in after
    assert not Delivery.objects.unheard().exists()
