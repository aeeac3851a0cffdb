"""Four months at the service desk: the older ones as they were taken over, the last four weeks played."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from incidents.kept import read_once
from incidents.models import Desk, Problem
from incidents.signals import timeline_recorded
from itsm import sealing
from itsm.demo import calendar, stories
from itsm.demo.alarms import Alarm, make_sources
from itsm.demo.catalogue import Catalogue, make_catalogue
from itsm.demo.deliveries import PastDeliveries
from itsm.demo.majors import stage_majors
from itsm.demo.people import People, make_people
from itsm.demo.plots import Case
from itsm.demo.reporting import make_reports
from itsm.demo.sla import make_sla
from itsm.demo.stage import Stage
from itsm.demo.words import OFFICES
from notifications.models.subscription import Subscription, Suppression, SuppressionCause
from notifications.routing.access import one_set_of_accounts

#: Of the incidents, so many are reported by machines.
MACHINES = 0.07
WORDS_KEPT = timedelta(days=4)
YESTERDAY = timedelta(hours=26)
LEFT = "miguel.ferreira@nordwerk.example"  # his mailbox is full
REPLACED = "desk-old@nordwerk.example"
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Size:
    incidents: int = 800
    seed: int = 4711


def load(size: Size, *, now: datetime, progress: Progress) -> None:
    """All or nothing. The same size and seed at the same time give the same company."""
    rng = Random(size.seed)  # noqa: S311 -- a story, no secret
    with _nobody_listens(), _nothing_collected(), transaction.atomic():
        begin = now - timedelta(days=calendar.MONTHS_BACK + 1)
        opens = calendar.opening(now)
        catalogue = make_catalogue()
        people = make_people(rng, catalogue, begin)
        make_sla(catalogue.services, now.date())
        Desk.objects.update(default_team=catalogue.teams["Service desk"], shows_first_steps=False)
        _subscribe(people, catalogue, opens)
        problems = _problems(begin)
        past = PastDeliveries(words_since=now - WORDS_KEPT, refused={LEFT})
        stage = Stage(now, rng, people, catalogue, past, opens=opens)
        _cast(stage, size, problems, str(size.seed))
        with read_once(), one_set_of_accounts():
            stage.play(lambda at: progress(max(at - opens, timedelta(0)) / (now - opens), "incidents"))
        past.finish()
        Suppression.objects.create(
            address=REPLACED, cause=SuppressionCause.MANUAL, text="Replaced in spring."
        )
        progress(1.0, "reports")
        make_reports(people, now=now)
        sealing.seal(now)


def _cast(stage: Stage, size: Size, problems: dict[str, Problem], secret: str) -> None:
    """Everything that will begin by itself."""
    rng, now = stage.rng, stage.now
    source = make_sources(stage.catalogue, secret)
    earlier: dict[str, Case] = {}
    offices = [office for office in OFFICES for _person in range(office.people)]
    weights = [story.weight for story in stories.STORIES]
    for day in calendar.days(now, rng, size.incidents):
        office = rng.choice(offices)
        at = calendar.moment(day, office.zone, now, rng)
        if rng.random() < MACHINES:
            service, item, title, ends = rng.choice(stories.ALARMS)
            Alarm(stage, source, service, item, title, ends, at)
            continue
        story = rng.choices(stories.STORIES, weights)[0]
        requester = rng.choice(stage.people.by_office[office.name])
        problem = problems.get(story.cause)
        case = Case(stage, story, requester, office.name, problem, earlier)
        stage.later(at, case.report)
    Alarm(stage, source, *stories.ALARMS[-1], now - YESTERDAY)  # one for the smallest company, too
    stage_majors(stage, problems)


def _problems(begin: datetime) -> dict[str, Problem]:
    problems = {}
    for number, (key, (title, cause, workaround)) in enumerate(stories.PROBLEMS.items()):
        problem = Problem.objects.create(title=title, root_cause=cause, workaround=workaround)
        Problem.objects.filter(pk=problem.pk).update(opened_at=begin + timedelta(days=12 * number))
        problems[key] = problem
    return problems


def _subscribe(people: People, catalogue: Catalogue, opens: datetime) -> None:
    """Those who want to hear when a service fails, whoever reports it."""
    for login, service in (
        ("henrik", "Plant control interface"),
        ("marek", "Warehouse scanners"),
        ("aisha", "Data warehouse"),
        ("viktor", "Sign-in (SSO)"),
        ("miguel", "VPN and remote access"),
        ("zanele", "Customer portal"),
    ):
        Subscription.objects.create(user=people[login], service=catalogue.services[service], valid_from=opens)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Looking for garbage among the rows that stay took a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def _nobody_listens() -> Iterator[None]:
    """The past is announced by `Past`; ten thousand wake-up calls would only find nothing to do."""
    receivers = timeline_recorded.receivers
    timeline_recorded.receivers = []
    timeline_recorded.sender_receivers_cache.clear()
    try:
        yield
    finally:
        timeline_recorded.receivers = receivers
        timeline_recorded.sender_receivers_cache.clear()
