import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from incidents import workflow
from incidents.enums import Channel, Impact, Priority, State, Urgency
from incidents.models import Attachment, Incident, Profile, Service, StagedFile
from incidents.models.idempotency import IdempotencyKey
from tests.factories import NOON, LocationFactory, make_incident, requester_actor
from tests.incidents.portal.conftest import SECRET, token_of


def answers(**changes: Any) -> dict[str, Any]:
    return {
        "token": str(uuid.uuid4()),
        "title": "VPN throws me out",
        "description": "Every few minutes.",
        "impact": Impact.HIGH.value,
        "urgency": Urgency.HIGH.value,
        **changes,
    }


def test_report_opens_an_incident_from_plain_answers(carols: Client, carol: User, vpn: Service) -> None:
    office = LocationFactory.create(name="Lisbon")
    files = [SimpleUploadedFile("a.png", b"one"), SimpleUploadedFile("b.log", b"two")]

    response = carols.post("/incidents/new/", answers(service=vpn.pk, location=office.pk, attachments=files))

    incident = Incident.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/incidents/{incident.number}/"
    assert (incident.requester, incident.opened_by, incident.channel) == (carol, carol, Channel.PORTAL)
    assert (incident.title, incident.description) == ("VPN throws me out", "Every few minutes.")
    assert (incident.service, incident.team, incident.location) == (vpn, vpn.team, office)
    assert incident.priority == Priority.CRITICAL
    assert sorted(Attachment.objects.values_list("name", flat=True)) == ["a.png", "b.log"]


def test_report_sent_twice_opens_one(carols: Client) -> None:
    form = answers()

    first = carols.post("/incidents/new/", form)
    second = carols.post("/incidents/new/", form)

    assert Incident.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_report_form_has_a_token_that_is_not_used_again(carols: Client) -> None:
    assert token_of(carols.get("/incidents/new/").content.decode()) != token_of(
        carols.get("/incidents/new/").content.decode()
    )


def test_report_refused_for_its_title_keeps_text_and_files(carols: Client) -> None:
    form = answers(title="", description="A long story", attachments=SimpleUploadedFile("proof.png", b"x"))

    response = carols.post("/incidents/new/", form)

    page = response.content.decode()
    kept = response.context["form"].staged
    assert Incident.objects.count() == 0
    assert IdempotencyKey.objects.count() == 0
    assert "Say in one line what is wrong." in page
    assert "A long story" in page
    assert token_of(page) == form["token"]
    assert [file.name for file in kept] == ["proof.png"]

    carols.post("/incidents/new/", answers(token=form["token"], kept=[kept[0].key]))

    attached = Attachment.objects.get()
    with attached.file.open() as file:
        assert (attached.name, file.read()) == ("proof.png", b"x")
    assert StagedFile.objects.count() == 0


def test_report_with_one_bad_file_keeps_the_good_one_and_names_each_bad_one(carols: Client) -> None:
    files = [
        SimpleUploadedFile("first.txt", b""),
        SimpleUploadedFile("good.txt", b"good"),
        SimpleUploadedFile("last.txt", b""),
    ]

    response = carols.post("/incidents/new/", answers(attachments=files))

    form = response.context["form"]
    assert form.errors == {"attachments": ["first.txt is empty.", "last.txt is empty."]}
    assert [file.name for file in form.staged] == ["good.txt"]
    assert Incident.objects.count() == 0


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ([("empty.txt", b"")], "empty"),
        ([(f"{n}.txt", b"x") for n in range(11)], "At most 10 files at a time."),
    ],
)
def test_report_refuses_bad_files_and_keeps_the_text(
    carols: Client, files: list[tuple[str, bytes]], reason: str
) -> None:
    chosen = [SimpleUploadedFile(name, content) for name, content in files]

    page = carols.post("/incidents/new/", answers(attachments=chosen)).content.decode()

    assert Incident.objects.count() == 0
    assert reason in page
    assert "Every few minutes." in page


def test_report_does_not_believe_a_file_name(carols: Client) -> None:
    # The client would clean the name before sending; a hostile one does not.
    hostile = SimpleUploadedFile("x", b"x")
    hostile._name = "..\\..\\inv\u202egpj.exe"  # type: ignore[attr-defined]

    carols.post("/incidents/new/", answers(attachments=hostile))

    assert Attachment.objects.get().name == "invgpj.exe"


def test_report_knows_the_persons_office_and_the_words_from_the_home_page(
    carols: Client, carol: User
) -> None:
    office = LocationFactory.create(name="Lisbon")
    Profile.objects.update_or_create(user=carol, defaults={"location": office})

    form = carols.post("/incidents/new/", {"begin": "1", "title": "Scanner is dead"}).context["form"]

    assert Incident.objects.count() == 0
    assert form.errors == {}
    assert form["title"].value() == "Scanner is dead"
    assert form["location"].value() == office.pk


def test_report_again_follows_up_the_closed_one(carols: Client, carol: User) -> None:
    old = make_incident(requester=carol, title="Scanner is dead")
    workflow.cancel(old, actor=requester_actor(carol), at=NOON + timedelta(hours=1), reason="Works")

    shown = carols.get(f"/incidents/new/?again={old.number}")
    carols.post("/incidents/new/", answers(again=old.number))

    assert shown.context["form"]["title"].value() == "Scanner is dead"
    assert Incident.objects.get(follows_up=old).state == State.NEW


def test_report_again_does_not_tell_of_a_strangers_incident(carols: Client, bob: User) -> None:
    foreign = make_incident(title=SECRET)
    workflow.cancel(
        foreign, actor=requester_actor(foreign.requester), at=NOON + timedelta(hours=1), reason="No"
    )

    shown = carols.get(f"/incidents/new/?again={foreign.number}").content.decode()
    carols.post("/incidents/new/", answers(again=foreign.number))

    assert SECRET not in shown
    assert not Incident.objects.filter(follows_up=foreign).exists()


def test_report_is_never_in_somebody_elses_name(carols: Client, carol: User, bob: User) -> None:
    carols.post("/incidents/new/", answers(requester=bob.pk, opened_by=bob.pk))

    assert Incident.objects.get().requester == carol


def test_report_needs_a_login(client: Client, db: None) -> None:
    response = client.post("/incidents/new/", answers())

    assert response["Location"] == "/login/?next=/incidents/new/"
    assert Incident.objects.count() == 0
