import time
from typing import Any

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone
from rest_framework.settings import api_settings
from rest_framework.test import APIClient

from incidents.api import throttling
from tests.racing import at_once

LIST = "/api/v1/incidents/"


@pytest.fixture
def rates(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    rates = {"person": "20/min", "address": "5/min", "source": "20/min"}
    monkeypatch.setitem(throttling.PERIODS, "m", 60)
    monkeypatch.setattr(api_settings, "DEFAULT_THROTTLE_RATES", rates)
    return rates


def test_more_than_the_limit_is_refused_until_the_window_ends(as_alice: APIClient, rates: Any) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        answers = [as_alice.get(LIST) for _ in range(21)]
        clock.shift(60)
        later = as_alice.get(LIST)

    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert answers[0]["RateLimit-Limit"] == "20"
    assert answers[0]["RateLimit-Remaining"] == "19"
    assert 0 < int(answers[-1]["Retry-After"]) <= 61
    assert answers[-1].json()["type"] == "/api/v1/problems/too-many-requests/"
    assert later.status_code == 200


def test_limit_holds_over_several_processes(rates: Any) -> None:
    """Each process has memory of its own: forgetting it is another process."""
    granted, now = 0, time.time()
    for _ in range(10):
        throttling.reset()
        granted += sum(not throttling.spend("person:1", 20, 60, now).is_exceeded for _ in range(20))

    assert granted == 20


def test_people_do_not_use_up_each_others_limit(as_alice: APIClient, as_bob: APIClient, rates: Any) -> None:
    for _ in range(21):
        as_alice.get(LIST)

    assert as_bob.get(LIST).status_code == 200


def test_addresses_without_account_are_limited_whatever_they_say_of_themselves(
    anyone: APIClient, rates: Any
) -> None:
    statuses = [
        anyone.get("/api/v1/problems/invalid/", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code
        for n in range(7)
    ]

    assert statuses == [200] * 5 + [429] * 2


def test_other_callers_push_nobodys_count_out(rates: Any) -> None:
    now = time.time()
    for _ in range(20):
        throttling.spend("person:1", 20, 60, now)
    for other in range(2, 1_002):
        throttling.spend(f"person:{other}", 20, 60, now)
    throttling.reset()

    assert throttling.spend("person:1", 20, 60, now).is_exceeded


@pytest.mark.django_db(transaction=True)
def test_many_at_once_draw_no_more_than_the_limit(rates: Any) -> None:
    """Each in its own process: without memory in common, each draws for itself."""
    now = time.time()
    window = int(now // 60)

    drawn = at_once(40, lambda _n: throttling._draw(window, "person:1", 20, 60)[0])

    assert sum(drawn) == 20  # type: ignore[arg-type]


def test_a_database_that_does_not_count_does_not_close_the_door(
    as_alice: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(throttling, "count", fail)

    assert as_alice.get(LIST).status_code == 200
