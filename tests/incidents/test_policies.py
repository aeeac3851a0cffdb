"""Who may do what: a table of roles and verbs, and each door once for who only reads."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from incidents import policies, workflow
from incidents.enums import HoldReason, ResolutionCode, State, Verb, Via
from incidents.errors import IllegalTransition, NotAllowed
from incidents.models import Incident
from incidents.policies import Actor
from incidents.verbs import VERBS
from tests.factories import NOON, AgentFactory, agent_actor, make_incident, requester_actor
from tests.incidents.api.conftest import caller

READS_ONLY: set[Verb] = set()
TAKES_PART = {Verb.COMMENT, Verb.WATCH, Verb.UNWATCH}
OWNS = TAKES_PART | {Verb.REOPEN, Verb.CLOSE, Verb.CANCEL}
GUARDED = {Verb.OVERRIDE_PRIORITY, Verb.STAND_DOWN, Verb.PUBLISH_REVIEW, Verb.REDACT}
ALL = set(VERBS)


@pytest.fixture
def auditor(db: None) -> User:
    return AgentFactory.create(username="audrey", role="Auditor", email="audrey@example.com")


def may(user: User, incident: Incident) -> set[Verb]:
    actor = Actor(user, Via.ADMIN)
    return {verb for verb in ALL if policies.may(actor, verb, incident)}


def test_each_role_may_do_what_the_table_says(
    incident: Incident, carol: User, alice: User, auditor: User
) -> None:
    leads = {role: AgentFactory.create(role=role) for role in ("Team lead", "Incident manager")}
    watcher = AgentFactory.create(role="Auditor")
    workflow.watch(incident, actor=agent_actor(alice), at=NOON, user=watcher)

    rights = {
        "requester": may(carol, incident),
        "auditor": may(auditor, incident),
        "watching auditor": may(watcher, incident),
        "agent": may(alice, incident),
        "team lead": may(leads["Team lead"], incident),
        "incident manager": may(leads["Incident manager"], incident),
    }

    assert rights == {
        "requester": OWNS,
        "auditor": READS_ONLY,
        "watching auditor": READS_ONLY,
        "agent": ALL - GUARDED,
        "team lead": ALL - GUARDED | {Verb.OVERRIDE_PRIORITY},
        "incident manager": ALL,
    }


def test_auditor_changes_nothing_of_their_own_either(auditor: User, incident: Incident) -> None:
    incident.requester = auditor

    assert may(auditor, incident) == READS_ONLY
    with pytest.raises(NotAllowed, match="changes nothing"):
        make_incident(requester=auditor)


def test_who_logged_it_for_somebody_else_takes_part_and_decides_nothing(
    alice: User, carol: User, incident: Incident
) -> None:
    alice.groups.clear()
    Incident.objects.filter(pk=incident.pk).update(opened_by=alice)
    incident.refresh_from_db()

    assert may(User.objects.get(pk=alice.pk), incident) == TAKES_PART


def test_who_logged_it_for_nobody_else_owns_it(alice: User, bob: User, incident: Incident) -> None:
    for person in (alice, bob):
        person.groups.clear()
    Incident.objects.filter(pk=incident.pk).update(requester=None, opened_by=alice)
    incident.refresh_from_db()

    logged, other = (User.objects.get(pk=person.pk) for person in (alice, bob))
    assert (may(logged, incident), may(other, incident)) == (OWNS, TAKES_PART)
    assert list(Incident.objects.filter(policies.own(logged))) == [incident]
    assert list(Incident.objects.filter(policies.own(other))) == []


def test_major_is_cancelled_and_merged_only_by_who_leads_majors(incident: Incident, alice: User) -> None:
    manager = AgentFactory.create(role="Incident manager")
    incident.is_major = True

    assert may(alice, incident) & {Verb.CANCEL, Verb.MERGE} == set()
    assert may(manager, incident) >= {Verb.CANCEL, Verb.MERGE}


def test_somebody_who_has_left_may_do_nothing(incident: Incident, alice: User) -> None:
    alice.is_active = False

    assert may(alice, incident) == READS_ONLY


def test_api_refuses_what_an_auditor_says_with_a_clear_sentence(incident: Incident, auditor: User) -> None:
    api = caller(auditor)
    bodies: dict[str, dict[str, Any]] = {
        "comment": {"text": "I object"},
        "watch": {},
        "reopen": {"text": "no"},
        "note": {"text": "hm"},
        "close": {},
    }

    answers = {
        verb: api.post(
            f"/api/v1/incidents/{incident.number}/{verb}/", body, headers={"If-Match": "*"}, format="json"
        )
        for verb, body in bodies.items()
    }

    assert {verb: answer.status_code for verb, answer in answers.items()} == dict.fromkeys(bodies, 403)
    assert answers["comment"].json()["detail"].startswith("This account reads everything and changes nothing")
    assert api.get(f"/api/v1/incidents/{incident.number}/").json()["verbs"] == []
    assert incident.entries.count() == 1


def test_portal_shows_an_auditor_no_box_and_refuses_the_post(
    client: Client, incident: Incident, auditor: User
) -> None:
    client.force_login(auditor)

    page = client.get(f"/incidents/{incident.number}/").content.decode()
    answer = client.post(f"/incidents/{incident.number}/", {"text": "I object"})

    assert 'name="text"' not in page
    assert "This account reads everything and changes nothing" in answer.content.decode()
    assert incident.entries.count() == 1


def test_desk_shows_an_auditor_no_box_and_no_button(
    client: Client, incident: Incident, auditor: User
) -> None:
    client.force_login(auditor)

    page = client.get(f"/admin/incidents/incident/{incident.pk}/change/")
    answer = client.post(
        f"/admin/incidents/incident/{incident.pk}/change/", {"kind": "reply", "text": "I object"}
    )

    assert page.context["kinds"] == []
    assert page.context["front"] == page.context["rest"] == []
    assert (answer.status_code, incident.entries.count()) == (403, 1)


def test_mail_of_an_auditor_is_no_comment(incident: Incident, auditor: User) -> None:
    with pytest.raises(NotAllowed, match="changes nothing"):
        workflow.comment(incident, actor=Actor(auditor, Via.MAIL), at=NOON, text="I object")


def test_requester_withdraws_only_what_nobody_works_on(incident: Incident, carol: User, alice: User) -> None:
    workflow.acknowledge(incident, actor=agent_actor(alice), at=NOON)

    with pytest.raises(IllegalTransition, match="being worked on already"):
        workflow.cancel(incident, actor=requester_actor(carol), at=NOON, reason="not needed")

    assert Verb.CANCEL not in workflow.allowed_verbs(incident, requester_actor(carol))


def test_what_is_so_already_is_refused_and_not_offered(incident: Incident) -> None:
    manager = agent_actor(AgentFactory.create(role="Incident manager"))
    workflow.mitigate(incident, actor=manager, at=NOON)

    with pytest.raises(IllegalTransition, match="back already"):
        workflow.mitigate(incident, actor=manager, at=NOON, note="Again.")
    with pytest.raises(IllegalTransition, match="no major incident"):
        workflow.stand_down(incident, actor=manager, at=NOON, reason="no")

    assert not {Verb.MITIGATE, Verb.STAND_DOWN} & set(workflow.allowed_verbs(incident, manager))


def test_reopening_takes_back_that_the_service_is_back(incident: Incident, alice: User) -> None:
    by = agent_actor(alice)
    workflow.mitigate(incident, actor=by, at=NOON)
    workflow.resolve(incident, actor=by, at=NOON, code=ResolutionCode.FIXED, text="done")

    workflow.reopen(incident, actor=by, at=NOON, text="It drops again.")

    assert incident.mitigated_at is None
    assert Verb.MITIGATE in workflow.allowed_verbs(incident, by)


def test_on_hold_for_the_caller_is_not_answered_by_a_reader(
    incident: Incident, alice: User, auditor: User
) -> None:
    workflow.hold(incident, actor=agent_actor(alice), at=NOON, reason=HoldReason.CALLER, note="Which?")

    with pytest.raises(NotAllowed):
        workflow.comment(incident, actor=Actor(auditor, Via.PORTAL), at=NOON, text="The one on the left")

    assert incident.state == State.ON_HOLD
