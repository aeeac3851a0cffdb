"""Catalogue tables out as CSV and in again."""

import csv
import io

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from incidents.models import Category, Service, Team
from tests.incidents.admin.conftest import Entered


@pytest.fixture(autouse=True)
def shared_cache(db: None) -> None:
    call_command("createcachetable", verbosity=0)


def exported(client: Client, model: str) -> list[dict[str, str]]:
    answer = client.get(reverse(f"admin:incidents_{model}_export"))
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def look(client: Client, model: str, text: str) -> str:
    file = SimpleUploadedFile("rows.csv", text.encode())
    address = reverse(f"admin:incidents_{model}_import")
    answer = client.post(address, {"format": "0", "import_file": file})
    page = answer.content.decode()
    if "confirm_form" in answer.context and answer.context["confirm_form"] is not None:
        form = answer.context["confirm_form"].initial
        client.post(reverse(f"admin:incidents_{model}_process_import"), form)
    return page


def test_export_defuses_formulas(lead: User, vpn: Service, entered: Entered) -> None:
    Service.objects.create(name="=cmd|' /C calc'!A0", team=vpn.team)

    names = {row["name"] for row in exported(entered(lead), "service")}

    assert names == {"VPN", "cmd|' /C calc'!A0"}


def test_exported_team_names_its_members_by_log_in(lead: User, alice: User, entered: Entered) -> None:
    rows = exported(entered(lead), "team")

    assert rows == [{"name": "Network", "email": "", "members": "alice", "is_active": "1"}]


def test_import_changes_by_name_and_adds_what_is_new(
    lead: User, alice: User, bob: User, network: Team, entered: Entered
) -> None:
    text = "name,email,members,is_active\nNetwork,net@example.com,alice|bob|lea,1\nNight,,bob,1\n"
    network.members.add(lead)

    page = look(entered(lead), "team", text)

    network.refresh_from_db()
    assert "style=" not in page
    assert network.email == "net@example.com"
    assert set(network.members.all()) == {alice, bob, lead}
    assert Team.objects.filter(name="Night", members=bob).exists()


def test_import_of_categories_keeps_their_parents(lead: User, entered: Entered) -> None:
    look(entered(lead), "category", "parent,name,is_active\n,Hardware,1\nHardware,Printer,1\n")

    assert Category.objects.get(name="Printer").parent == Category.objects.get(name="Hardware")


def test_agent_imports_nothing(alice: User, entered: Entered) -> None:
    answer = entered(alice).get(reverse("admin:incidents_team_import"))

    assert answer.status_code == 403
