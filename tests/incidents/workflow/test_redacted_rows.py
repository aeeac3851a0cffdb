"""Words that have to go are also with the monitoring, with unsent forms and in what a check found."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from incidents import workflow
from incidents.models import Alert, HeldForm, Incident, IngestEvent, LedgerCheck, Review, SetAside, Source
from itsm import checking
from tests.factories import NOON, AgentFactory, agent_actor, make_incident

pytestmark = pytest.mark.django_db
SECRET = "secret 4711"
LEFT = "[…]"


@pytest.fixture
def told(alice: User, incident: Incident) -> Incident:
    """Something to be removed, so that no redaction is in vain."""
    workflow.note(incident, actor=agent_actor(alice), at=NOON, text=SECRET)
    return incident


@pytest.fixture
def source(db: None) -> Source:
    return Source.objects.create(name="Watch", key_hash="0" * 64, key_hint="abc")


def redact(incident: Incident) -> None:
    boss = AgentFactory.create(role="Incident manager")
    workflow.redact(incident, actor=agent_actor(boss), at=NOON, words=SECRET, reason="Private")


def fire(source: Source, key: str, incident: Incident | None, **more: Any) -> Alert:
    facts = {"title": SECRET, "severity": SECRET, "started_at": NOON, "last_seen_at": NOON, **more}
    return Alert.objects.create(source=source, dedup_key=key, incident=incident, **facts)


def body(source: Source, at: datetime, **more: Any) -> IngestEvent:
    return IngestEvent.objects.create(source=source, received_at=at, payload={"impact": SECRET}, **more)


def test_alert_is_recognised_by_its_key_only_while_it_fires(told: Incident, source: Source) -> None:
    firing = fire(source, f"still {SECRET}", told)
    over = fire(source, f"over {SECRET}", told, ended_at=NOON)
    redact(told)

    firing.refresh_from_db()
    over.refresh_from_db()
    assert (firing.dedup_key, firing.title, firing.severity) == (f"still {SECRET}", LEFT, LEFT)
    assert (over.dedup_key, over.title) == (f"over {LEFT}", LEFT)


def test_same_condition_without_an_incident_is_cleared_and_another_is_not(
    told: Incident, source: Source
) -> None:
    fire(source, "disk", told)
    same = fire(source, "disk", None, ended_at=NOON)
    elsewhere = fire(source, "disk", make_incident(), ended_at=NOON)
    another = fire(source, "fan", None)
    redact(told)

    for alert in (same, elsewhere, another):
        alert.refresh_from_db()
    assert [same.title, elsewhere.title, another.title] == [LEFT, SECRET, SECRET]


def test_bodies_are_cleared_since_shortly_before_the_first_alert(told: Incident, source: Source) -> None:
    began = NOON - timedelta(days=5)
    fire(source, "disk", told, started_at=began)
    stranger = Source.objects.create(name="Other", key_hash="1" * 64, key_hint="abc")
    known = [{"key": SECRET, "outcome": "opened", "incident": told.number}]
    near = body(source, began - timedelta(hours=23), decisions=known, trouble=SECRET)
    far, other = body(source, began - timedelta(hours=25)), body(stranger, began)
    redact(told)

    for event in (near, far, other):
        event.refresh_from_db()
    assert (near.payload, near.trouble) == ({"impact": LEFT}, LEFT)
    assert near.decisions == [{"key": LEFT, "outcome": "opened", "incident": told.number}]
    assert far.payload == other.payload == {"impact": SECRET}


def test_unsent_forms_about_it_are_cleared(told: Incident, alice: User) -> None:
    review = Review.objects.create(incident=told, summary="It broke.")
    other = make_incident()

    def held(path: str, **fields: str) -> HeldForm:
        typed = {"impact": [SECRET], **{name: [value] for name, value in fields.items()}}
        return HeldForm.objects.create(user=alice, path=path, page="/", fields=typed, held_at=NOON)

    about = [
        held(f"/admin/incidents/incident/{told.pk}/note/"),
        held(f"/incidents/{told.number}/"),
        held(f"/admin/incidents/review/{review.pk}/change/"),
        held("/admin/notifications/inboundmail/1/put_on/", incident=told.number),
    ]
    others = [held(f"/admin/incidents/incident/{other.pk}/note/"), held("/report/", parent=other.number)]
    redact(told)

    for row in (*about, *others):
        row.refresh_from_db()
    assert [row.fields["impact"] for row in about] == [[LEFT]] * 4
    assert [row.fields["impact"] for row in others] == [[SECRET]] * 2


def test_what_a_check_quoted_of_it_is_cleared(told: Incident) -> None:
    checking.keep(began=NOON, ended=NOON, count=1, lines=[f"{told.number}: title is {SECRET!r}"])
    rows = [
        SetAside.objects.create(
            job="clocks", row_id=n, label=label, error=f"ValueError: {SECRET}", since=NOON, retry_at=NOON
        )
        for n, label in enumerate((f"{told.number} resolve", "INC9999999 resolve"))
    ]
    redact(told)

    for row in rows:
        row.refresh_from_db()
    assert LedgerCheck.objects.get().lines == [f"{told.number}: title is '{LEFT}'"]
    assert [row.error for row in rows] == [f"ValueError: {LEFT}", f"ValueError: {SECRET}"]
