from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from incidents import workflow
from incidents.models import Attachment, Incident
from incidents.tracking import VALID_FOR, read_token, tracking_token, tracking_url
from tests.factories import NOON, agent_actor, make_incident
from tests.incidents.portal.conftest import SECRET


@pytest.fixture
def at() -> datetime:
    return timezone.now()


def path(incident: Incident, user: User, at: datetime) -> str:
    return f"/track/{tracking_token(incident, user, at=at)}/"


def test_token_says_who_follows_what_until_when(incident: Incident, carol: User) -> None:
    held = read_token(tracking_token(incident, carol, at=NOON), at=NOON)

    assert held is not None
    assert (held.incident_id, held.user_id, held.ends_at) == (incident.pk, carol.pk, NOON + VALID_FOR)


def test_token_ends_and_cannot_be_forged(incident: Incident, carol: User) -> None:
    token = tracking_token(incident, carol, at=NOON)

    assert read_token(token, at=NOON + VALID_FOR) is None
    assert read_token(token[:-1] + ("A" if token[-1] != "A" else "B"), at=NOON) is None
    assert read_token("", at=NOON) is None


def test_url_is_whole(incident: Incident, carol: User, settings: object) -> None:
    assert tracking_url(incident, carol, at=NOON).startswith("http://127.0.0.1:8000/track/")


def test_track_shows_public_entries_without_an_account(
    client: Client, carol: User, secretive: Incident, at: datetime
) -> None:
    response = client.get(path(secretive, carol, at))

    page = response.content.decode()
    assert "We are looking into it." in page
    assert SECRET not in page
    assert "<textarea" not in page
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] == "private, no-store"


def test_track_serves_files_of_public_entries_only(
    client: Client, alice: User, carol: User, secretive: Incident, at: datetime
) -> None:
    workflow.comment(
        secretive,
        actor=agent_actor(alice),
        at=NOON + timedelta(hours=2),
        text="Read this",
        attachments=[ContentFile(b"guide", name="guide.txt")],
    )
    public, internal = (Attachment.objects.get(name=name).pk for name in ("guide.txt", f"{SECRET}.log"))
    link = path(secretive, carol, at)

    assert b"".join(client.get(f"{link}files/{public}/").streaming_content) == b"guide"  # type: ignore[attr-defined]
    assert client.get(f"{link}files/{internal}/").status_code == 404


def test_track_ends_with_the_right_to_see(client: Client, alice: User, carol: User, at: datetime) -> None:
    shared = make_incident(title=SECRET)
    workflow.watch(shared, actor=agent_actor(alice), at=NOON, user=carol)
    link = path(shared, carol, at)
    while_watching = client.get(link).status_code
    workflow.unwatch(shared, actor=agent_actor(alice), at=NOON, user=carol)

    response = client.get(link)

    assert while_watching == 200
    assert response.status_code == 404
    assert SECRET not in response.content.decode()


def test_track_ends_with_the_account(client: Client, carol: User, incident: Incident, at: datetime) -> None:
    carol.is_active = False
    carol.save()

    response = client.get(path(incident, carol, at))

    assert response.status_code == 404
    assert "Private links end after two weeks" in response.content.decode()


def test_track_only_reads(client: Client, carol: User, incident: Incident, at: datetime) -> None:
    assert client.post(path(incident, carol, at), {"text": "hello"}).status_code == 405


def test_track_of_a_duplicate_shows_where_it_was_joined(
    client: Client, alice: User, carol: User, incident: Incident, at: datetime
) -> None:
    target = make_incident(title="VPN down in Lisbon")
    workflow.merge(incident, actor=agent_actor(alice), at=NOON, into=target)

    page = client.get(path(incident, carol, at)).content.decode()

    assert target.title in page
    assert f"{incident.number} was joined with {target.number}. It goes on here." in page


def test_track_of_a_duplicate_stays_where_its_reader_may_not_see_the_target(
    client: Client, alice: User, carol: User, incident: Incident, at: datetime
) -> None:
    target = make_incident(title=SECRET)
    workflow.merge(incident, actor=agent_actor(alice), at=NOON, into=target)
    target.watchers.filter(user=carol).delete()

    page = client.get(path(incident, carol, at)).content.decode()

    assert incident.title in page
    assert SECRET not in page
