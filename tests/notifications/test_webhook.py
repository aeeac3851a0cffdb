"""Webhooks: signed so that a receiver can check it, and never sent inside."""

import base64
import hashlib
import hmac
import json
import socket
from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from incidents import workflow
from incidents.models import Incident
from notifications.delivery.loop import sweep
from notifications.enums import Outcome, Status
from notifications.models import Delivery, Endpoint
from notifications.transports import webhook
from notifications.transports.base import Call, TransportError
from tests.factories import NOON, agent_actor
from tests.notifications.sink import Hand, Sink


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.1", "100.64.0.1", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fc00::1", "fe80::1%eth0", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
        "64:ff9b::7f00:1", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_address_inside_is_not_public(address: str) -> None:
    assert not webhook.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808"])
def test_address_outside_is_public(address: str) -> None:
    assert webhook.is_public(address)


@pytest.mark.parametrize(
    "url", ["http://example.com/", "https://user@example.com/", "file:///etc/passwd", "https:///x"]
)
def test_address_that_is_no_plain_https_is_refused(url: str) -> None:
    with pytest.raises(TransportError) as refusal:
        webhook.public_address(url)

    assert refusal.value.outcome == Outcome.PERMANENT


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1"])
def test_name_of_this_machine_is_refused_before_any_connection(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("connected"))

    with pytest.raises(TransportError) as refusal:
        webhook.public_address(f"https://{host}/")

    assert "open internet" in refusal.value.text


def test_name_with_one_address_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(socket.AF_INET, 1, 6, "", (address, 443)) for address in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)

    with pytest.raises(TransportError):
        webhook.public_address("https://rebinding.example/")


@pytest.mark.django_db
def test_signature_can_be_checked_with_the_secret_that_was_shown(bob: User) -> None:
    endpoint = Endpoint.objects.create(name="a", url="https://example.com/", owner=bob)
    delivery = Delivery()
    body = b'{"type":"incident.opened"}'

    sent = webhook.headers(Call(delivery.uuid, NOON, endpoint.url, (endpoint.secret(),)), body)

    key = base64.b64decode(endpoint.shown_secret().removeprefix("whsec_"))
    signed = f"{delivery.uuid}.{int(NOON.timestamp())}.".encode() + body
    mark = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert sent["webhook-id"] == str(delivery.uuid)
    assert sent["webhook-signature"] == f"v1,{mark}"


@pytest.mark.django_db
def test_webhook_carries_no_words_and_is_retried(
    alice: User, bob: User, incident: Incident, sink: Sink, clock: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[dict[str, object]] = []

    def post(self: object, message: Call, *, before_handover: object) -> str:
        calls.append(message.body)
        if len(calls) == 1:
            raise TransportError("busy", outcome=Outcome.RETRY, code=503, retry_after=timedelta(minutes=10))
        return "200"

    monkeypatch.setattr(webhook.WebhookTransport, "send", post)
    sweep(clock)
    Endpoint.objects.create(name="a", url="https://example.com/", owner=bob)
    workflow.comment(incident, actor=agent_actor(alice), at=NOON, text="CANARY")

    sweep(clock)
    row = Delivery.objects.get(channel="webhook")
    wait = row.due_at - clock()
    clock.turn(minutes=30)
    sweep(clock)

    row.refresh_from_db()
    assert wait == timedelta(minutes=10)
    assert (row.status, len(calls)) == (Status.SENT, 2)
    assert "CANARY" not in json.dumps(calls)
    assert Endpoint.objects.get().failures_since is None


@pytest.mark.django_db
def test_old_secret_signs_along_for_a_day(
    alice: User, bob: User, incident: Incident, sink: Sink, clock: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever checks signatures has a day to learn the new secret."""
    secrets: list[tuple[bytes, ...]] = []
    monkeypatch.setattr(
        webhook.WebhookTransport, "send", lambda _self, message, **_: secrets.append(message.secrets) or "200"
    )
    sweep(clock)
    endpoint = Endpoint.objects.create(
        name="a", url="https://example.com/", owner=bob, generation=2, rotated_at=clock()
    )
    for hours in (23, 2):
        clock.turn(minutes=60 * hours)
        workflow.comment(incident, actor=agent_actor(alice), at=clock(), text="Still there?")
        sweep(clock)

    assert secrets == [(endpoint.secret(), endpoint.secret(1)), (endpoint.secret(),)]
