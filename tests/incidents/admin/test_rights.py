"""Who gets in, and what each role may do on the pages beside the incident."""

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from incidents.models import Incident, Review, Service, Team
from tests.factories import make_incident
from tests.incidents.admin.conftest import Entered

CATALOGUE = ("team", "service", "configurationitem", "category", "location")
PROMISES = ("calendar", "target", "priorityrule")


def test_requester_is_sent_to_the_log_in(carol: User, entered: Entered) -> None:
    answer = entered(carol).get(reverse("admin:index"))

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("model", [*CATALOGUE, *PROMISES])
def test_agent_reads_catalogue_and_promises_and_adds_nothing(
    model: str, alice: User, entered: Entered
) -> None:
    client = entered(alice)

    assert client.get(reverse(f"admin:incidents_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:incidents_{model}_add")).status_code == 403


def test_agent_cannot_rename_a_service(alice: User, vpn: Service, entered: Entered) -> None:
    answer = entered(alice).post(
        reverse("admin:incidents_service_change", args=[vpn.pk]), {"name": "Mine", "criticality": 1}
    )

    vpn.refresh_from_db()
    assert answer.status_code == 403
    assert vpn.name == "VPN"


def test_team_lead_keeps_the_catalogue(lead: User, entered: Entered) -> None:
    answer = entered(lead).post(
        reverse("admin:incidents_team_add"), {"name": "Night shift", "is_active": "on"}
    )

    assert answer.status_code == 302
    assert Team.objects.filter(name="Night shift").exists()


@pytest.mark.parametrize("model", [*CATALOGUE, *PROMISES, "problem", "review", "maintenancewindow", "source"])
def test_auditor_reads_and_changes_nothing(model: str, auditor: User, entered: Entered) -> None:
    client = entered(auditor)

    assert client.get(reverse(f"admin:incidents_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:incidents_{model}_add")).status_code == 403


def test_administrator_cannot_make_a_superuser(administrator: User, carol: User, entered: Entered) -> None:
    address = reverse("admin:auth_user_change", args=[carol.pk])
    form = {"username": "carol", "is_active": "on", "is_superuser": "on", "first_name": "Caroline"}
    inline = {"profile-TOTAL_FORMS": 0, "profile-INITIAL_FORMS": 0}

    entered(administrator).post(address, {**form, **inline})

    carol.refresh_from_db()
    assert carol.first_name == "Caroline"
    assert not carol.is_superuser


def test_administrator_cannot_touch_a_superuser(administrator: User, entered: Entered) -> None:
    chief = User.objects.create_superuser("chief", "chief@example.com", "old")
    client = entered(administrator)

    assert (
        client.post(reverse("admin:auth_user_change", args=[chief.pk]), {"username": "x"}).status_code == 403
    )
    assert client.get(reverse("admin:auth_user_password_change", args=[chief.pk])).status_code == 403


def test_role_of_the_desk_cannot_be_deleted(entered: Entered, db: None) -> None:
    chief = User.objects.create_superuser("chief", "chief@example.com", "old")
    role = Group.objects.get(name="Agent")

    answer = entered(chief).post(reverse("admin:auth_group_delete", args=[role.pk]), {"post": "yes"})

    assert answer.status_code == 403
    assert Group.objects.filter(name="Agent").exists()


def test_reviews_of_incidents_one_cannot_see_are_not_listed(
    manager: User, alice: User, bob: User, network: Team, entered: Entered
) -> None:
    secret = make_incident(title="Salary file leaked", team=network, is_confidential=True)
    review = Review.objects.create(incident=secret, summary="Salaries", written_by=manager)

    seen_by_alice = entered(alice).get(reverse("admin:incidents_review_changelist")).content.decode()
    seen_by_bob = entered(bob).get(reverse("admin:incidents_review_changelist")).content.decode()

    assert "Salary file leaked" in seen_by_alice
    assert "Salary file leaked" not in seen_by_bob
    address = reverse("admin:incidents_review_change", args=[review.pk])
    assert entered(bob).get(address).status_code == 302
    assert Incident.objects.visible_to(bob).count() == 0


def test_people_are_offered_by_name(alice: User, bob: User, entered: Entered) -> None:
    found = entered(alice).get(
        reverse("admin:autocomplete"),
        {"term": "bur", "app_label": "incidents", "model_name": "service", "field_name": "owner"},
    )

    assert [row["text"] for row in found.json()["results"]] == ["Bob Burr (bob@example.com)"]


@pytest.mark.parametrize("key", ["INC0000003", "1.5", "²", "-1"])
def test_what_can_be_no_key_is_an_error_of_the_form(key: str, lead: User, entered: Entered) -> None:
    answer = entered(lead).post(reverse("admin:incidents_category_add"), {"name": "Pay", "parent": key})

    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors.keys() == {"parent"}
