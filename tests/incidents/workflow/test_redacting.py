"""Words that must not be kept are gone everywhere, and the ledger still verifies."""

import json
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.core import serializers
from django.core.files.base import ContentFile
from django.test import Client

from incidents import timeline, workflow
from incidents.enums import ActionKind, EntryKind, EvidenceKind, Verdict
from incidents.errors import Invalid, NotAllowed
from incidents.models import (
    Alert,
    FollowUp,
    HeldForm,
    IdempotencyKey,
    Incident,
    IngestEvent,
    Problem,
    Service,
    Source,
    TimelineEntry,
)
from incidents.search import search_incidents
from itsm import ledger, sealing
from notifications.delivery.announce import announce_pending
from notifications.delivery.queue import content_hash
from notifications.enums import Status
from notifications.models import Attempt, Delivery, InboundMail
from tests.factories import NOON, AgentFactory, agent_actor, make_incident
from tests.insider import tamper

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
#: With a line end, what HTML escapes, and in other cases; no part of it can stand in a hash by chance.
CANARY = "Joe O'Hara <joe@home>, PIN\n47z11"
SAID = "joe o'hara <joe@home>, pin 47z11"


@pytest.fixture
def boss(db: None) -> User:
    return AgentFactory.create(username="boss", role="Incident manager")


@pytest.fixture
def told(alice: User, carol: User, boss: User, vpn: Service) -> Incident:
    """An incident in which the words stand wherever words can stand, sealed and in order."""
    incident = make_incident(
        requester=carol, title=f"VPN of {SAID}", description=f"I am {CANARY}.", service=vpn
    )
    who = {"actor": agent_actor(alice), "at": NOON}
    workflow.comment(incident, **who, text=f"Dear {CANARY}")
    workflow.edit(incident, **who, changes={"title": f"VPN, {SAID}"})
    workflow.add_evidence(
        incident, **who, kind=EvidenceKind.LOG, title=SAID, content=f"login {CANARY}", source=SAID
    )
    workflow.add_hypothesis(incident, **who, text=f"It is {SAID}")
    workflow.weigh_hypothesis(incident.hypotheses.get(), **who, verdict=Verdict.LIKELY, reason=CANARY)
    incident.refresh_from_db()
    workflow.plan_action(incident, **who, kind=ActionKind.RESTART, summary=f"Call {CANARY}")
    workflow.save_review(incident, actor=agent_actor(boss), fields={"summary": SAID, "root_cause": CANARY})
    workflow.publish_review(incident, actor=agent_actor(boss), at=NOON)
    FollowUp.objects.create(review=incident.review, text=SAID)
    source = Source.objects.create(name="Watch", key_hash="0" * 64, key_hint="abc")
    Alert.objects.create(
        source=source, dedup_key="vpn", incident=incident, title=SAID, facts={"user": CANARY},
        started_at=NOON, last_seen_at=NOON,
    )  # fmt: skip
    IngestEvent.objects.create(source=source, received_at=NOON, payload={"message": [CANARY]})
    HeldForm.objects.create(
        user=alice,
        path=f"/admin/incidents/incident/{incident.pk}/note/",
        page="/",
        fields={"text": [CANARY]},
        held_at=NOON,
    )
    answer = json.dumps({"number": incident.number, "title": SAID})
    IdempotencyKey.objects.create(
        user=alice, key="k", fingerprint="f", started_at=NOON, status=200, body=answer
    )
    deliver(incident)
    InboundMail.objects.create(
        message_id="<1@x>",
        received_at=NOON,
        subject=SAID,
        text=CANARY,
        outcome="commented",
        incident=incident,
        raw=CANARY.encode(),
    )
    sealing.seal(NOON + MINUTE)
    assert breaches() == []
    return incident


def deliver(incident: Incident) -> None:
    announce_pending(lambda: NOON)
    for row in Delivery.objects.filter(incident=incident):
        row.subject, row.text = SAID, CANARY
        row.html = "<p>Joe O&#x27;Hara &lt;joe@home&gt;, <b>PIN</b><br>47z11</p>"
        Delivery.objects.filter(pk=row.pk).update(
            subject=row.subject, text=row.text, html=row.html, body_hash=content_hash(row),
            status=Status.SENT, sent_at=NOON,
        )  # fmt: skip
        Attempt.objects.create(delivery=row, n=1, started_at=NOON, ended_at=NOON, outcome="sent")


def breaches() -> list[str]:
    return [line for line in ledger.breaches(NOON + 2 * MINUTE) if "announce" not in line]


def redact(incident: Incident, boss: User, words: str = CANARY, reason: str = "Private") -> TimelineEntry:
    incident.refresh_from_db()
    return workflow.redact(incident, actor=agent_actor(boss), at=NOON + MINUTE, words=words, reason=reason)


def everything() -> str:
    """All rows of all tables, in small letters."""
    rows = "\n".join(
        serializers.serialize("json", model._default_manager.all()) for model in apps.get_models()
    )
    return rows.lower()


@pytest.mark.parametrize("kind", ["evidence", "review"])
def test_words_that_stand_in_one_row_alone_are_gone_and_the_ledger_verifies(
    kind: str, incident: Incident, alice: User, boss: User
) -> None:
    workflow.add_evidence(
        incident,
        actor=agent_actor(alice),
        at=NOON,
        kind=EvidenceKind.LOG,
        title="Log",
        content="PIN 47z11" if kind == "evidence" else "up",
        source="gw",
    )
    workflow.save_review(
        incident,
        actor=agent_actor(boss),
        fields={"summary": "S", "root_cause": "PIN 47z11" * (kind == "review")},
    )
    workflow.publish_review(incident, actor=agent_actor(boss), at=NOON)
    sealing.seal(NOON + MINUTE)

    entry = redact(incident, boss, words="47z11")

    assert [name for name, _pk, _digest in entry.data["rows"]] == [kind]
    assert "47z11" not in everything()
    assert breaches() == []


