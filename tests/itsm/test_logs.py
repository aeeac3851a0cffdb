import io
import json
import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest
import structlog
from django.test import Client
from django_structlog.celery.signals import bind_extra_task_metadata
from structlog.testing import capture_logs

from itsm.celery import app
from itsm.logs import FILE, MEGABYTES, OLDER_FILES, SHARED, kept_log, renderer
from tests.running import ROOT


def line(form: str, *arguments: object, **fields: object) -> str:
    """What one event looks like on the way out."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer(form)],
            foreign_pre_chain=SHARED,
        )
    )
    record = logging.LogRecord("desk", logging.INFO, __file__, 1, str(arguments[0]), arguments[1:], None)
    with structlog.contextvars.bound_contextvars(**fields):
        handler.handle(record)
    return stream.getvalue()


def test_event_is_one_line_whatever_is_in_it() -> None:
    shown = line("text", "Mail from %s", "eve\r\nlevel='error' event='forged'", request_id="r-1")

    assert shown.count("\n") == 1
    assert "\\r\\nlevel=" in shown
    assert "request_id='r-1'" in shown


def test_event_may_be_json() -> None:
    shown = json.loads(line("json", "Mail sent", request_id="r-1"))

    assert (shown["event"], shown["level"], shown["request_id"]) == ("Mail sent", "info", "r-1")


SPEAKING = """
import logging.config
from django.conf import settings
logging.config.dictConfig(settings.LOGGING)
logging.getLogger("desk").info("request")
logging.getLogger("desk").warning("trouble")
"""


@pytest.mark.parametrize(
    ("supervised", "on_stdout", "on_stderr"),
    [({}, [], ["request", "trouble"]), ({"SUPERVISED": "1"}, ["request"], ["trouble"])],
    ids=["by itself", "under make run"],
)
def test_supervised_process_bothers_a_terminal_with_trouble_only(
    tmp_path: Path, supervised: dict[str, str], on_stdout: list[str], on_stderr: list[str]
) -> None:
    spoken = subprocess.run(
        [sys.executable, "-c", SPEAKING],
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "itsm.settings", "DATA_DIR": str(tmp_path), **supervised},
        capture_output=True,
        text=True,
        check=True,
    )

    assert [words_in(spoken.stdout), words_in(spoken.stderr)] == [on_stdout, on_stderr]


def words_in(lines: str) -> list[str]:
    return re.findall(r" event='(\w+)'", lines)


def test_kept_log_is_set_aside_when_it_is_full(tmp_path: Path) -> None:
    with kept_log(tmp_path) as keep:
        for _ in range(8 * MEGABYTES):
            keep("100 % of this megabyte " + "x" * 2**20)

    kept = [FILE, *(f"{FILE}.{number}" for number in range(1, OLDER_FILES + 1))]
    assert sorted(path.name for path in tmp_path.iterdir()) == kept
    assert all(path.stat().st_size <= MEGABYTES * 2**20 for path in tmp_path.iterdir())


@pytest.mark.django_db
def test_every_answer_names_its_request_once(client: Client) -> None:
    with capture_logs() as events:
        client.get("/status/", headers={"x-request-id": "from-the-proxy"})

    assert [event["event"] for event in events if event["event"] != "request_started"] == ["request_finished"]


def test_task_is_handed_the_id_of_its_request() -> None:
    """Sent over a broker that only this test has; the worker's side binds what it finds here."""
    with app.connection_for_write() as connection, structlog.contextvars.bound_contextvars(request_id="r-42"):
        queue = connection.SimpleQueue("request-id")
        app.send_task("nobody.listens", queue="request-id", connection=connection)
        message = queue.get(timeout=5)
        message.ack()
        queue.close()

    assert message.headers["__django_structlog__"]["request_id"] == "r-42"


def test_task_line_says_which_task_it_was() -> None:
    task = app.tasks["celery.group"]

    with structlog.contextvars.bound_contextvars():
        bind_extra_task_metadata.send(sender=None, task=task, logger=None)
        bound = structlog.contextvars.get_contextvars()
        structlog.contextvars.clear_contextvars()

    assert bound["task"] == "celery.group"
