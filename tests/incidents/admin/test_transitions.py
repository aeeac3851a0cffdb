"""The page of each verb: GET shows and never writes, POST acts, and refusals lose nothing."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from incidents import workflow
from incidents.admin.verb_forms.pages import FORMS
from incidents.enums import HoldReason, ResolutionCode, Severity, State, Verdict
from incidents.models import Incident, Problem, Team
from tests.factories import AgentFactory, agent_actor, make_incident


@pytest.fixture
def mary(db: None) -> User:
    return AgentFactory.create(username="mary", role="Incident manager")


@pytest.fixture
def desk(client: Client, mary: User) -> Client:
    client.force_login(mary)
    return client


def page_of(incident: Incident, slug: str) -> str:
    return f"/admin/incidents/incident/{incident.pk}/{slug}/"


def send(client: Client, incident: Incident, slug: str, **data: Any) -> Any:
    """As the form would: with the version that the person saw."""
    incident.refresh_from_db()
    return client.post(page_of(incident, slug), {"version": incident.version, **data})


def put(incident: Incident, by: User, slug: str) -> None:
    """Bring it to where the verb may be used."""
    actor, at = agent_actor(by), timezone.now()
    if slug == "resume":
        workflow.hold(incident, actor=actor, at=at, reason=HoldReason.VENDOR)
    if slug in {"reopen", "close"}:
        workflow.resolve(incident, actor=actor, at=at, code=ResolutionCode.FIXED, text="Done.")
    if slug == "stand-down":
        workflow.declare_major(incident, actor=actor, at=at, severity=Severity.SEV1, reason="All down.")


@pytest.mark.parametrize("slug", FORMS)
def test_get_shows_the_form_and_writes_nothing(
    desk: Client, mary: User, incident: Incident, slug: str
) -> None:
    put(incident, mary, slug)
    version = incident.version

    page = desk.get(page_of(incident, slug))

    incident.refresh_from_db()
    assert page.status_code == 200
    assert str(page.context["form"].button_text()) in page.content.decode()
    assert (incident.version, incident.entries.count()) == (version, version)


def test_every_page_acts_on_post(desk: Client, mary: User, incident: Incident, network: Team) -> None:
    network.members.add(mary)
    other, problem = make_incident(title="Other"), Problem.objects.create(title="Firewall")
    steps: list[tuple[str, dict[str, Any]]] = [
        ("acknowledge", {}),
        ("assign", {"team": network.pk, "assignee": mary.pk, "text": "yours"}),
        ("hold", {"reason": "vendor", "text": "case 4711"}),
        ("resume", {"text": ""}),
        ("mitigate", {"text": "It works again."}),
        ("edit", {"title": "VPN is slow", "impact": 1, "urgency": 2}),
        ("priority", {"priority": 1, "reason": "The board meets."}),
        ("severity", {"severity": 2, "reason": ""}),
        ("major", {"severity": 1, "impact": 1, "urgency": 1, "reason": "Nobody can work."}),
        ("stand-down", {"reason": "Only one office."}),
        ("hypothesis", {"text": "Session table full"}),
        ("root-cause", {"text": "A defect in 9.1.4"}),
        ("watch", {"user": mary.pk}),
        ("unwatch", {"user": mary.pk}),
        ("parent", {"parent": other.number}),
        ("parent", {"parent": ""}),
        ("problem", {"problem": problem.number}),
        ("resolve", {"code": "patch", "text": "Upgraded."}),
        ("reopen", {"text": "Still drops."}),
        ("merge", {"into": other.number, "confirm": "on"}),
    ]

    answers = [send(desk, incident, slug, **data).status_code for slug, data in steps]

    incident.refresh_from_db()
    assert answers == [302] * len(steps)
    kinds = list(incident.entries.order_by("seq").values_list("kind", flat=True))
    assert kinds == [
        "opened", "acknowledged", "assigned", "held", "resumed", "mitigated", "edited", "priority_overridden",
        "severity_assessed", "major_declared", "stood_down", "hypothesis_added", "root_cause_recorded",
        "watcher_added", "watcher_removed", "linked", "linked", "linked", "resolved", "reopened", "merged",
    ]  # fmt: skip
    assert (incident.state, incident.duplicate_of) == (State.CANCELLED, other)


def test_take_cancel_and_close_act_on_post(desk: Client, mary: User, incident: Incident) -> None:
    second, third = make_incident(), make_incident()
    put(third, mary, "close")

    send(desk, second, "take")
    send(desk, incident, "cancel", reason="Was none.")
    send(desk, third, "close", text="Thank you.")

    rows = Incident.objects.order_by("pk").values_list("state", "assignee__username")
    assert list(rows) == [(State.CANCELLED, None), (State.IN_PROGRESS, "mary"), (State.CLOSED, None)]


def test_hypotheses_are_weighed_and_planned_actions_done(
    desk: Client, mary: User, incident: Incident
) -> None:
    by, now = agent_actor(mary), timezone.now()
    workflow.add_hypothesis(incident, actor=by, at=now, text="Line flaps")
    workflow.plan_action(incident, actor=by, at=now, kind="patch", summary="Upgrade")  # type: ignore[arg-type]

    send(
        desk, incident, "weigh", hypothesis=incident.hypotheses.get().pk, verdict="rejected", reason="No loss"
    )
    send(desk, incident, "done", planned=incident.actions.get().pk, outcome="succeeded", text="")

    assert incident.hypotheses.get().verdict == Verdict.REJECTED
    assert (incident.actions.get().outcome, incident.actions.get().summary) == ("succeeded", "Upgrade")


def test_refused_post_keeps_the_text_and_says_why(desk: Client, incident: Incident) -> None:
    page = send(desk, incident, "hold", reason="caller", text="")

    incident.refresh_from_db()
    assert incident.state == State.NEW
    assert "Write what you need to know; the requester reads it." in page.content.decode()


def test_stale_post_is_told_what_changed_and_keeps_the_text(
    desk: Client, alice: User, incident: Incident
) -> None:
    seen = incident.version
    workflow.note(incident, actor=agent_actor(alice), at=timezone.now(), text="I am at the firewall now.")

    page = desk.post(
        page_of(incident, "resolve"), {"version": seen, "code": "fixed", "text": "Typed for ten minutes."}
    )
    html = page.content.decode()

    incident.refresh_from_db()
    assert incident.state == State.NEW
    assert "Typed for ten minutes." in html
    assert "I am at the firewall now." in html
    assert f'name="version" value="{incident.version}"' in html


def test_post_without_a_version_counts_as_stale(desk: Client, alice: User, incident: Incident) -> None:
    page = desk.post(page_of(incident, "cancel"), {"reason": "Was none."})

    incident.refresh_from_db()
    assert (page.status_code, incident.state) == (200, State.NEW)


def test_illegal_move_leads_back_with_the_reason(desk: Client, incident: Incident) -> None:
    page = desk.get(page_of(incident, "reopen"), follow=True)

    assert "That does not go with: Reopen." in page.content.decode()


def test_guarded_verbs_are_closed_to_plain_agents(client: Client, alice: User, incident: Incident) -> None:
    client.force_login(alice)

    page = client.get(page_of(incident, "priority"), follow=True)
    send(client, incident, "priority", priority=1, reason="I want it.")

    incident.refresh_from_db()
    assert "You may not do this" in page.content.decode()
    assert incident.priority_overridden is False


def test_text_of_the_composer_is_carried_into_the_form_and_writes_nothing(
    desk: Client, incident: Incident
) -> None:
    page = desk.post(page_of(incident, "hold"), {"prefill": "1", "text": "Which office?", "kind": "reply"})

    incident.refresh_from_db()
    assert incident.state == State.NEW
    assert page.context["form"].initial == {"text": "Which office?", "reason": "caller"}


def test_merge_does_not_tell_that_a_hidden_incident_exists(
    client: Client, bob: User, network: Team, incident: Incident
) -> None:
    hidden = make_incident(title="Payroll leak", team=network, is_confidential=True)
    client.force_login(bob)

    answers = {
        number: send(client, incident, "merge", into=number).context["form"].errors["into"]
        for number in (hidden.number, "INC0999999")
    }

    assert answers == {
        number: [f"There is no incident {number}. Look its number up in the list."] for number in answers
    }


def test_telephone_opens_for_somebody_else(client: Client, alice: User, carol: User) -> None:
    client.force_login(alice)

    page = client.post(
        "/admin/incidents/incident/add/",
        {"requester": carol.pk, "title": "No dial tone", "impact": 2, "urgency": 1, "channel": "phone"},
    )

    incident = Incident.objects.get()
    assert page["Location"] == f"/admin/incidents/incident/{incident.pk}/change/"
    assert (incident.requester, incident.opened_by, incident.title) == (carol, alice, "No dial tone")


def test_telephone_looks_around_without_opening(client: Client, alice: User, carol: User) -> None:
    make_incident(requester=carol, title="Dial tone is gone")
    client.force_login(alice)

    page = client.post(
        "/admin/incidents/incident/add/",
        {"look": "1", "login": "carol", "title": "no dial tone at all", "description": "Since nine."},
    )

    assert page.status_code == 200
    assert page.context["form"].errors == {}
    assert page.context["form"]["description"].value() == "Since nine."
    assert page.context["caller"].user == carol
    assert [row.title for row in page.context["alike"]] == ["Dial tone is gone"]
    assert Incident.objects.count() == 1


def test_telephone_keeps_what_was_typed(client: Client, alice: User) -> None:
    client.force_login(alice)

    page = client.post(
        "/admin/incidents/incident/add/", {"title": "No dial tone", "description": "Since nine."}
    )

    assert "Say who is affected" in page.content.decode()
    assert "Since nine." in page.content.decode()
    assert not Incident.objects.exists()


def test_review_is_a_page_to_print(desk: Client, mary: User, incident: Incident) -> None:
    workflow.save_review(incident, actor=agent_actor(mary), fields={"summary": "Nobody could dial in."})

    html = desk.get(page_of(incident, "review")).content.decode()

    assert "Nobody could dial in." in html
    assert "data-print" in html
