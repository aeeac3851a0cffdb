"""The queue: what each tab holds, what it costs, and what many rows at once do."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from incidents import bounded, workflow
from incidents.admin import queue
from incidents.enums import HoldReason, ResolutionCode, Severity, State
from incidents.models import Incident, Service, Team
from tests.factories import AgentFactory, TeamFactory, agent_actor, make_incident

LIST = "/admin/incidents/incident/"


def titles(page: Any) -> list[str]:
    return [row.title for row in page.context["cl"].result_list]


def said(page: Any) -> list[str]:
    return [str(message) for message in get_messages(page.wsgi_request)]


def select(*incidents: Incident, **more: Any) -> dict[str, Any]:
    return {"_selected_action": [incident.pk for incident in incidents], "index": "0", **more}


@pytest.mark.parametrize("rows", [1, 3])
def test_queue_costs_the_same_for_any_number_of_rows(
    client: Client,
    alice: User,
    network: Team,
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
) -> None:
    for number in range(rows):
        incident = make_incident(
            title=f"Broken {number}", service=Service.objects.create(name=f"Line {number}")
        )
        workflow.assign(incident, actor=agent_actor(alice), at=timezone.now(), team=network, assignee=alice)
        make_incident(title="Child").children.count()
    client.force_login(alice)

    with django_assert_num_queries(11):
        page = client.get(LIST)

    assert len(titles(page)) == rows


def test_queue_tabs_hold_what_they_say(client: Client, alice: User, bob: User, network: Team) -> None:
    by, now = agent_actor(alice), timezone.now()
    mine = make_incident(title="mine", at=now)
    workflow.assign(mine, actor=by, at=now, team=network, assignee=alice)
    held = make_incident(title="held", at=now)
    workflow.hold(held, actor=by, at=now, reason=HoldReason.VENDOR)
    solved = make_incident(title="solved", at=now)
    workflow.resolve(solved, actor=by, at=now, code=ResolutionCode.FIXED, text="Done.")
    major = make_incident(title="major", at=now)
    workflow.declare_major(major, actor=by, at=now, severity=Severity.SEV1, reason="All is down.")
    make_incident(title="late", at=now - timedelta(days=3))
    client.force_login(alice)

    shown = {
        view: titles(client.get(LIST, {"view": view})) for view in ("mine", "unassigned", "majors", "hold")
    }

    assert shown == {
        "mine": ["mine"],
        "unassigned": ["late", "major", "held"],
        "majors": ["major"],
        "hold": ["held"],
    }
    assert titles(client.get(LIST, {"view": "resolved"})) == ["solved"]
    assert titles(client.get(LIST, {"view": "teams"})) == ["mine"]
    assert titles(client.get(LIST, {"view": "late"})) == ["late"]
    assert sorted(titles(client.get(LIST, {"view": "all"}))) == ["held", "late", "major", "mine", "solved"]
    tabs = {name: n for name, _label, n, _tone, _current in client.get(LIST).context["tabs"]}
    assert tabs == {
        "mine": 1,
        "unassigned": 3,
        "teams": 1,
        "due": 1,
        "majors": 1,
        "hold": 1,
        "open": 4,
        "resolved": 1,
        "all": None,
    }


def nobodys(client: Client) -> list[str]:
    return titles(client.get(LIST, {"view": "nobodys"}))


def test_work_in_nobodys_hands_is_a_tab(
    client: Client, lead: User, alice: User, bob: User, network: Team, workplace: Team
) -> None:
    by, now = agent_actor(alice), timezone.now()
    empty = TeamFactory.create(name="Empty")
    off = TeamFactory.create(name="Off", is_active=False)
    off.members.add(alice)
    speechless = TeamFactory.create(name="Speechless")
    speechless.members.add(AgentFactory.create(email=""))
    left = TeamFactory.create(name="Left")
    left.members.add(AgentFactory.create(is_active=False))
    for title, team in (
        ("no team", None),
        ("empty team", empty),
        ("team without address", speechless),
        ("all have left", left),
        ("staffed team", network),
    ):
        make_incident(title=title, team=team, at=now)
    switched_off = make_incident(title="team switched off", team=network, at=now)
    Incident.objects.filter(pk=switched_off.pk).update(team=off)
    make_incident(title="taken", at=now)
    workflow.assign(Incident.objects.get(title="taken"), actor=by, at=now, team=None, assignee=alice)
    make_incident(title="assignee has left", team=workplace, at=now)
    workflow.assign(
        Incident.objects.get(title="assignee has left"), actor=by, at=now, team=workplace, assignee=bob
    )
    User.objects.filter(pk=bob.pk).update(is_active=False)
    client.force_login(lead)

    assert set(nobodys(client)) == {
        "no team",
        "empty team",
        "team without address",
        "all have left",
        "team switched off",
        "assignee has left",
    }


def test_solved_work_is_in_nobodys_hands_no_more(client: Client, lead: User, alice: User) -> None:
    solved = make_incident(title="solved")
    workflow.resolve(
        solved, actor=agent_actor(alice), at=timezone.now(), code=ResolutionCode.FIXED, text="Done."
    )
    client.force_login(lead)

    assert nobodys(client) == []


def test_work_in_nobodys_hands_is_offered_to_leads(client: Client, lead: User, alice: User) -> None:
    make_incident(title="no team")
    shown = {}

    for user in (lead, alice):
        client.force_login(user)
        tabs = client.get(LIST, {"view": "open"}).context["tabs"]
        shown[user.username] = [n for name, _label, n, *_rest in tabs if name == "nobodys"]

    assert shown == {"lea": [1], "alice": []}


def test_queue_hides_confidential_incidents_of_other_teams(
    client: Client, alice: User, bob: User, vpn: Service
) -> None:
    make_incident(title="Payroll leak", service=vpn, is_confidential=True)
    make_incident(title="Printer", service=vpn)

    seen = {}
    for user in (alice, bob):
        client.force_login(user)
        seen[user.username] = sorted(titles(client.get(LIST, {"view": "all"})))

    assert seen == {"alice": ["Payroll leak", "Printer"], "bob": ["Printer"]}


def test_search_finds_an_exact_number_first_and_words_after(client: Client, alice: User) -> None:
    wanted = make_incident(title="Scanner")
    make_incident(title=f"Mentions {wanted.number}")
    client.force_login(alice)

    assert titles(client.get(LIST, {"q": wanted.number})) == ["Scanner"]
    assert titles(client.get(LIST, {"q": "mentions"})) == [f"Mentions {wanted.number}"]


def test_search_does_not_show_that_a_hidden_number_exists(client: Client, bob: User, vpn: Service) -> None:
    hidden = make_incident(title="Payroll leak", service=vpn, is_confidential=True)
    client.force_login(bob)

    assert titles(client.get(LIST, {"q": hidden.number})) == []
    assert (
        "Payroll"
        not in client.get(
            "/admin/autocomplete/",
            {"term": "Payroll", "app_label": "incidents", "model_name": "review", "field_name": "incident"},
        ).content.decode()
    )


def test_filters_narrow_the_list_and_show_as_chips(client: Client, alice: User, vpn: Service) -> None:
    make_incident(title="VPN", service=vpn)
    make_incident(title="Printer")
    client.force_login(alice)

    page = client.get(LIST, {"view": "open", "service__id__exact": vpn.pk})

    assert titles(page) == ["VPN"]
    assert [(str(label), value) for label, value, _url in page.context["cl"].chips] == [("service", "VPN")]


def test_requesters_and_strangers_do_not_enter(client: Client, carol: User) -> None:
    client.force_login(carol)

    assert client.get(LIST).status_code == 302

    client.force_login(User.objects.create_user("temp", is_staff=True))
    assert client.get(LIST).status_code == 403


def test_bulk_takes_every_row_and_says_how_many(client: Client, alice: User, incident: Incident) -> None:
    other = make_incident()
    client.force_login(alice)

    page = client.post(LIST + "?view=unassigned", select(incident, other, action="assign_to_me"))

    assert page.status_code == 302
    assert set(Incident.objects.values_list("assignee__username", "state")) == {("alice", State.IN_PROGRESS)}
    assert said(page) == ["2 incidents: assign to me."]


def test_bulk_reports_each_refusal_with_its_reason_and_keeps_the_row_selected(
    client: Client, alice: User, incident: Incident
) -> None:
    over = make_incident(title="Over")
    workflow.cancel(over, actor=agent_actor(alice), at=timezone.now(), reason="Was none.")
    client.force_login(alice)

    page = client.post(
        LIST + "?view=all",
        select(incident, over, action="resolve", apply="1", code="fixed", text="Restarted it."),
    )

    incident.refresh_from_db()
    assert (page.status_code, incident.state) == (200, State.RESOLVED)
    assert [(row.title, why[:10]) for row, why in page.context["rows"]] == [("Over", over.number)]
    assert "nothing changes it any more" in page.content.decode()
    assert "Restarted it." in page.content.decode()
    assert said(page) == ["1 incident: resolve."]


def test_bulk_asks_before_it_resolves(client: Client, alice: User, incident: Incident) -> None:
    client.force_login(alice)

    page = client.post(LIST + "?view=open", select(incident, action="resolve"))

    incident.refresh_from_db()
    assert incident.state == State.NEW
    assert "Resolve 1 incident" in page.content.decode()


def test_bulk_does_not_act_on_a_row_that_changed_meanwhile(
    client: Client, alice: User, bob: User, incident: Incident
) -> None:
    seen = incident.version
    workflow.note(incident, actor=agent_actor(bob), at=timezone.now(), text="Wait, I am on it.")
    client.force_login(alice)

    page = client.post(
        LIST,
        select(incident, action="close", apply="1", text="", **{f"version-{incident.pk}": seen}),
    )

    assert "was changed by somebody else" in page.content.decode()


def test_bulk_does_not_take_what_a_colleague_took_first(
    client: Client, alice: User, bob: User, workplace: Team, incident: Incident
) -> None:
    client.force_login(alice)
    listed = client.get(LIST + "?view=unassigned").content.decode()
    workflow.assign(incident, actor=agent_actor(bob), at=timezone.now(), team=workplace, assignee=bob)

    version = {f"version-{incident.pk}": "1"}
    page = client.post(LIST + "?view=unassigned", select(incident, action="assign_to_me", **version))

    incident.refresh_from_db()
    assert f'name="version-{incident.pk}" value="1"' in listed
    assert incident.assignee == bob
    assert "was changed by somebody else" in page.content.decode()


def test_bulk_is_not_for_those_who_only_read(client: Client, incident: Incident) -> None:
    client.force_login(AgentFactory.create(role="Auditor"))

    page = client.post(LIST + "?view=all", select(incident, action="assign_to_me"))

    incident.refresh_from_db()
    assert incident.assignee is None
    assert "assign_to_me" not in page.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "view=bogus",
        "service__id__exact=abc",
        "team__id__exact=" + "9" * 40,
        "p=abc",
        "p=999",
        "o=99",
        "opened=x",
        "priority__exact=abc",
        "q=INC" + "9" * 30,
        "nonsense=1",
    ],
)
def test_queue_survives_a_bent_address(client: Client, alice: User, incident: Incident, query: str) -> None:
    client.force_login(alice)

    assert client.get(f"{LIST}?{query}", follow=True).status_code == 200
    assert client.get(f"{LIST}{'9' * 30}/change/").status_code == 404
    assert client.get(f"{LIST}{incident.pk}/change/?from={'9' * 30}&show=x&view=x").status_code == 200
    assert client.get(f"{LIST}{incident.pk}/files/{'9' * 30}/").status_code == 404


def test_a_tab_that_is_not_offered_is_counted_while_it_is_shown(
    client: Client, incident: Incident, alice: User
) -> None:
    client.force_login(alice)
    Incident.objects.filter(pk=incident.pk).update(next_due_at=timezone.now() - timedelta(hours=1))

    tabs = client.get(LIST, {"view": "late"}).context["tabs"]

    assert {name: n for name, _label, n, _tone, _current in tabs}["late"] == 1


def test_tabs_are_counted_to_a_thousand_and_no_further(
    client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(alice)
    for _ in range(3):
        make_incident()
    monkeypatch.setattr(queue, "FEW", 2)
    monkeypatch.setattr(bounded, "FEW", 2)

    page = client.get(LIST, {"view": "open"}).content.decode()

    assert "2+" in page
