"""The incident page: what it tells, what it costs, and what the composer does."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from incidents import workflow
from incidents.enums import (
    ActionOutcome,
    EntryKind,
    HoldReason,
    Impact,
    ResolutionCode,
    Severity,
    Urgency,
    Visibility,
)
from incidents.models import Action, Attachment, Evidence, Incident, Service, Team
from tests.factories import AgentFactory, TeamFactory, agent_actor, make_incident, requester_actor

INLINE = re.compile(r"<[^>]+\s(style|on[a-z]+)=|<style|<script(?![^>]*\ssrc=)[^>]*>\s*\S")

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')


def page_of(incident: Incident, *more: str) -> str:
    return "/".join(["/admin/incidents/incident", str(incident.pk), *(more or ("change",)), ""])


def words(page: Any) -> list[str]:
    return [line.sentence for line in page.context["stream"].lines]


@pytest.mark.parametrize("entries", [1, 3])
def test_page_costs_the_same_for_any_number_of_entries(
    client: Client,
    alice: User,
    incident: Incident,
    django_assert_num_queries: DjangoAssertNumQueries,
    entries: int,
) -> None:
    by, now = agent_actor(alice), timezone.now()
    for number in range(entries):
        team = TeamFactory.create(name=f"Crew {number}")
        file = SimpleUploadedFile(f"{number}.txt", b"text")
        workflow.assign(incident, actor=by, at=now, team=team, assignee=None)
        workflow.note(incident, actor=by, at=now, text="Look.", attachments=[file])
        workflow.add_hypothesis(incident, actor=by, at=now, text=f"Cause {number}")
        workflow.watch(incident, actor=by, at=now, user=AgentFactory.create())
        child = make_incident(requester=incident.requester)
        workflow.link_parent(child, actor=by, at=now, parent=incident)
    client.force_login(alice)

    with django_assert_num_queries(20):
        page = client.get(page_of(incident))

    assert len(page.context["stream"].lines) == 4 * entries + 1


def test_page_tells_changes_in_words(client: Client, alice: User, incident: Incident, network: Team) -> None:
    by, now = agent_actor(alice), timezone.now()
    erp = TeamFactory.create(name="ERP")
    workflow.assign(incident, actor=by, at=now, team=erp, assignee=None)
    workflow.edit(incident, actor=by, at=now, changes={"impact": Impact.HIGH, "urgency": Urgency.HIGH})
    workflow.edit(incident, actor=by, at=now, changes={"title": "VPN is slow"})
    workflow.hold(incident, actor=by, at=now, reason=HoldReason.VENDOR)
    client.force_login(alice)

    page = client.get(page_of(incident))

    assert words(page) == [
        "put it on hold: waiting for a vendor",
        "changed title: VPN drops every few minutes → VPN is slow",
        "changed",
        "moved it from Network to ERP",
        "opened this by portal",
    ]
    assert page.context["stream"].lines[2].changes == [
        "impact: Medium → High",
        "urgency: Medium → High",
        "priority: Moderate → Critical",
    ]


def test_page_pages_through_a_long_timeline(client: Client, alice: User, incident: Incident) -> None:
    for number in range(60):
        workflow.note(incident, actor=agent_actor(alice), at=timezone.now(), text=f"Note {number}")
    client.force_login(alice)

    first = client.get(page_of(incident)).context["stream"]
    second = client.get(page_of(incident), {"from": first.more}).context["stream"]
    oldest = client.get(page_of(incident), {"order": "old", "show": "changes"}).context["stream"]

    assert [line.entry.seq for line in first.lines] == list(range(61, 11, -1))
    assert [line.entry.seq for line in second.lines] == list(range(11, 0, -1))
    assert (second.more, [line.entry.seq for line in oldest.lines]) == (None, [])


def test_page_hides_confidential_incidents_of_other_teams(client: Client, bob: User, vpn: Service) -> None:
    hidden = make_incident(title="Payroll leak", service=vpn, is_confidential=True)
    client.force_login(bob)

    answers = [client.get(page_of(hidden)), client.get(page_of(hidden, "resolve"))]
    unknown = client.get("/admin/incidents/incident/999999/change/")

    assert [answer.status_code for answer in answers] == [404, 404]
    assert [TOKEN.sub("", page.content.decode()) for page in answers] == [
        TOKEN.sub("", unknown.content.decode())
    ] * 2
    assert (
        client.post(page_of(hidden, "cancel"), {"reason": "x", "version": hidden.version}).status_code == 404
    )


def test_page_gives_an_auditor_everything_to_read_and_nothing_to_press(
    client: Client, alice: User, incident: Incident
) -> None:
    workflow.note(
        incident, actor=agent_actor(alice), at=timezone.now(), text="Only the desk reads this line."
    )
    client.force_login(AgentFactory.create(role="Auditor"))

    html = client.get(page_of(incident)).content.decode()
    refused = [
        client.get(page_of(incident, "resolve")).status_code,
        client.post(page_of(incident, "resolve"), {"code": "fixed", "text": "x"}).status_code,
        client.post(page_of(incident), {"kind": "note", "text": "x"}).status_code,
        client.get("/admin/incidents/incident/add/").status_code,
    ]

    assert "Only the desk reads this line." in html
    assert "composer" not in html
    assert page_of(incident, "resolve") not in html
    assert refused == [403, 403, 403, 403]


def test_page_does_not_let_a_requester_in(client: Client, carol: User, incident: Incident) -> None:
    client.force_login(carol)

    assert client.get(page_of(incident)).status_code == 302


def test_page_escapes_what_people_wrote(client: Client, alice: User, carol: User) -> None:
    attack = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    incident = make_incident(requester=carol, title=attack, description=attack)
    workflow.note(incident, actor=agent_actor(alice), at=timezone.now(), text=attack)
    workflow.add_hypothesis(incident, actor=agent_actor(alice), at=timezone.now(), text=attack)
    client.force_login(alice)

    pages = [
        client.get(page_of(incident)),
        client.get(page_of(incident, "resolve")),
        client.get(page_of(incident, "edit")),
    ]
    pages.append(client.get("/admin/incidents/incident/", {"view": "all"}))

    for page in pages:
        html = page.content.decode()
        assert "&lt;script&gt;alert(1)" in html
        assert "<script>alert" not in html
        assert "<img src=x" not in html


def test_pages_carry_no_inline_style_or_script(client: Client, alice: User, incident: Incident) -> None:
    client.force_login(alice)
    addresses = [
        "/admin/incidents/incident/?view=all",
        "/admin/incidents/incident/add/",
        page_of(incident),
        *(page_of(incident, slug) for slug in ("resolve", "assign", "edit", "watch", "major", "merge")),
    ]

    found = {address: INLINE.findall(client.get(address).content.decode()) for address in addresses}

    assert {address: hits for address, hits in found.items() if hits} == {}


def test_composer_replies_in_public_and_notes_in_private(
    client: Client, alice: User, incident: Incident
) -> None:
    client.force_login(alice)

    reply = client.post(page_of(incident), {"kind": "reply", "text": "On it.", "version": incident.version})
    note = client.post(page_of(incident), {"kind": "note", "text": "Firewall again.", "version": 2})

    assert (reply.status_code, note.status_code) == (302, 302)
    entries = (
        incident.entries.filter(seq__gt=1).order_by("seq").values_list("kind", "visibility", "text", "actor")
    )
    assert list(entries) == [
        (EntryKind.COMMENTED, Visibility.PUBLIC, "On it.", alice.pk),
        (EntryKind.NOTED, Visibility.INTERNAL, "Firewall again.", alice.pk),
    ]


def test_composer_records_actions_and_evidence(client: Client, alice: User, incident: Incident) -> None:
    client.force_login(alice)

    client.post(
        page_of(incident), {"kind": "action", "text": "Restarted.", "type": "restart", "outcome": "succeeded"}
    )
    client.post(
        page_of(incident), {"kind": "action", "text": "Upgrade.", "type": "patch", "outcome": "planned"}
    )
    client.post(
        page_of(incident), {"kind": "evidence", "text": "err 17", "evidence": "log", "title": "syslog"}
    )

    assert list(Action.objects.order_by("pk").values_list("summary", "outcome")) == [
        ("Restarted.", ActionOutcome.SUCCEEDED),
        ("Upgrade.", ActionOutcome.PLANNED),
    ]
    assert Evidence.objects.get().content == "err 17"


def test_composer_keeps_the_text_when_it_is_refused(client: Client, alice: User, incident: Incident) -> None:
    client.force_login(alice)

    page = client.post(page_of(incident), {"kind": "evidence", "text": "long typed text", "version": 1})

    assert "Name it in at most 200 characters." in page.content.decode()
    assert "long typed text" in page.content.decode()
    assert not Evidence.objects.exists()


def test_composer_holds_a_reply_back_when_somebody_answered_meanwhile(
    client: Client, alice: User, bob: User, incident: Incident
) -> None:
    seen = incident.version
    workflow.comment(incident, actor=agent_actor(bob), at=timezone.now(), text="Solved by a restart.")
    client.force_login(alice)

    page = client.post(page_of(incident), {"kind": "reply", "text": "Please restart.", "version": seen})
    html = page.content.decode()

    assert incident.entries.count() == 2
    assert "Please restart." in html
    assert "Changed by somebody else while you were writing" in html
    again = client.post(page_of(incident), {"kind": "reply", "text": "Please restart.", "version": 2})
    assert (again.status_code, incident.entries.count()) == (302, 3)


def test_composer_is_not_held_back_by_a_clock(client: Client, alice: User, incident: Incident) -> None:
    seen = incident.version
    clock = incident.clocks.get(metric="acknowledge")
    workflow.notice_clock(clock, at=incident.opened_at + timedelta(days=30))
    client.force_login(alice)

    page = client.post(page_of(incident), {"kind": "reply", "text": "On it.", "version": seen})

    assert page.status_code == 302


def test_files_are_downloads_and_only_of_visible_incidents(
    client: Client, alice: User, bob: User, carol: User, vpn: Service
) -> None:
    hidden = make_incident(requester=carol, service=vpn, is_confidential=True)
    workflow.comment(
        hidden,
        actor=requester_actor(carol),
        at=timezone.now(),
        text="See.",
        attachments=[SimpleUploadedFile("page.html", b"<script>alert(1)</script>", "text/html")],
    )
    address = page_of(hidden, "files", str(Attachment.objects.get().pk))

    client.force_login(alice)
    answer = client.get(address)
    client.force_login(bob)

    assert answer["Content-Disposition"] == 'attachment; filename="page.html"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"  # type: ignore[attr-defined]
    assert client.get(address).status_code == 404


def test_files_of_another_incident_are_not_found_here(
    client: Client, alice: User, incident: Incident
) -> None:
    other = make_incident()
    file = SimpleUploadedFile("a.txt", b"a")
    workflow.note(other, actor=agent_actor(alice), at=timezone.now(), text="x", attachments=[file])
    client.force_login(alice)

    assert client.get(page_of(incident, "files", str(Attachment.objects.get().pk))).status_code == 404


def test_resolved_incident_that_was_stood_down_leads_to_its_review(
    client: Client, incident: Incident
) -> None:
    mary = AgentFactory.create(role="Incident manager")
    by, at = agent_actor(mary), timezone.now()
    workflow.declare_major(incident, actor=by, at=at, severity=Severity.SEV1, reason="All down.")
    workflow.stand_down(incident, actor=by, at=at, reason="One office.")
    workflow.resolve(incident, actor=by, at=at, code=ResolutionCode.FIXED, text="Done.")
    client.force_login(mary)

    page = client.get(f"/admin/incidents/incident/{incident.pk}/change/")

    assert "publish its review before you close it" in page.content.decode()
    assert [button.slug for button in page.context["front"]] == ["reopen"]