def test_words_are_gone_everywhere_and_the_ledger_verifies(told: Incident, boss: User) -> None:
    before = everything()
    entry = redact(told, boss)

    told.refresh_from_db()
    amended = {kind for kind, _pk, _digest in entry.data["rows"]}
    assert amended == {"evidence", "review", "delivery", "sent"}
    assert (before.count("47z11") > 20, before.count("hara") > 20) == (True, True)
    assert [everything().count(word) for word in ("47z11", "hara", "joe@home")] == [0, 0, 0]
    assert told.title == "VPN, […]"
    assert told.entries.get(seq=2).text == "Dear […]"
    assert (entry.kind, entry.visibility, entry.text) == (EntryKind.REDACTED, "internal", "Private")
    assert breaches() == []
    sealing.seal(NOON + MINUTE)
    assert breaches() == []


def test_search_does_not_find_them_any_more(told: Incident, boss: User) -> None:
    before = list(search_incidents(Incident.objects.all(), "hara"))
    redact(told, boss)

    assert before == [told]
    assert list(search_incidents(Incident.objects.all(), "hara")) == []


def test_other_incidents_keep_them(told: Incident, boss: User, carol: User) -> None:
    other = make_incident(requester=carol, title=SAID)
    redact(told, boss)

    other.refresh_from_db()
    assert other.title == SAID


def test_second_redaction_of_the_same_rows_verifies(told: Incident, boss: User) -> None:
    redact(told, boss)
    redact(told, boss, words="Dear", reason="Too friendly")

    assert told.entries.get(seq=2).text == "[…] […]"
    assert breaches() == []


def test_emptying_an_entry_without_a_redaction_is_found(told: Incident) -> None:
    entry = told.entries.get(seq=2)
    digest = timeline.digest_of_text(entry.text)
    tamper(lambda: TimelineEntry.objects.filter(pk=entry.pk).update(text="", text_digest=digest))

    assert breaches() == [f"{told.number}: entry 2 was emptied, and no redaction says so"]


@pytest.mark.parametrize("column", ["text", "data"])
def test_change_of_what_a_redaction_left_is_found(told: Incident, boss: User, column: str) -> None:
    redact(told, boss)
    value = "Dear nobody" if column == "text" else {"from_outside": True}
    tamper(lambda: TimelineEntry.objects.filter(incident=told, seq=2).update(**{column: value}))

    assert f"{told.number}: entry 2 is not what its redaction left" in breaches()


def test_change_of_redacted_evidence_is_found(told: Incident, boss: User) -> None:
    redact(told, boss)
    tamper(lambda: told.evidence.update(content="login nobody"))

    assert [line for line in breaches() if "evidence was altered" in line]


@pytest.mark.parametrize(
    ("words", "reason", "field"),
    [("abc", "Private", "words"), (CANARY, " ", "reason"), (CANARY, f"Was {SAID}", "reason"),
     ("nowhere at all", "Private", "words"), ("half \ud800 pair", "Private", "words")],
)  # fmt: skip
def test_redaction_that_would_do_nothing_or_keep_them_is_refused(
    told: Incident, boss: User, words: str, reason: str, field: str
) -> None:
    before = told.version

    with pytest.raises(Invalid) as refused:
        redact(told, boss, words=words, reason=reason)

    told.refresh_from_db()
    assert set(refused.value.fields) == {field}
    assert told.version >= before
    assert not told.entries.filter(kind=EntryKind.REDACTED).exists()


def test_words_that_machines_read_stay(told: Incident, boss: User) -> None:
    """A state, a kind or a verdict is no word that somebody wrote."""
    workflow.note(told, actor=agent_actor(boss), at=NOON, text="Is it likely a log?")
    redact(told, boss, words="likely", reason="A test")

    told.refresh_from_db()
    assert told.hypotheses.get().verdict == Verdict.LIKELY
    assert told.entries.get(kind=EntryKind.NOTED).text == "Is it […] a log?"
    assert breaches() == []


def test_agent_may_not(told: Incident, alice: User) -> None:
    with pytest.raises(NotAllowed, match="Remove words"):
        redact(told, alice)


def test_page_of_the_desk_removes_them(told: Incident, boss: User, client: Client) -> None:
    client.force_login(boss)
    told.refresh_from_db()
    url = f"/admin/incidents/incident/{told.pk}/redact/"
    asked = client.get(url).content.decode()

    client.post(url, {"words": CANARY, "reason": "Private", "version": told.version})

    assert "This cannot be undone" in asked
    assert told.entries.get(kind=EntryKind.REDACTED).actor == boss


def test_page_says_before_what_it_does_not_search(told: Incident, boss: User, client: Client) -> None:
    who = {"actor": agent_actor(boss), "at": NOON}
    workflow.note(told, **who, text="See the file", attachments=[ContentFile(b"x", "people.csv")])
    child, hidden, stranger = make_incident(), make_incident(is_confidential=True), make_incident()
    for near in (child, hidden):
        workflow.link_parent(near, **who, parent=told)
    problem = Problem.objects.create(title="A cable")
    workflow.link_problem(told, **who, problem=problem)
    reader = AgentFactory.create(role="Agent")
    reader.user_permissions.add(Permission.objects.get(codename="redact_incident"))
    client.force_login(reader)

    page = client.get(f"/admin/incidents/incident/{told.pk}/redact/").content.decode()

    assert "in received mails that belong to no incident" in page
    assert "Not searched are the files: people.csv." in page
    assert f"Related ones keep theirs: {child.number}, {problem.number}." in page
    assert hidden.number not in page
    assert stranger.number not in page
