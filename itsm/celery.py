"""Celery only says "look now": what is due stands in the database, and a lost message costs seconds."""

import os
import signal

import structlog
from celery import Celery, Task
from celery.signals import celeryd_init, setup_logging, worker_process_init
from django.dispatch import receiver
from django_structlog.celery.signals import bind_extra_task_metadata
from django_structlog.celery.steps import DjangoStructLogInitStep

from itsm.tether import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itsm.settings")

app = Celery("itsm")
app.config_from_object("itsm.broker")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect
def keep_our_logging(**_kwargs: object) -> None:
    """Having a receiver is what keeps Celery from setting up its own."""


@celeryd_init.connect
def wait_for_the_broker(**_kwargs: object) -> None:
    from itsm.broker import without_limits  # noqa: PLC0415 -- circular import
    from itsm.checks import refuse_to_start_on_errors  # noqa: PLC0415 -- circular import

    refuse_to_start_on_errors()
    app.conf.broker_transport_options = without_limits(app.conf.broker_transport_options)
    app.conf.broker_connection_timeout = 4


@celeryd_init.connect
def wait_longer_than_a_page(**_kwargs: object) -> None:
    """Before the pool is made, so that each of its processes inherits it."""
    from django.conf import settings  # noqa: PLC0415 -- app ready

    from itsm.patience import bound  # noqa: PLC0415 -- app ready

    bound.set(settings.WORKER_STATEMENT_SECONDS)


@worker_process_init.connect
def leave_no_process_behind(**_kwargs: object) -> None:
    """A pool process whose worker was killed -9 would wait for work for ever."""
    die_with_parent(signal.SIGKILL, parent=os.getppid())


@receiver(bind_extra_task_metadata)
def name_the_task(task: Task[..., object], **_kwargs: object) -> None:
    """Each line that a task logs says which it was."""
    structlog.contextvars.bind_contextvars(task=task.name)
