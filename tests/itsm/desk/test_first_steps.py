"""The first steps of an empty desk: what is done, what is open, and the mail that is tried."""

import itertools
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from incidents.models import Calendar, Desk, Service, Source, Team
from itsm.demo.sla import LONG_AGO
from itsm.desk.first_steps import first_steps
from itsm.desk.mail_test import send_test
from notifications.delivery.worker import deliver_due
from notifications.models import ChannelPause, Delivery
from tests.factories import AgentFactory, RequesterFactory, ServiceFactory, TeamFactory
from tests.notifications.sink import Sink

PAGE = "/admin/first-steps/"


@pytest.fixture
def ada(db: None) -> User:
    return AgentFactory.create(username="ada", role="Administrator", email="ada@example.org")


@pytest.fixture
def adas(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


def done(user: User) -> set[str]:
    return {step.key for step in first_steps(user, today=timezone.localdate()) if step.is_done}


def stands(user: User) -> dict[str, str]:
    return {step.key: str(step.stands) for step in first_steps(user, today=timezone.localdate())}


def test_empty_desk_has_nothing_but_its_targets(ada: User) -> None:
    assert done(ada) == {"targets"}
    assert len(stands(ada)) == 8


def test_each_step_is_done_by_what_it_asks_for(ada: User) -> None:
    found = [done(ada)]

    team = TeamFactory.create(name="Service desk")
    team.members.add(ada)
    found.append(done(ada))
    ServiceFactory.create(team=team)
    found.append(done(ada))
    calendar = Calendar.objects.create(name="Office hours")
    calendar.hours.create(valid_from=LONG_AGO, week={"mon": [["09:00", "17:00"]]})
    found.append(done(ada))
    Desk.objects.update(default_team=team)
    found.append(done(ada))
    Source.objects.create(name="Prometheus", key_hash="x", team=team)
    found.append(done(ada))
    RequesterFactory.create()
    found.append(done(ada))

    new = [(after - before).pop() for before, after in itertools.pairwise(found)]
    assert new == ["team", "service", "calendar", "default-team", "source", "people"]


def test_team_in_which_nobody_can_be_reached_is_named(ada: User) -> None:
    TeamFactory.create(name="Night shift")
    TeamFactory.create(name="Old", is_active=False)

    assert stands(ada)["team"] == "Nobody can be reached in: Night shift."


@pytest.mark.parametrize(
    ("is_active", "words"),
    [(True, "Nobody can be reached in: Night."), (False, "Night is switched off.")],
)
def test_default_team_that_hears_nothing_leaves_its_step_open(ada: User, is_active: bool, words: str) -> None:
    Desk.objects.update(default_team=TeamFactory.create(name="Night", is_active=is_active))

    assert stands(ada)["default-team"] == words
    assert "default-team" not in done(ada)


def test_page_leads_to_where_each_step_is_done(adas: Client) -> None:
    page = adas.get(PAGE)

    links = [step.url for step in page.context["steps"] if step.url]
    assert {adas.get(link).status_code for link in links} == {200}
    assert len(links) == 7
    assert "7 steps are open." in page.content.decode()


def test_page_is_for_administrators(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"do": "mail"}).status_code == 403
    assert not Delivery.objects.exists()


def test_home_of_an_empty_desk_shows_the_steps_until_it_is_told_not_to(adas: Client) -> None:
    home = reverse("admin:index")
    before = adas.get(home).content.decode()

    adas.post(PAGE, {"do": "hide"})

    assert "Go on setting up" in before
    assert "Go on setting up" not in adas.get(home).content.decode()
    assert Desk.current().history.latest().history_user.username == "ada"
    adas.post(PAGE, {"do": "show"})
    assert "Go on setting up" in adas.get(home).content.decode()


def test_home_of_an_agent_shows_no_steps(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert "Go on setting up" not in client.get(reverse("admin:index")).content.decode()


def test_mail_without_a_server_is_a_file_and_leaves_the_step_open(adas: Client, ada: User) -> None:
    adas.post(PAGE, {"do": "mail"})
    waiting = adas.get(PAGE).content.decode()

    deliver_due(timezone.now)

    assert "On its way" in waiting
    assert 'http-equiv="refresh"' in waiting
    page = adas.get(PAGE).content.decode()
    assert "Written to a file: EMAIL_URL is not set" in page
    assert 'http-equiv="refresh"' not in page
    assert "mail" not in done(ada)


def test_mail_that_the_server_takes_closes_the_step(ada: User, settings: Settings) -> None:
    with Sink() as server:
        settings.EMAIL_URL = "smtp://desk:hunter2@127.0.0.1"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        send_test(ada, at=timezone.now())
        deliver_due(timezone.now)

    assert [taken.to for taken in server.taken] == ["ada@example.org"]
    assert stands(ada)["mail"].startswith("Accepted for ada@example.org: ")
    assert "mail" in done(ada)


def test_mail_that_is_refused_shows_the_words_of_the_server_and_no_secret(
    adas: Client, ada: User, settings: Settings
) -> None:
    with Sink() as server:
        server.fail("550 at rcpt")
        settings.EMAIL_URL = "smtp://desk:hunter2@127.0.0.1"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        send_test(ada, at=timezone.now())
        deliver_due(timezone.now)

    page = adas.get(PAGE).content.decode()
    assert "Not accepted: 550 5.1.1 nobody" in page or "Not accepted: 5.1.1 nobody" in page
    assert "hunter2" not in page
    assert "mail" not in done(ada)


def test_mail_goes_to_the_person_alone_and_once_a_press(adas: Client, ada: User) -> None:
    adas.post(PAGE, {"do": "mail"})
    adas.post(PAGE, {"do": "mail"})

    delivery = Delivery.objects.get()
    assert delivery.recipient == ada
    assert "first steps" in delivery.text


def test_mail_needs_an_address(adas: Client, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(email="")

    adas.post(PAGE, {"do": "mail"})

    assert not Delivery.objects.exists()
    assert "Your account has no e-mail address." in adas.get(PAGE).content.decode()


def test_mail_that_waits_for_the_end_of_a_pause_says_so(ada: User) -> None:
    ChannelPause.objects.create(channel="email", reason="535 wrong password", since=timezone.now())
    send_test(ada, at=timezone.now())

    assert stands(ada)["mail"] == "Mail is paused: 535 wrong password"


def test_mail_that_no_worker_takes_says_so(ada: User) -> None:
    send_test(ada, at=timezone.now() - timedelta(minutes=2))

    assert stands(ada)["mail"].startswith("No worker has taken it.")


@pytest.mark.parametrize("rows", [1, 3])
def test_steps_cost_the_same_for_any_number_of_rows(
    ada: User, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(rows):
        team = TeamFactory.create()
        team.members.add(ada)
        Service.objects.create(name=f"Line {n}", team=team)
        Source.objects.create(name=f"Watch {n}", key_hash=f"{n}", team=team)
        calendar = Calendar.objects.create(name=f"Hours {n}")
        calendar.hours.create(valid_from=LONG_AGO, week={"mon": [["09:00", "17:00"]]})
    Desk.objects.update(default_team=Team.objects.first())

    with django_assert_num_queries(QUERIES):
        first_steps(ada, today=timezone.localdate())


QUERIES = 12
