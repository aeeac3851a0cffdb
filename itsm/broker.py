"""How Celery is set up; read when it is first used. Names are Celery's own."""

from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from kombu import Exchange, Queue
from kombu.transport import TRANSPORT_ALIASES

from itsm.file_broker import EXCHANGE

TRANSPORT_ALIASES["filesystem"] = "itsm.file_broker:Transport"
REPORT_LIMIT = 660  # seconds; the longest hard limit of any task


def transport_options(url: str, data_dir: Path) -> dict[str, object]:
    """How a publisher talks to the broker: a page must not wait for one that is down."""
    scheme = urlsplit(url).scheme
    if scheme == "filesystem":
        messages, control = data_dir / "broker" / "messages", data_dir / "broker" / "control"
        with suppress(OSError):  # where nothing can be written, the start says so in words
            for folder in (messages, control):
                folder.mkdir(parents=True, exist_ok=True)
        return {
            "data_folder_in": str(messages),
            "data_folder_out": str(messages),
            "control_folder": str(control),
            "polling_interval": 0.2,
        }
    if scheme in {"redis", "rediss"}:
        return {
            "visibility_timeout": 2 * REPORT_LIMIT,
            "socket_timeout": 0.5,
            "socket_connect_timeout": 0.5,
            "max_retries": 0,
        }
    if scheme in {"amqp", "amqps", "pyamqp"}:
        return {"connect_timeout": 0.5, "read_timeout": 0.5, "write_timeout": 0.5, "max_retries": 0}
    return {}


def without_limits(options: dict[str, object]) -> dict[str, object]:
    """The same for a worker, which listens as long as it takes."""
    limits = {"socket_timeout", "read_timeout", "write_timeout", "max_retries"}
    return {key: value for key, value in options.items() if key not in limits}


broker_url = settings.BROKER_URL
broker_transport_options = transport_options(settings.BROKER_URL, settings.DATA_DIR)
broker_connection_timeout = 0.5
broker_connection_retry_on_startup = True
broker_connection_max_retries = None

# One worker reads them all unless it is told which with -Q; the first are not waited for by the last.
# Each has a key of its own: without one Celery would hand every message to all of them.
desk = Exchange(EXCHANGE, type="direct")
task_queues = [Queue(name, desk, routing_key=name) for name in ("urgent", "celery", "mail", "reports")]
task_default_queue = "celery"
task_default_exchange = EXCHANGE
task_default_routing_key = "celery"
task_routes = {
    "notifications.*": {"queue": "mail"},
    "reports.*": {"queue": "reports"},
    "incidents.scan_clocks": {"queue": "urgent"},
    "incidents.watch_alerts": {"queue": "urgent"},
    "itsm.check_ledger": {"queue": "reports"},
}
task_acks_late = True
task_reject_on_worker_lost = True  # safe: a row that kills three workers goes dead in the database
task_acks_on_failure = True
task_acks_on_timeout = True
task_ignore_result = True
task_serializer = "json"
accept_content = ["json"]
task_soft_time_limit = 60
task_time_limit = 90
_LONG = {"soft_time_limit": 600, "time_limit": REPORT_LIMIT}
task_annotations = {"reports.*": _LONG, "itsm.check_ledger": _LONG}
task_publish_retry = True
task_publish_retry_policy = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
}

worker_prefetch_multiplier = 1
worker_max_tasks_per_child = 500
worker_soft_shutdown_timeout = 5
worker_hijack_root_logger = False
worker_cancel_long_running_tasks_on_connection_loss = True

timezone = "UTC"
beat_schedule_filename = str(settings.DATA_DIR / "beat-schedule")
# Ticks only: what is due, and when, stands in the database. A late tick is worth nothing, so it expires.
beat_schedule: dict[str, Any] = {
    "notifications.sweep": {"task": "notifications.sweep", "schedule": 15, "options": {"expires": 15}},
    "incidents.scan_clocks": {"task": "incidents.scan_clocks", "schedule": 30, "options": {"expires": 30}},
    "incidents.watch_alerts": {"task": "incidents.watch_alerts", "schedule": 60, "options": {"expires": 60}},
    "notifications.fetch_mail": {
        "task": "notifications.fetch_mail",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "reports.tick": {"task": "reports.tick", "schedule": 60, "options": {"expires": 60}},
    "incidents.close_confirmed": {
        "task": "incidents.close_confirmed",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "incidents.forget_counts": {
        "task": "incidents.forget_counts",
        "schedule": 300,
        "options": {"expires": 300},
    },
    "itsm.seal": {"task": "itsm.seal", "schedule": 60, "options": {"expires": 60}},
    "itsm.check_ledger": {"task": "itsm.check_ledger", "schedule": 3600, "options": {"expires": 3600}},
    "itsm.retention": {"task": "itsm.retention", "schedule": 3600, "options": {"expires": 3600}},
}
