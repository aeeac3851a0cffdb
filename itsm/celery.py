"""Celery only says "look now": what is due stands in the database, and a lost message costs seconds."""

import os

from celery import Celery
from celery.signals import celeryd_init, setup_logging
from django_structlog.celery.steps import DjangoStructLogInitStep

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

    app.conf.broker_transport_options = without_limits(app.conf.broker_transport_options)
    app.conf.broker_connection_timeout = 4
