"""What could not be filed is read, filed, opened or discarded at the desk."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from incidents.enums import Channel, EntryKind, State
from incidents.models import Incident, Team
from notifications.inbound.receiving import receive
from notifications.models import InboundMail, InboundOutcome
from tests.factories import NOON, AgentFactory, make_incident
from tests.notifications.inbound.conftest import Letter
from tests.notifications.inbound.test_receiving import with_files

pytestmark = pytest.mark.django_db

OTHER = "joana@home.example"
LIST = "/admin/notifications/inboundmail/"


@pytest.fixture
def lead(network: Team) -> User:
    user = AgentFactory.create(role="Team lead", username="lena", first_name="Lena", last_name="Lund")
    network.members.add(user)
    return user


@pytest.fixture
def leads(client: Client, lead: User) -> Client:
    client.force_login(lead)
    return client


@pytest.fixture
def waiting(letter: Letter, incident: Incident) -> InboundMail:
    """From another address, with a file."""
    raw = with_files(letter, ("shot.svg", b"<svg onload=alert(1)>"))
    row = receive(raw.replace(b"Carol Cole <Carol@example.com>", OTHER.encode()), at=NOON)
    assert row.outcome == InboundOutcome.REFUSED
    return row


def page(client: Client, mail: InboundMail, step: str = "change") -> str:
    return client.get(f"{LIST}{mail.pk}/{step}/").content.decode()


def test_list_says_who_wrote_what_and_why_it_waits(leads: Client, waiting: InboundMail) -> None:
    shown = leads.get(LIST).content.decode()

    for words in (OTHER, "Re: VPN", "See the files.", "It comes from another address than the mail went to."):
        assert words in shown


def test_mail_is_readable_with_its_files(leads: Client, waiting: InboundMail) -> None:
    shown = page(leads, waiting)

    assert "See the files." in shown
    assert "shot.svg" in shown
    assert [name for name in ("file", "open", "discard") if f"{LIST}{waiting.pk}/{name}/" in shown] == [
        "file",
        "open",
        "discard",
    ]


def test_mail_and_its_files_leave_as_downloads(leads: Client, waiting: InboundMail) -> None:
    raw = leads.get(f"{LIST}{waiting.pk}/raw/")
    file = leads.get(f"{LIST}{waiting.pk}/files/0/")

    assert (raw.content, file.content) == (bytes(waiting.raw or b""), b"<svg onload=alert(1)>")
    assert raw["Content-Disposition"] == f'attachment; filename="mail-{waiting.pk}.eml"'
    assert file["Content-Disposition"] == 'attachment; filename="shot.svg"'
    for response in (raw, file):
        assert response["Content-Type"] == "application/octet-stream"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
    assert leads.get(f"{LIST}{waiting.pk}/files/1/").status_code == 404


def test_mail_is_filed_on_an_incident_in_the_name_of_who_files_it(
    leads: Client, lead: User, waiting: InboundMail, incident: Incident
) -> None:
    asks = page(leads, waiting, "file")

    response = leads.post(
        f"{LIST}{waiting.pk}/file/", {"incident": incident.number, "text": "See the files."}
    )

    waiting.refresh_from_db()
    incident.refresh_from_db()
    entry = waiting.entry
    assert f'value="{incident.number}"' in asks
    assert response["Location"] == f"{LIST}{waiting.pk}/change/"
    assert entry
    assert (entry.actor, entry.text) == (lead, f"From {OTHER}, by e-mail:\n\nSee the files.")
    assert (entry.incident, entry.attachments.get().name) == (incident, "shot.svg")
    assert (waiting.outcome, waiting.handled_by, bool(waiting.raw)) == (InboundOutcome.FILED, lead, True)
    assert incident.state == State.IN_PROGRESS


def test_mail_is_filed_once(leads: Client, waiting: InboundMail, incident: Incident) -> None:
    answer = {"incident": incident.number, "text": "See the files."}
    leads.post(f"{LIST}{waiting.pk}/file/", answer)

    again = leads.post(f"{LIST}{waiting.pk}/file/", answer)

    assert "Somebody else has dealt with this mail meanwhile." in again.content.decode()
    assert incident.entries.filter(kind=EntryKind.COMMENTED).count() == 1


def test_mail_is_filed_only_where_its_filer_sees(leads: Client, waiting: InboundMail) -> None:
    foreign = make_incident(is_confidential=True)

    shown = leads.post(f"{LIST}{waiting.pk}/file/", {"incident": foreign.number, "text": "My words."})

    assert "There is no such incident, or it is not yours to see." in shown.content.decode()
    assert "My words." in shown.content.decode()
    assert foreign.entries.count() == 1


def test_incident_is_opened_from_a_mail(leads: Client, lead: User, waiting: InboundMail, carol: User) -> None:
    leads.post(
        f"{LIST}{waiting.pk}/open/", {"title": "It fails", "requester": "carol@example.com", "text": "See."}
    )

    waiting.refresh_from_db()
    opened = waiting.incident
    assert opened
    assert (opened.title, opened.description, opened.requester) == ("It fails", "See.", carol)
    assert (opened.opened_by, opened.channel, waiting.outcome) == (lead, Channel.EMAIL, InboundOutcome.FILED)
    assert waiting.entry
    assert waiting.entry.attachments.get().name == "shot.svg"


def test_incident_is_opened_for_nobody_by_a_name_that_means_nobody(
    leads: Client, waiting: InboundMail
) -> None:
    shown = leads.post(f"{LIST}{waiting.pk}/open/", {"title": "It fails", "requester": "who", "text": ""})

    assert "Exactly one person has to be meant." in shown.content.decode()
    assert Incident.objects.count() == 1


def test_mail_is_discarded_with_a_reason_and_can_still_be_filed(
    leads: Client, lead: User, waiting: InboundMail, incident: Incident
) -> None:
    without = leads.post(f"{LIST}{waiting.pk}/discard/", {"reason": " "})
    leads.post(f"{LIST}{waiting.pk}/discard/", {"reason": "Spam"})

    waiting.refresh_from_db()
    assert without.status_code == 200
    assert (waiting.outcome, waiting.reason, waiting.handled_by) == (InboundOutcome.DISCARDED, "Spam", lead)
    shown = page(leads, waiting)
    assert f"{LIST}{waiting.pk}/discard/" not in shown
    leads.post(f"{LIST}{waiting.pk}/file/", {"incident": incident.number, "text": "After all."})
    waiting.refresh_from_db()
    assert waiting.outcome == InboundOutcome.FILED


@pytest.mark.parametrize("step", ["file", "open", "discard"])
def test_asking_changes_nothing(leads: Client, waiting: InboundMail, incident: Incident, step: str) -> None:
    before = incident.entries.count()

    response = leads.get(f"{LIST}{waiting.pk}/{step}/?reason=x&text=x&title=x&incident={incident.number}")

    waiting.refresh_from_db()
    assert response.status_code == 200
    assert (waiting.handled_by, incident.entries.count(), Incident.objects.count()) == (None, before, 1)


@pytest.mark.parametrize("step", ["change", "raw", "files/0", "file", "open", "discard"])
def test_mail_of_an_incident_that_is_not_theirs_to_see_is_not_there(
    client: Client, waiting: InboundMail, incident: Incident, step: str
) -> None:
    Incident.objects.filter(pk=incident.pk).update(is_confidential=True)
    client.force_login(AgentFactory.create(role="Team lead"))

    response = client.get(f"{LIST}{waiting.pk}/{step}/")

    assert response.status_code in {302, 404}
    assert b"See the files." not in response.content
    assert b"See the files." not in client.get(LIST).content


def test_mail_about_nothing_is_only_for_who_may_file(
    client: Client, alice: User, lead: User, letter: Letter
) -> None:
    row = receive(letter("CANARY", To="desk@localhost"), at=NOON)
    client.force_login(alice)
    agents = client.get(LIST).content + client.get(f"{LIST}{row.pk}/raw/").content
    client.force_login(lead)

    assert b"CANARY" not in agents
    assert b"CANARY" in client.get(LIST).content


def test_agent_without_the_right_reads_and_does_nothing(
    client: Client, alice: User, waiting: InboundMail, incident: Incident
) -> None:
    client.force_login(alice)

    shown = page(client, waiting)
    refused = client.post(f"{LIST}{waiting.pk}/file/", {"incident": incident.number, "text": "x"})

    assert "See the files." in shown
    assert not re.search(rf"{LIST}{waiting.pk}/(file|open|discard)/", shown)
    assert refused.status_code == 403
    assert reverse("admin:notifications_inboundmail_changelist") == LIST


@pytest.mark.parametrize("mails", [1, 3])
def test_list_needs_the_same_queries_for_any_length(
    leads: Client, letter: Letter, mails: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(mails):
        receive(letter(From=OTHER, Message_ID=f"<{n}@home.example>"), at=NOON)

    with django_assert_num_queries(7):
        leads.get(LIST)
