"""A process whose own clock goes wrong while that of the database does not."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

MINUTE = timedelta(minutes=1)

#: Together with the fixture `databases_time`.
needs_a_server = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has no clock of its own: PostgreSQL only"
)


def own_clock(by: timedelta) -> AbstractContextManager[Any]:
    return time_machine.travel(datetime.now(UTC) + by, tick=True)
