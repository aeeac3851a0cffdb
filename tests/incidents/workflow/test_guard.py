"""The guarded write: of two changes to one version, one is kept and the other is told."""

import threading
from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import connection

from incidents import workflow
from incidents.enums import Channel, Impact, Priority, Urgency, Verb
from incidents.errors import Invalid, NotAllowed, StaleIncident
from incidents.models import Attachment, Incident, TimelineEntry
from incidents.signals import timeline_recorded
from tests.factories import (
    NOON,
    AgentFactory,
    RequesterFactory,
    agent_actor,
    make_incident,
    requester_actor,
)


def test_a_stale_incident_is_refused_and_nothing_is_written(incident: Incident, alice: User) -> None:
    stale = Incident.objects.get(pk=incident.pk)
    workflow.note(incident, actor=agent_actor(alice), at=NOON, text="first")

    with pytest.raises(StaleIncident, match=incident.number):
        workflow.note(stale, actor=agent_actor(alice), at=NOON, text="second")

    assert list(incident.entries.order_by("seq").values_list("text", flat=True)) == ["", "first"]


@pytest.mark.django_db(transaction=True)
def test_of_many_writers_of_one_version_exactly_one_wins() -> None:
    incident = make_incident()
    agent = agent_actor(AgentFactory.create())
    assert workflow.allowed_verbs(incident, agent)  # permissions are cached before the race
    outcomes: list[str] = []

    def write(name: str) -> None:
        mine = Incident.objects.get(pk=incident.pk)
        barrier.wait()
        try:
            workflow.note(mine, actor=agent, at=NOON, text=name)
            outcomes.append("kept")
        except StaleIncident:
            outcomes.append("told")
        finally:
            connection.close()

    barrier = threading.Barrier(6)
    threads = [threading.Thread(target=write, args=(str(n),)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["kept", *["told"] * 5]
    assert incident.entries.count() == 2


def test_the_same_again_is_no_change(incident: Incident, alice: User) -> None:
    before = incident.version

    assert (
        workflow.edit(incident, actor=agent_actor(alice), at=NOON, changes={"title": incident.title}) is None
    )
    assert workflow.assign(
        incident, actor=agent_actor(alice), at=NOON, team=incident.team, assignee=None
    ) is None  # fmt: skip

    incident.refresh_from_db()
    assert incident.version == before


def test_listeners_hear_of_an_entry_after_commit_only(
    incident: Incident, alice: User, django_capture_on_commit_callbacks: object
) -> None:
    heard: list[int] = []

    def listen(*, entry_id: int, **kwargs: object) -> None:
        heard.append(entry_id)

    timeline_recorded.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            entry = workflow.note(incident, actor=agent_actor(alice), at=NOON, text="hello")
            assert heard == []
    finally:
        timeline_recorded.disconnect(listen)

    assert heard == [entry.pk]


def test_impact_and_urgency_bring_their_priority_along(incident: Incident, alice: User) -> None:
    changes = {"impact": Impact.HIGH, "urgency": Urgency.HIGH}

    entry = workflow.edit(incident, actor=agent_actor(alice), at=NOON, changes=changes)

    assert incident.priority == Priority.CRITICAL
    assert entry is not None
    assert entry.changes["priority"] == [3, 1]


def test_an_overridden_priority_stays_until_it_is_given_back(incident: Incident) -> None:
    lead = agent_actor(AgentFactory.create(role="Team lead"))
    workflow.override_priority(incident, actor=lead, at=NOON, priority=Priority.LOW, reason="one person")

    workflow.edit(incident, actor=lead, at=NOON, changes={"impact": Impact.HIGH})
    assert (incident.priority, incident.priority_overridden) == (Priority.LOW, True)

    workflow.override_priority(incident, actor=lead, at=NOON, priority=None, reason="more after all")
    assert (incident.priority, incident.priority_overridden) == (Priority.HIGH, False)


def test_agents_do_not_override_priorities(incident: Incident, alice: User) -> None:
    with pytest.raises(NotAllowed):
        workflow.override_priority(
            incident, actor=agent_actor(alice), at=NOON, priority=Priority.CRITICAL, reason="please"
        )


def test_a_requester_may_answer_cancel_and_no_more(incident: Incident, carol: User) -> None:
    verbs = workflow.allowed_verbs(incident, requester_actor(carol))

    assert set(verbs) == {Verb.CANCEL, Verb.COMMENT, Verb.WATCH, Verb.UNWATCH}


def test_an_assignee_has_to_be_an_agent_of_the_team(incident: Incident, alice: User, carol: User) -> None:
    outsider = AgentFactory.create()

    for person in (carol, outsider):
        with pytest.raises(Invalid) as refusal:
            workflow.assign(incident, actor=agent_actor(alice), at=NOON, team=incident.team, assignee=person)
        assert set(refusal.value.fields) == {"assignee"}


@pytest.mark.parametrize(
    ("field", "report"),
    [
        ("title", {"title": "   "}),
        ("title", {"title": "x" * 201}),
        ("title", {"title": "\u200b\u2060\x00"}),
        ("description", {"title": "ok", "description": "half \ud800"}),
        ("impact", {"title": "ok", "impact": 7}),
        ("started_at", {"title": "ok", "started_at": NOON + timedelta(days=1)}),
    ],
)
def test_what_cannot_be_logged_is_refused_by_field(db: None, field: str, report: dict[str, object]) -> None:
    person = RequesterFactory.create()
    facts = workflow.Report(channel=Channel.PORTAL, requester=person, **report)  # type: ignore[arg-type]

    with pytest.raises(Invalid) as refusal:
        workflow.open_incident(facts, actor=requester_actor(person), at=NOON)

    assert set(refusal.value.fields) == {field}
    assert Incident.objects.count() == 0


def test_files_are_hashed_into_the_entry_and_stored_under_random_names(carol: User) -> None:
    file = ContentFile(b"kernel: oops", name="..\\..\\sys\u202elog.txt")
    report = workflow.Report(title="Oops", channel=Channel.PORTAL, requester=carol)

    incident = workflow.open_incident(report, actor=requester_actor(carol), at=NOON, attachments=[file])

    attachment = Attachment.objects.get(entry__incident=incident)
    assert attachment.name == "syslog.txt"
    assert "syslog" not in attachment.file.name
    with attachment.file.open() as stored:
        assert stored.read() == b"kernel: oops"
    assert incident.entries.get().data["attachments"][0]["sha256"] == attachment.sha256


def test_an_empty_file_is_refused_and_no_incident_is_left(carol: User) -> None:
    report = workflow.Report(title="Oops", channel=Channel.PORTAL, requester=carol)
    empty = ContentFile(BytesIO().read(), name="nothing.log")

    with pytest.raises(Invalid):
        workflow.open_incident(report, actor=requester_actor(carol), at=NOON, attachments=[empty])

    assert (Incident.objects.count(), TimelineEntry.objects.count()) == (0, 0)
