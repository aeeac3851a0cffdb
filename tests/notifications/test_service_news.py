"""Followers who may not see an incident hear the public news of its service, and of the incident nothing."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client

from incidents import workflow
from incidents.enums import ActionKind, ActionOutcome, ResolutionCode, Severity, Via
from incidents.models import Incident, Service, TimelineEntry
from incidents.policies import Actor
from notifications import ledger
from notifications.delivery.announce import announce_pending
from notifications.delivery.queue import content_hash
from notifications.delivery.worker import sweep
from notifications.enums import Status
from notifications.models import Announcement, Delivery, OptOut, Subscription
from notifications.rendering.links import stop_url
from notifications.routing.recipients import recipients
from tests.factories import NOON, RequesterFactory, ServiceFactory, make_incident
from tests.insider import tamper
from tests.notifications.sink import Hand, Sink
from tests.notifications.test_rendering import parts

pytestmark = pytest.mark.django_db

SYSTEM = Actor(None, Via.SYSTEM)
SECRETS = ("CANARY", "Carol", "Cole", "INC0", "/incidents/", "/admin/", "/track/")


@pytest.fixture
def fay(vpn: Service) -> User:
    """Follows the VPN and works nowhere near the desk."""
    user = RequesterFactory.create(username="fay", email="fay@example.com")
    Subscription.objects.create(user=user, service=vpn, valid_from=NOON - timedelta(days=1))
    return user


@pytest.fixture
def outage(carol: User, vpn: Service) -> Incident:
    return make_incident(requester=carol, title="CANARY title", description="CANARY words", service=vpn)


def declare(incident: Incident) -> TimelineEntry | None:
    return workflow.declare_major(
        incident, actor=SYSTEM, at=NOON, severity=Severity.SEV1, reason="Nobody can work from home."
    )


def resolve(incident: Incident) -> TimelineEntry:
    return workflow.resolve(
        incident, actor=SYSTEM, at=NOON, code=ResolutionCode.FIXED, text="CANARY resolution"
    )


def to(sink: Sink, address: str) -> list[str]:
    return [str(taken.message["Subject"]) for taken in sink.taken if taken.to == address]


def hears(entry: TimelineEntry | None, person: User) -> str:
    assert entry is not None
    entry = TimelineEntry.objects.select_related("incident").get(pk=entry.pk)
    return "".join(each.purpose for each in recipients(entry) if each.user_id == person.pk)


def test_follower_outside_hears_of_outage_what_was_done_and_its_end(
    fay: User, outage: Incident, sink: Sink, clock: Hand, settings: LazySettings
) -> None:
    settings.INBOUND_MAIL_URL = "imaps://x"  # answers are fetched, and not invited here
    workflow.comment(outage, actor=SYSTEM, at=NOON, text="CANARY reply")
    declare(outage)
    workflow.record_action(
        outage,
        actor=SYSTEM,
        at=NOON,
        kind=ActionKind.RESTART,
        summary="CANARY action",
        outcome=ActionOutcome.SUCCEEDED,
        tell=True,
    )
    workflow.mitigate(outage, actor=SYSTEM, at=NOON, note="CANARY note")
    resolve(outage)

    sweep(clock)

    assert to(sink, "fay@example.com") == [
        "VPN is disturbed",
        "VPN: what was done",
        "VPN works again",
        "VPN: the disturbance is over",
    ]
    letters = [parts(taken) for taken in sink.taken if taken.to == "fay@example.com"]
    for text, html in letters:
        for part in (text, html):
            assert [secret for secret in SECRETS if secret in part] == []
            assert "http://127.0.0.1:8000/status/" in part
            assert "2 Mar 2026, 12:00 UTC" in part
    assert all("Nobody can work from home." in part for part in letters[0])
    assert all("Restart: Succeeded" in part for part in letters[1])
    raw = b"".join(taken.raw for taken in sink.taken if taken.to == "fay@example.com")
    assert b"INC0" not in raw
    assert b"\r\nReply-To:" not in raw
    assert list(ledger.breaches(clock())) == []


def test_ordinary_incident_is_no_public_news(fay: User, outage: Incident) -> None:
    opened = outage.entries.get()
    mitigated = workflow.mitigate(outage, actor=SYSTEM, at=NOON)
    resolved = resolve(outage)

    assert [hears(entry, fay) for entry in (opened, mitigated, resolved)] == ["", "", ""]


def test_confidential_outage_is_no_public_news(fay: User, outage: Incident) -> None:
    workflow.edit(outage, actor=SYSTEM, at=NOON, changes={"is_confidential": True})

    assert hears(declare(outage), fay) == ""


def test_outage_of_another_service_is_not_told(fay: User, carol: User) -> None:
    other = make_incident(requester=carol, service=ServiceFactory.create(name="Mail"))

    assert hears(declare(other), fay) == ""


def test_follower_of_everything_hears_of_each_service(carol: User, sink: Sink, clock: Hand) -> None:
    gil = RequesterFactory.create(username="gil", email="gil@example.com")
    Subscription.objects.create(user=gil, valid_from=NOON - timedelta(days=1))
    declare(make_incident(requester=carol, service=ServiceFactory.create(name="Mail")))

    sweep(clock)

    assert to(sink, "gil@example.com") == ["Mail is disturbed"]
    text, _html = parts(next(taken for taken in sink.taken if taken.to == "gil@example.com"))
    assert "You get this because you follow every service." in text


def test_follower_who_may_see_it_hears_of_the_incident(bob: User, outage: Incident, vpn: Service) -> None:
    Subscription.objects.create(user=bob, service=vpn, valid_from=NOON - timedelta(days=1))

    assert hears(declare(outage), bob) == "news"


def test_requester_who_follows_the_service_hears_once_and_of_their_incident(
    carol: User, outage: Incident, vpn: Service
) -> None:
    Subscription.objects.create(user=carol, service=vpn, valid_from=NOON - timedelta(days=1))

    assert hears(declare(outage), carol) == "news"


def test_who_was_told_of_the_start_is_told_of_the_end(fay: User, outage: Incident, clock: Hand) -> None:
    declare(outage)
    announce_pending(clock)
    workflow.stand_down(outage, actor=SYSTEM, at=NOON, reason="Only Hamburg.")
    Subscription.objects.update(valid_until=NOON - timedelta(minutes=1))

    assert hears(resolve(outage), fay) == "service"


def test_who_was_told_of_an_outage_is_told_of_the_end_of_what_it_was_merged_into(
    fay: User, outage: Incident, carol: User, clock: Hand
) -> None:
    declare(outage)
    announce_pending(clock)
    target = make_incident(requester=carol, title="All of it")
    workflow.edit(target, actor=SYSTEM, at=NOON, changes={"service": ServiceFactory.create(name="Network")})
    merged = workflow.merge(outage, actor=SYSTEM, at=NOON, into=target, confirm=True)

    assert hears(merged, fay) == "service"
    assert hears(resolve(target), fay) == "service"


def test_opted_out_follower_is_not_told(fay: User, outage: Incident) -> None:
    OptOut.objects.create(user=fay, reason="subscriber")

    assert hears(declare(outage), fay) == ""


def make_confidential(fay: User, outage: Incident) -> None:
    Incident.objects.filter(pk=outage.pk).update(is_confidential=True)


def stop_following(fay: User, outage: Incident) -> None:
    Subscription.objects.update(valid_until=NOON)


def opt_out(fay: User, outage: Incident) -> None:
    OptOut.objects.create(user=fay, incident=outage, reason="subscriber")


@pytest.mark.parametrize(
    "happening", [make_confidential, stop_following, opt_out], ids=lambda each: each.__name__
)
def test_news_that_must_not_go_out_any_more_does_not(
    happening: object, fay: User, outage: Incident, sink: Sink, clock: Hand
) -> None:
    declare(outage)
    announce_pending(clock)
    happening(fay, outage)  # type: ignore[operator]

    sweep(clock)

    assert Delivery.objects.get(recipient=fay).status == Status.CANCELLED
    assert to(sink, "fay@example.com") == []


def test_hidden_service_is_told_without_a_link_to_the_status_page(
    fay: User, outage: Incident, vpn: Service, sink: Sink, clock: Hand
) -> None:
    Service.objects.filter(pk=vpn.pk).update(is_public=False)
    declare(outage)

    sweep(clock)

    text, html = parts(next(taken for taken in sink.taken if taken.to == "fay@example.com"))
    assert "/status/" not in text + html


def test_stop_link_of_news_ends_the_following_and_names_no_incident(
    fay: User, outage: Incident, client: Client, clock: Hand
) -> None:
    declare(outage)
    announce_pending(clock)
    url = stop_url(Delivery.objects.get(recipient=fay)).removeprefix("http://127.0.0.1:8000")

    asked = client.get(url).content.decode()
    stopped = client.post(url).content.decode()

    assert "Stop news of VPN?" in asked
    assert "You will not get news of VPN any more." in stopped
    assert outage.number not in asked + stopped
    assert not Subscription.objects.filter(user=fay, valid_until=None).exists()
    assert hears(resolve(outage), fay) == ""

    client.post(url, {"undo": "1"})

    assert Subscription.objects.filter(user=fay, valid_until=None).exists()
    assert not OptOut.objects.exists()


def leak_the_number(delivery: Delivery) -> None:
    assert delivery.incident
    delivery.text = f"It is {delivery.incident.number}."
    delivery.body_hash = content_hash(delivery)
    delivery.save(update_fields=["text", "body_hash"])


def forget_the_end(delivery: Delivery) -> None:
    last = Delivery.objects.filter(recipient=delivery.recipient).order_by("-pk").first()
    assert last
    tamper(last.tries.all().delete)
    tamper(lambda: Announcement.objects.filter(entry=last.entry).update(expected=1))
    tamper(last.delete)


@pytest.mark.parametrize("fault", [leak_the_number, forget_the_end], ids=lambda each: each.__name__)
def test_ledger_finds_news_that_leaked_or_never_ended(
    fault: object, fay: User, outage: Incident, sink: Sink, clock: Hand
) -> None:
    declare(outage)
    resolve(outage)
    sweep(clock)
    before = list(ledger.breaches(clock()))

    fault(Delivery.objects.filter(recipient=fay).order_by("pk")[0])  # type: ignore[operator]

    assert before == []
    assert len(list(ledger.breaches(clock()))) == 1


def test_end_that_is_still_to_be_announced_is_not_missed(
    fay: User, outage: Incident, sink: Sink, clock: Hand
) -> None:
    declare(outage)
    sweep(clock)
    resolve(outage)

    assert [line for line in ledger.breaches(clock()) if "its end was not told" in line] == []


def test_end_of_another_incident_is_not_missed(
    fay: User, outage: Incident, carol: User, vpn: Service, sink: Sink, clock: Hand
) -> None:
    declare(outage)
    other = make_incident(requester=carol, title="Another", service=vpn)
    sweep(clock)
    resolve(other)
    sweep(clock)

    assert [line for line in ledger.breaches(clock()) if "its end was not told" in line] == []


def test_stand_down_is_told_to_who_follows_and_to_who_may_see(fay: User, bob: User, outage: Incident) -> None:
    Subscription.objects.create(user=bob, service=outage.service, valid_from=NOON - timedelta(days=1))
    declare(outage)

    entry = workflow.stand_down(outage, actor=SYSTEM, at=NOON, reason="Two people only")

    assert (hears(entry, fay), hears(entry, bob)) == (hears(resolve(outage), fay), "news")
    assert hears(entry, fay)
