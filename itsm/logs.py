"""One line an event, as key=value or as JSON, with the id of the request that caused it."""

import logging
import sys
from typing import Any

import structlog


def one_line_a_request(
    _logger: structlog.typing.WrappedLogger, _name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """The line at the end of a request says all that the one at its start did."""
    if event.get("event") == "request_started":
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
]


def logging_config(level: str, form: str) -> dict[str, Any]:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            one_line_a_request,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.captureWarnings(capture=True)
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
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line", "stream": sys.stderr},
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["console"], "level": level, "propagate": False},
            # The middleware of structlog reports each request, with more to go by.
            "django.request": {"level": "CRITICAL"},
            # With each line of its own in a row of ours, the banners of its programs say nothing new.
            "kombu": {"level": "ERROR" if level != "DEBUG" else level},
        },
    }


def renderer(form: str) -> structlog.typing.Processor:
    if form == "json":
        return structlog.processors.JSONRenderer()
    return structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"], sort_keys=False)
