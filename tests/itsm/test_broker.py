import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from kombu.exceptions import OperationalError

from itsm import broker
from itsm.celery import app


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that accepts and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(20)
        yield server.getsockname()[1]


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_publishing_to_a_silent_broker_gives_up_soon(silent_port: int, scheme: str, tmp_path: Path) -> None:
    url = f"{scheme}://127.0.0.1:{silent_port}/0"
    publisher = Celery("test", broker=url, set_as_current=False)
    publisher.conf.update(
        broker_transport_options=broker.transport_options(url, tmp_path),
        broker_connection_timeout=broker.broker_connection_timeout,
        task_publish_retry_policy=broker.task_publish_retry_policy,
        task_ignore_result=True,
    )
    begun = time.monotonic()

    with pytest.raises(OperationalError):
        publisher.send_task("nobody.listens")

    assert time.monotonic() - begun < 3  # half a second, on a machine that has time


def test_worker_listens_as_long_as_it_takes(tmp_path: Path) -> None:
    options = broker.transport_options("redis://127.0.0.1:6379/0", tmp_path)

    assert broker.without_limits(options) == {
        "visibility_timeout": 2 * broker.REPORT_LIMIT,
        "socket_connect_timeout": 0.5,
    }


def test_lost_work_is_offered_again_and_kept_out_of_pickle() -> None:
    names = (
        "task_acks_late",
        "task_reject_on_worker_lost",
        "task_ignore_result",
        "worker_prefetch_multiplier",
    )

    assert [app.conf[name] for name in names] == [True, True, True, 1]
    assert (app.conf.task_serializer, app.conf.accept_content) == ("json", ["json"])


def test_every_route_leads_to_a_queue_that_is_read() -> None:
    read = {queue.name for queue in app.conf.task_queues}

    assert {route["queue"] for route in app.conf.task_routes.values()} <= read


def test_each_queue_has_a_key_of_its_own() -> None:
    """Queues that share one all get every message, and a task would run five times."""
    keys = {queue.name: app.amqp.queues[queue.name].routing_key for queue in app.conf.task_queues}

    assert keys == {name: name for name in ("urgent", "celery", "mail", "reports")}


def test_every_tick_has_a_task_and_an_end() -> None:
    """A tick that was not run before the next one is worth nothing."""
    app.loader.import_default_modules()

    for name, tick in app.conf.beat_schedule.items():
        assert tick["task"] in app.tasks, name
        assert 0 < tick["options"]["expires"] <= tick["schedule"], name
