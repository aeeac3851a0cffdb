import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, Exchange, Queue

from itsm import broker
from itsm.file_broker import EXCHANGE, Channel


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    options = broker.transport_options("filesystem://localhost", tmp_path)
    with Connection("filesystem://localhost", transport_options=options) as connection:
        yield connection


@pytest.fixture
def messages(tmp_path: Path) -> Path:
    return tmp_path / "broker" / "messages"


def queue(name: str) -> Queue:
    return Queue(name, Exchange(EXCHANGE, type="direct"), routing_key=name)


def read(connection: Connection, name: str) -> list[Any]:
    """All that waits in the queue, in order."""
    waiting = queue(name)(connection.default_channel)
    return [message.payload for message in iter(lambda: waiting.get(no_ack=True), None)]


def send(connection: Connection, name: str, *payloads: Any) -> None:
    producer = connection.Producer()
    for payload in payloads:
        producer.publish(payload, exchange=EXCHANGE, routing_key=name, declare=[queue(name)])


def test_messages_arrive_in_order_and_leave_no_file(connection: Connection, messages: Path) -> None:
    send(connection, "mail", *range(20))

    assert read(connection, "mail") == list(range(20))
    assert list(messages.iterdir()) == []


def test_queue_does_not_get_the_messages_of_another(connection: Connection) -> None:
    send(connection, "mail", "for the mail")
    send(connection, "hooks.mail", "for a queue with a like name")

    assert read(connection, "mail") == ["for the mail"]


def test_half_a_message_is_dropped_and_the_next_one_read(connection: Connection, messages: Path) -> None:
    (messages / "0_half.mail.msg").write_text("")
    send(connection, "mail", "whole")

    assert read(connection, "mail") == ["whole"]
    assert list(messages.iterdir()) == []


def test_message_has_its_name_only_once_it_is_whole(
    connection: Connection, messages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, int]] = []
    rename = Path.rename

    def watched(self: Path, target: Path) -> Path:
        seen.extend((path.name, path.stat().st_size) for path in messages.iterdir())
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", watched)
    send(connection, "mail", "whole")

    assert [(name[0], size > 0) for name, size in seen] == [(".", True)]


def test_each_message_goes_to_one_of_many_readers(connection: Connection) -> None:
    send(connection, "mail", *range(200))

    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(lambda _: read(connection.clone(), "mail"), range(4)))

    assert sorted(number for share in shares for number in share) == list(range(200))


def test_emptied_folder_loses_the_messages_and_no_route(connection: Connection, messages: Path) -> None:
    send(connection, "mail", "lost")
    shutil.rmtree(messages.parent)

    assert read(connection, "mail") == []
    send(connection, "mail", "after")
    assert read(connection, "mail") == ["after"]


def test_half_written_exchange_is_written_again(connection: Connection, tmp_path: Path) -> None:
    file = tmp_path / "broker" / "control" / "desk.exchange"
    file.write_text("")

    connection.default_channel._queue_bind("desk", "mail", "", "mail")

    assert json.loads(file.read_text()) == [["mail", "", "mail"]]


def test_our_transport_is_the_one_in_use(connection: Connection) -> None:
    assert isinstance(connection.default_channel, Channel)
