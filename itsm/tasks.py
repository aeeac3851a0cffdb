"""What the desk does by itself beyond the work of one room."""

from celery import shared_task

from incidents import timekeeping
from incidents.sweeping import spent_after
from itsm import retention

BUDGET_SECONDS = 40


@shared_task(name="itsm.retention")
def sweep_retention(**_kwargs: object) -> None:
    retention.sweep(timekeeping.now(), stop=spent_after(BUDGET_SECONDS))
