import time

import pytest
from django.contrib.auth.models import User
from kombu.exceptions import OperationalError
from kombu.messaging import Producer
from pytest_django import DjangoCaptureOnCommitCallbacks

from incidents.models import TimelineEntry
from notifications import nudge
from notifications.tasks import announce
from tests.factories import make_incident


@pytest.fixture(autouse=True)
def fresh_breaker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nudge, "_failed_at", float("-inf"))


@pytest.fixture
def dead_broker(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    calls: list[int] = []

    def refuse(*_: object, **__: object) -> None:
        calls.append(1)
        raise OperationalError

    monkeypatch.setattr(Producer, "publish", refuse)
    return calls


@pytest.mark.django_db
def test_change_is_kept_when_the_broker_is_down(
    carol: User, dead_broker: list[int], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        make_incident(requester=carol)

    assert dead_broker == [1]
    assert TimelineEntry.objects.unannounced().count() == 1


def test_nudge_does_not_try_a_dead_broker_again_at_once(dead_broker: list[int]) -> None:
    begun = time.monotonic()

    answers = [nudge.nudge(announce) for _ in range(50)]

    assert (set(answers), len(dead_broker)) == ({False}, 1)
    assert time.monotonic() - begun < 1
