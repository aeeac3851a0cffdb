"""The pages on which people see and mend what was told."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from incidents import workflow
from incidents.models import Incident, Team
from notifications.delivery.announce import announce_pending
from notifications.delivery.worker import sweep
from notifications.enums import Status
from notifications.models import Delivery, OptOut
from notifications.rendering.links import stop_url
from tests.factories import NOON, agent_actor, make_incident
from tests.notifications.sink import Hand, Sink

pytestmark = pytest.mark.django_db

LIST = "admin:notifications_delivery_changelist"


@pytest.fixture
def manager(db: None) -> User:
    user = User.objects.create_user("mona", "mona@example.com", is_staff=True, first_name="Mona")
    user.groups.add(Group.objects.get(name="Incident manager"))
    return user


@pytest.fixture
def desk(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


@pytest.fixture
def refused(alice: User, incident: Incident, sink: Sink, clock: Hand) -> Delivery:
    OptOut.objects.create(user=incident.requester)  # the team's mail alone, without the receipt
    sink.fail("550 at rcpt")
    sweep(clock)
    sink.fail("")
    return Delivery.objects.get(status=Status.FAILED)


@pytest.mark.parametrize("rows", [1, 3])
def test_delivery_list_costs_the_same_for_any_number_of_rows(
    rows: int, alice: User, network: Team, desk: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(rows):
        make_incident(team=network)
    announce_pending(Hand())
    desk.get(reverse(LIST))

    with django_assert_num_queries(7):
        response = desk.get(reverse(LIST))

    assert response.content.decode().count("Alice Ames") >= rows


def test_delivery_list_shows_cause_and_tries(refused: Delivery, desk: Client) -> None:
    page = desk.get(reverse(LIST), {"trouble": "yes"}).content.decode()

    assert "Refused" in page
    assert "550 5.1.1 nobody" in page


def test_delivery_of_a_confidential_incident_is_not_found(
    refused: Delivery, client: Client, bob: User
) -> None:
    Incident.objects.filter(pk=refused.incident_id).update(is_confidential=True)
    client.force_login(bob)

    listed = client.get(reverse(LIST)).content.decode()
    opened = client.get(reverse("admin:notifications_delivery_html", args=[refused.pk]))

    assert "VPN drops" not in listed
    assert opened.status_code == 404


def test_refused_mail_is_sent_again_by_hand_and_that_is_on_record(
    refused: Delivery, desk: Client, manager: User, sink: Sink, clock: Hand
) -> None:
    desk.post(reverse("admin:notifications_delivery_again", args=[refused.pk]))
    Delivery.objects.update(due_at=NOON, expires_at=None)

    sweep(clock)

    refused.refresh_from_db()
    assert (refused.status, len(sink.taken)) == (Status.SENT, 1)
    assert LogEntry.objects.get().user == manager


def test_many_are_cancelled_with_one_reason(refused: Delivery, desk: Client) -> None:
    body = {"action": "cancel_many", "_selected_action": [refused.pk]}

    asked = desk.post(reverse(LIST), body).content.decode()
    desk.post(reverse(LIST), body | {"apply": "1", "reason": "Told by telephone."})

    refused.refresh_from_db()
    assert "Say why" not in asked
    assert (refused.status, refused.status_reason) == (Status.CANCELLED, "Told by telephone.")
    assert "Told by telephone." in LogEntry.objects.get().change_message


@pytest.mark.parametrize("page", ["again", "cancel"])
def test_agent_may_look_and_not_mend(page: str, refused: Delivery, client: Client, alice: User) -> None:
    client.force_login(alice)

    answer = client.post(reverse(f"admin:notifications_delivery_{page}", args=[refused.pk]), {"reason": "x"})

    refused.refresh_from_db()
    assert (answer.status_code, refused.status) == (403, Status.FAILED)
    assert client.get(reverse(LIST)).status_code == 200


def test_looking_at_a_delivery_changes_nothing(refused: Delivery, desk: Client) -> None:
    before = Delivery.objects.values().get()

    page = desk.get(reverse("admin:notifications_delivery_change", args=[refused.pk])).content.decode()

    assert Delivery.objects.values().get() == before
    assert "550 5.1.1 nobody" in page
    assert "Send again now" in page


def test_mail_is_framed_where_it_can_do_nothing(refused: Delivery, desk: Client) -> None:
    answer = desk.get(reverse("admin:notifications_delivery_html", args=[refused.pk]))

    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script" not in policy


@pytest.fixture
def outbox(settings: LazySettings, tmp_path: Path, alice: User, incident: Incident, clock: Hand) -> Path:
    settings.MAIL_DIR = tmp_path
    OptOut.objects.create(user=incident.requester)
    sweep(clock)
    return next(tmp_path.glob("*.eml"))


def test_outbox_shows_what_would_have_been_sent(outbox: Path, desk: Client) -> None:
    listed = desk.get(reverse("admin:outbox")).content.decode()
    letter = desk.get(reverse("admin:outbox_letter", args=[outbox.name])).content.decode()
    html = desk.get(reverse("admin:outbox_html", args=[outbox.name])).content.decode()

    assert "alice@example.com" in listed
    assert "New: VPN drops every few minutes" in letter
    assert "VPN drops every few minutes" in html


@pytest.mark.parametrize("name", ["../desk.sqlite3", "..%2Fdesk.sqlite3", "nothing.eml"])
def test_outbox_opens_its_own_letters_alone(name: str, outbox: Path, desk: Client) -> None:
    assert desk.get(f"{reverse('admin:outbox')}{name}/").status_code in {301, 302, 404}


def test_outbox_is_not_for_agents(outbox: Path, client: Client, alice: User) -> None:
    client.force_login(alice)

    assert client.get(reverse("admin:outbox")).status_code == 403


def test_stop_link_asks_on_get_and_stops_on_post(
    carol: User, alice: User, incident: Incident, client: Client, clock: Hand
) -> None:
    workflow.comment(incident, actor=agent_actor(alice), at=NOON, text="Hello.")
    announce_pending(clock)
    url = stop_url(Delivery.objects.filter(recipient=carol).latest("pk")).removeprefix(
        "http://127.0.0.1:8000"
    )

    page = client.get(url).content.decode()
    after_looking = OptOut.objects.count()
    client.post(url, {"List-Unsubscribe": "One-Click"})

    assert incident.number in page
    assert incident.title not in page
    assert (after_looking, OptOut.objects.get().user) == (0, carol)
    client.post(url, {"undo": "1"})
    assert not OptOut.objects.exists()
    assert client.get(url.replace("/stop/", "/stop/x")).status_code == 404


def test_status_page_tells_strangers_how_much_and_not_what(
    incident: Incident, alice: User, client: Client
) -> None:
    cache.clear()
    manager = User.objects.create_superuser("boss")
    workflow.declare_major(incident, actor=agent_actor(manager), at=NOON, severity=1, reason="CANARY")

    page = client.get("/status/").content.decode()

    assert "VPN" in page
    assert "A major incident is being worked on" in page
    assert "VPN drops" not in page
    assert "CANARY" not in page
    cache.clear()


@pytest.mark.parametrize(
    ("address", "heading"),
    [("delivery", "Deliveries"), ("inboundmail", "Received mails"), ("subscription", "Subscriptions")],
)
def test_lists_are_headed_by_what_is_in_them(desk: Client, address: str, heading: str) -> None:
    page = desk.get(reverse(f"admin:notifications_{address}_changelist"))

    assert page.context["title"] == heading
