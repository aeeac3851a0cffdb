"""The broker of a single machine: a folder of files, each of them there whole or not at all.

The stock transport writes a message in place and moves it through the system's temporary folder:
a worker that looked too early read half a message and died of it, and others could read it there.
It also forgot its routes, until a restart, when somebody emptied the folder.
"""

import uuid
from pathlib import Path
from queue import Empty
from typing import Any

import structlog
from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

EXCHANGE = "desk"  # its routing keys are the names of its queues
log = structlog.get_logger(__name__)


class Channel(filesystem.Channel):
    @property
    def folder(self) -> Path:
        folder = Path(self.data_folder_out)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _lookup(self, exchange: str, routing_key: str, default: str | None = None) -> list[str]:
        if exchange == EXCHANGE:
            return [routing_key]
        return list(super()._lookup(exchange, routing_key, default))

    def _put(  # type: ignore[override] # kombu's own classes disagree on its arguments
        self, queue: str, payload: object, **_kwargs: object
    ) -> None:
        folder = self.folder
        hidden = folder / f".{uuid.uuid4()}"
        hidden.write_text(dumps(payload))
        hidden.rename(folder / f"{hidden.stat().st_mtime_ns}_{uuid.uuid4()}.{queue}.msg")

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002 -- kombu's signature
        for path in sorted(self.folder.iterdir()):
            if path.name.partition(".")[2] == f"{queue}.msg" and (message := take(path)) is not None:
                return message
        raise Empty

    def get_table(self, exchange: str) -> list[Any]:
        """Where an exchange leads; nowhere while its file is being written for the first time."""
        try:
            return list(super().get_table(exchange))
        except ValueError:
            return []

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str | None, queue: str) -> None:
        Path(self.control_folder).mkdir(parents=True, exist_ok=True)
        try:
            super()._queue_bind(exchange, routing_key, pattern, queue)
        except ValueError:  # left half written by a machine that lost its power
            (Path(self.control_folder) / f"{exchange}.exchange").unlink(missing_ok=True)
            super()._queue_bind(exchange, routing_key, pattern, queue)


def take(path: Path) -> object:
    """The message, or None if another worker was faster or it cannot be read."""
    mine = path.with_name(f".{uuid.uuid4()}")
    try:
        path.rename(mine)
    except FileNotFoundError:
        return None
    try:
        return loads(mine.read_text())
    except ValueError:
        log.warning("unreadable_message_dropped", file=path.name)
        return None
    finally:
        mine.unlink()


class Transport(filesystem.Transport):
    Channel = Channel
