"""What the desk does by itself beyond the work of one room."""

from celery import shared_task

from incidents.sweeping import spent_after
from itsm import checking, retention, sealing, timekeeping

BUDGET_SECONDS = 40


@shared_task(name="itsm.retention")
def sweep_retention(**_kwargs: object) -> None:
    retention.sweep(timekeeping.now(), stop=spent_after(BUDGET_SECONDS))


@shared_task(name="itsm.seal")
def seal(**_kwargs: object) -> None:
    sealing.seal(timekeeping.now(), stop=spent_after(BUDGET_SECONDS))


@shared_task(name="itsm.check_ledger")
def check_ledger(**_kwargs: object) -> None:
    checking.check(timekeeping.now)
