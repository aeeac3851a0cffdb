"""Webhooks: signed so that a receiver can check it, and never sent inside."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from incidents import workflow
from incidents.models import Incident
from notifications.channels.base import Call, TransportError
from notifications.channels.webhook import transport
from notifications.delivery.worker import sweep
from notifications.enums import Outcome, Status
from notifications.models import Delivery, Endpoint
from tests.factories import NOON, agent_actor
from tests.notifications.sink import Hand, Sink


@pytest.mark.django_db
def test_signature_can_be_checked_with_the_secret_that_was_shown(bob: User) -> None:
    endpoint = Endpoint.objects.create(name="a", url="https://example.com/", owner=bob)
    delivery = Delivery()
    body = b'{"type":"incident.opened"}'

    sent = transport.headers(Call(delivery.uuid, NOON, endpoint.url, (endpoint.secret(),)), body)

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

    monkeypatch.setattr(transport.WebhookTransport, "send", post)
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
        transport.WebhookTransport,
        "send",
        lambda _self, message, **_: secrets.append(message.secrets) or "200",
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
