"""Celery only says "look now": what is due stands in the database, and a lost message costs seconds."""

import os
import signal

import structlog
from celery import Celery, Task
from celery.signals import (
    beat_embedded_init,
    beat_init,
    before_task_publish,
    celeryd_init,
    setup_logging,
    task_revoked,
    worker_process_init,
)
from django.dispatch import receiver
from django_structlog.celery.signals import bind_extra_task_metadata
from django_structlog.celery.steps import DjangoStructLogInitStep

from itsm.parent_death import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itsm.settings")


class DeskTask(Task[..., object]):
    """Before its first task a process looks whether its database was restored, before a tick at its clock."""

    abstract = True

    def __call__(self, *args: object, **kwargs: object) -> object:
        from itsm import restored, ticks  # noqa: PLC0415 -- app ready

        restored.look_once()
        return super().__call__(*args, **kwargs) if ticks.may_begin(self.name) else None


app = Celery("itsm", task_cls=DeskTask)
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


@task_revoked.connect
def look_at_the_clock_when_ticks_come_too_late(*, expired: bool = False, **_kwargs: object) -> None:
    """A worker whose clock is ahead takes every tick for one of long ago."""
    if expired:
        look_at_the_clock()


@beat_init.connect
@beat_embedded_init.connect
def look_at_the_clock_with_each_tick(**_kwargs: object) -> None:
    """When the clock of beat is behind, every worker takes its ticks for ones of long ago."""
    before_task_publish.connect(look_at_the_clock, weak=False)


def look_at_the_clock(**_kwargs: object) -> None:
    """Where no task runs. No connection is kept: forks would share it."""
    from django.db import DatabaseError, connection  # noqa: PLC0415 -- app ready

    from itsm import ticks  # noqa: PLC0415 -- app ready

    try:
        ticks.clock_is_right()
    except DatabaseError:
        structlog.get_logger(__name__).warning("clock_not_compared")
    finally:
        connection.close()


@worker_process_init.connect
def leave_no_process_behind(**_kwargs: object) -> None:
    """A pool process whose worker was killed -9 would wait for work for ever."""
    die_with_parent(signal.SIGKILL, parent=os.getppid())


@receiver(bind_extra_task_metadata)
def name_the_task(task: Task[..., object], **_kwargs: object) -> None:
    """Each line that a task logs says which it was."""
    structlog.contextvars.bind_contextvars(task=task.name)
