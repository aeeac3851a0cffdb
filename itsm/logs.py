"""One line an event, as key=value or as JSON, with the id of the request that caused it.

All of it goes to stderr. Under `make run`, what is no warning goes to stdout, from where the supervisor
takes it to a file: a terminal shows what needs somebody.
"""

import logging
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

import structlog

# The line at the end of a request or task says all that the ones before it did.
BEGINNINGS = {"request_started", "task_enqueued", "task_started"}
CHATTER = ("celery.app.trace", "celery.beat", "celery.worker.strategy", "matplotlib")

# Addresses that open something for whoever knows them.
KEYS = re.compile(r"(/(?:intake|track)/)[^/?\s'\"]+")


def without_keys(
    _logger: structlog.typing.WrappedLogger, _name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    for name in ("request", "event", "exception"):
        if isinstance(event.get(name), str):
            event[name] = KEYS.sub(r"\1…", event[name])
    return event


def ends_only(
    _logger: structlog.typing.WrappedLogger, _name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    if event.get("event") in BEGINNINGS:
        raise structlog.DropEvent
    return event


SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    structlog.processors.UnicodeDecoder(),
    without_keys,
]


def is_no_warning(record: logging.LogRecord) -> bool:
    return record.levelno < logging.WARNING


def logging_config(level: str, form: str, *, supervised: bool) -> dict[str, object]:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            ends_only,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.captureWarnings(capture=True)
    handlers = ["stdout", "stderr"] if supervised else ["stderr"]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer(form)],
                "foreign_pre_chain": SHARED,
            },
        },
        "filters": {"no_warning": {"()": lambda: is_no_warning}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "stream": sys.stderr,
                "level": "WARNING" if supervised else "NOTSET",
            },
            "stdout": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "stream": sys.stdout,
                "filters": ["no_warning"],
            },
        },
        "root": {"handlers": handlers, "level": level},
        "loggers": {
            "django.server": {"handlers": handlers, "level": level, "propagate": False},
            # The middleware of structlog reports each request, with more to go by.
            "django.request": {"level": "CRITICAL"},
            # What these say of each message and tick, the line of the task says better.
            **{name: {"level": "DEBUG" if level == "DEBUG" else "WARNING"} for name in CHATTER},
            "kombu": {"level": "DEBUG" if level == "DEBUG" else "ERROR"},
        },
    }


def renderer(form: str) -> structlog.typing.Processor:
    if form == "json":
        return structlog.processors.JSONRenderer()
    return structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"], sort_keys=False)


FILE, MEGABYTES, OLDER_FILES = "desk.log", 10, 5


@contextmanager
def kept_log(folder: Path) -> Iterator[Callable[[str], object]]:
    """Takes lines as they come; the file is set aside when it is full, and the oldest is dropped."""
    folder.mkdir(exist_ok=True)
    file = RotatingFileHandler(folder / FILE, maxBytes=MEGABYTES * 2**20, backupCount=OLDER_FILES)
    with closing(file):
        yield lambda line: file.handle(logging.makeLogRecord({"msg": line}))
