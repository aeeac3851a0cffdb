"""Catalogue tables out as CSV and in again."""

import csv
import io
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from incidents.models import Category, Location, Service, Team
from tests.incidents.admin.conftest import Entered


@pytest.fixture(autouse=True)
def shared_cache(db: None) -> None:
    call_command("createcachetable", verbosity=0)


def exported(client: Client, model: str) -> list[dict[str, str]]:
    answer = client.get(reverse(f"admin:incidents_{model}_export"))
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def look(client: Client, model: str, text: str | bytes) -> str:
    file = SimpleUploadedFile("rows.csv", text.encode() if isinstance(text, str) else text)
    address = reverse(f"admin:incidents_{model}_import")
    answer = client.post(address, {"format": "0", "import_file": file})
    page = answer.content.decode()
    if "confirm_form" in answer.context and answer.context["confirm_form"] is not None:
        form = answer.context["confirm_form"].initial
        client.post(reverse(f"admin:incidents_{model}_process_import"), form)
    return page


def test_export_defuses_formulas_for_spreadsheets(lead: User, vpn: Service, entered: Entered) -> None:
    Service.objects.create(name="=cmd|' /C calc'!A0", team=vpn.team)

    rows = exported(entered(lead), "service")

    assert {row["name"] for row in rows} == {"VPN", "'=cmd|' /C calc'!A0"}


def test_what_went_out_comes_back_unchanged(lead: User, vpn: Service, entered: Entered) -> None:
    nasty = Service.objects.create(
        name='=a|b\\;"+c', team=vpn.team, description="- one\r\n=two;-three", owner=lead
    )
    vpn.depends_on.add(nasty)
    client = entered(lead)

    answer = client.get(reverse("admin:incidents_service_export"))
    page = look(client, "service", answer.content)

    assert answer.content.startswith(b"\xef\xbb\xbfname,description,team,")
    assert page.count("Skipped") == 2
    assert page.count('<tr class="') == 2


@pytest.mark.parametrize(
    "content", ["name;time_zone\nZürich;Europe/Zurich\n", "name\ttime_zone\nZürich\tEurope/Zurich\n"]
)
def test_what_a_spreadsheet_saves_as_ansi_is_imported(lead: User, content: str, entered: Entered) -> None:
    look(entered(lead), "location", content.encode("windows-1252"))

    assert Location.objects.get().name == "Zürich"


@pytest.mark.parametrize(
    ("model", "content", "why"),
    [
        ("location", "name,time_zone\nA,UTC\nB,Mars/Olympus\n", "Row 3, time_zone: Mars/Olympus is no"),
        ("location", "name,team\nA,Nobody\n", "Row 2, team: There is no team “Nobody”."),
        ("team", "name,members\nA,alice|nobody\n", "Row 2: There is no user “nobody”."),
        ("team", "name\nNight\n\u200bnight\n", "Rows 2 and 3 are of one name, “\u200bnight”."),
        ("team", "name\n\u3164\n", "Row 2 has no name that can be seen. Write one."),
        ("team", "name,is_active\nA,ja\n", "Row 2, is_active: “ja” is neither yes nor no. Write 1 or 0."),
        ("team", "title\nA\n", "“title” is no column, or stands twice. Known: "),
        ("team", "name,name\nA,B\n", "“name” is no column, or stands twice."),
        ("team", "email\na@example.com\n", "There is no column “name”."),
        ("team", "name,email\nA,nonsense\n", "Row 2, email: Enter a valid email address."),
        ("team", "name\n" + "A" * 121 + "\n", "Row 2, name: Ensure this value has at most 120 characters"),
        ("service", "name,criticality\nA,1e999999999\n", "Row 2, criticality: “1e999999999” is none of: "),
        ("service", "name,owner\nA,nobody\n", "Row 2, owner: There is no user “nobody”."),
        ("configurationitem", "name,kind\nA,spoon\n", "Row 2, kind: “spoon” is none of: "),
        ("category", "name,parent\nA,B\n", "Row 2: There is no category “B”."),
        ("category", "name\nA\nB,C\n", "Row 3 has 2 cells where the first row has 1."),
        ("team", b"PK\x03\x04\x00\x00", "The file holds NUL bytes"),
        ("team", b"", "submitted file is empty"),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_is_named_and_changes_nothing(
    lead: User, alice: User, network: Team, model: str, content: str | bytes, why: str, entered: Entered
) -> None:
    before = [*Team.objects.values(), *Location.objects.values(), *Service.objects.values()]

    page = unescape(look(entered(lead), model, content))

    assert why in page
    assert "Traceback" not in page
    assert [*Team.objects.values(), *Location.objects.values(), *Service.objects.values()] == before


def test_a_file_that_is_not_kept_any_more_is_asked_for_again(lead: User, entered: Entered) -> None:
    client = entered(lead)
    form = {"import_file_name": "gone", "original_file_name": "a.csv", "format": "0", "resource": ""}

    answer = client.post(reverse("admin:incidents_team_process_import"), form, follow=True)

    assert "That file is not kept any more. Choose it again." in answer.content.decode()


def test_what_became_wrong_after_it_was_looked_at_is_not_written(
    lead: User, network: Team, entered: Entered
) -> None:
    client = entered(lead)
    file = SimpleUploadedFile("rows.csv", b"name,team\nA,Network\nB,Network\n")
    looked = client.post(reverse("admin:incidents_location_import"), {"format": "0", "import_file": file})
    network.delete()

    form = looked.context["confirm_form"].initial
    answer = client.post(reverse("admin:incidents_location_process_import"), form, follow=True)

    assert "Something changed meanwhile. Look at the rows again." in answer.content.decode()
    assert not Location.objects.exists()


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


def test_rows_are_shown_before_and_after_in_words_before_anything_is_written(
    lead: User, vpn: Service, entered: Entered
) -> None:
    text = "name,description,criticality,is_public\nVPN,<b>In</b>,high,0\nCoffee,Hot,low,1\nFax,,normal,1\n"
    Service.objects.create(name="Fax", team=vpn.team)
    file = SimpleUploadedFile("rows.csv", text.encode())

    page = entered(lead).post(reverse("admin:incidents_service_import"), {"format": "0", "import_file": file})

    shown = page.content.decode()
    assert "New: 1. Changed: 1. As before: 1." in shown
    for cell in ("<del>Normal</del> <ins>High</ins>", "<ins>&lt;b&gt;In&lt;/b&gt;</ins>", "<ins>Low</ins>"):
        assert f"<td>{cell}</td>" in shown
    assert "<td><del>Yes</del> <ins>No</ins></td>" in shown
    assert not Service.objects.filter(name="Coffee").exists()


def test_import_of_categories_keeps_their_parents(lead: User, entered: Entered) -> None:
    look(entered(lead), "category", "parent,name,is_active\n,Hardware,1\nHardware,Printer,1\n")

    assert Category.objects.get(name="Printer").parent == Category.objects.get(name="Hardware")


def test_agent_imports_nothing(alice: User, entered: Entered) -> None:
    answer = entered(alice).get(reverse("admin:incidents_team_import"))

    assert answer.status_code == 403
