"""What time does to incidents. State scans: a missed tick only delays."""

from datetime import datetime, timedelta

import structlog
from celery import shared_task

from incidents import brakes, workflow
from incidents.enums import Via
from incidents.errors import StaleIncident
from incidents.ingest import receiving, watching
from incidents.kept import read_once
from incidents.models import Clock, Desk, Incident
from incidents.policies import Actor
from incidents.sweeping import for_each, spent_after
from itsm import timekeeping

log = structlog.get_logger(__name__)

#: Well before the limit of a task: what is left then is for the next tick.
BUDGET_SECONDS = 40


@shared_task(name="incidents.scan_clocks")
def scan_clocks(**_kwargs: object) -> None:
    """Write down what clocks have reached. Each threshold once, whoever scans."""
    at = timekeeping.now()
    with read_once():
        for_each(
            "incidents.scan_clocks",
            Clock.objects.due_for_notice(at).select_related("incident"),
            lambda clock: notice(clock, at),
            at=at,
            stop=spent_after(BUDGET_SECONDS),
            label=lambda clock: f"{clock.incident.number} {clock.get_metric_display()}",
        )


def notice(clock: Clock, at: datetime) -> None:
    try:
        workflow.notice_clock(clock, at=at)
    except StaleIncident:
        log.info("clock_scan_again", incident=clock.incident_id)


@shared_task(name="incidents.watch_alerts")
def watch_alerts(**_kwargs: object) -> None:
    """Act on what monitoring said and nobody repeats: bodies that wait, alerts that go on."""
    at = timekeeping.now()
    stop = spent_after(BUDGET_SECONDS)
    receiving.work_off_waiting(at, stop=stop)
    watching.open_outlasting(at, stop=stop)
    watching.tell_of_lasting(at, stop=stop)


@shared_task(name="incidents.forget_counts")
def forget_counts(**_kwargs: object) -> None:
    """Counts of tries and requests that are over."""
    brakes.forget_ended(timekeeping.now())


@shared_task(name="incidents.close_confirmed")
def close_confirmed(**_kwargs: object) -> None:
    """Close what was resolved and not answered since. A major is never closed by itself.

    One that was stood down is, once its review is published.
    """
    at = timekeeping.now()
    silent = Incident.objects.resolved_and_silent_since(at - timedelta(days=Desk.current().close_after_days))
    for_each(
        "incidents.close_confirmed",
        workflow.owing_no_review(silent),
        lambda incident: close(incident, at),
        at=at,
        stop=spent_after(BUDGET_SECONDS),
        label=lambda incident: incident.number,
    )


def close(incident: Incident, at: datetime) -> None:
    try:
        workflow.close(incident, actor=Actor(None, Via.SYSTEM), at=at)
    except StaleIncident:
        log.info("not_silent_any_more", incident=incident.number)
