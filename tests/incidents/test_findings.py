"""Each difference between what was found out, done or attached and what its entry tells is one line."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile

from incidents import ledger, workflow
from incidents.enums import ActionKind, ActionOutcome, EvidenceKind, Verdict
from incidents.models import Action, Attachment, Evidence, Hypothesis, Incident, Review
from itsm.ledger import for_check
from tests.factories import NOON, AgentFactory, agent_actor
from tests.insider import tamper

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(incident: Incident, alice: User) -> Incident:
    who: dict[str, Any] = {"actor": agent_actor(alice), "at": NOON}
    boss = agent_actor(AgentFactory.create(role="Incident manager"))
    workflow.add_evidence(incident, **who, kind=EvidenceKind.LOG, title="Log", content="reset", source="vpn1")
    workflow.add_evidence(
        incident, **who, kind=EvidenceKind.SCREENSHOT, title="Seen", attachment=ContentFile(b"x", "a.png")
    )
    workflow.add_hypothesis(incident, **who, text="The gateway")
    workflow.weigh_hypothesis(incident.hypotheses.get(), **who, verdict=Verdict.LIKELY, reason="Seen twice")
    incident.refresh_from_db()
    workflow.record_action(
        incident, **who, kind=ActionKind.RESTART, summary="Restarted", outcome=ActionOutcome.SUCCEEDED
    )
    workflow.save_review(incident, actor=boss, fields={"summary": "It broke."})
    workflow.publish_review(incident, actor=boss, at=NOON)
    return incident


def faults(incident: Incident) -> list[str]:
    row = for_check().get(pk=incident.pk)
    return list(ledger.finding_faults(row, row.entries.all()))


def change(model: Any, **columns: Any) -> Callable[[], object]:
    return lambda: model.objects.filter(pk=model.objects.order_by("pk")[0].pk).update(**columns)


LATER = NOON + timedelta(minutes=1)
#: what is done to the first row, and the line it gives, with the number of the row as {pk}
TAMPERINGS: list[tuple[Any, dict[str, Any], str]] = [
    (Evidence, {"kind": "metric"}, "evidence {pk} has another kind than its entry says"),
    (Evidence, {"title": "Other"}, "evidence {pk} has another title than its entry says"),
    (Evidence, {"source": "vpn2"}, "evidence {pk} has another source than its entry says"),
    (Evidence, {"collected_by": None}, "evidence {pk} is by somebody else than its entry says"),
    (Evidence, {"collected_at": LATER}, "evidence {pk} is of another time than its entry says"),
    (Evidence, {"content": "other"}, "evidence {pk} is not what was collected: its content has another hash"),
    (Hypothesis, {"text": "The cable"}, "hypothesis {pk} has another text than the timeline says"),
    (Hypothesis, {"verdict": "rejected"}, "hypothesis {pk} has another verdict than the timeline says"),
    (Hypothesis, {"reason": ""}, "hypothesis {pk} has another reason than the timeline says"),
    (Hypothesis, {"proposed_by": None}, "hypothesis {pk} is by somebody else than its entry says"),
    (Hypothesis, {"proposed_at": LATER}, "hypothesis {pk} is of another time than its entry says"),
    (Action, {"summary": "Nothing"}, "action {pk} has another summary than the timeline says"),
    (Action, {"kind": "patch"}, "action {pk} has another kind than the timeline says"),
    (Action, {"outcome": "failed"}, "action {pk} has another outcome than the timeline says"),
    (Action, {"reference": "CHG1"}, "action {pk} has another reference than the timeline says"),
    (Action, {"planned_for": LATER}, "action {pk} has another planned_for than the timeline says"),
    (Action, {"done_at": LATER}, "action {pk} has another done_at than the timeline says"),
    (Action, {"recorded_by": None}, "action {pk} has another recorded_by than the timeline says"),
    (Review, {"impact": "None"}, "review {pk} is not what was published"),
    (Review, {"published_at": None}, "review {pk} is gone, its entry is there"),
]


def test_honest_work_leaves_no_fault(found: Incident) -> None:
    assert faults(found) == []


@pytest.mark.parametrize(("model", "columns", "line"), TAMPERINGS)
def test_difference_is_named(found: Incident, model: Any, columns: dict[str, Any], line: str) -> None:
    pk = model.objects.order_by("pk")[0].pk
    tamper(change(model, **columns))

    assert faults(found) == [line.format(pk=pk)]


@pytest.mark.parametrize("model", [Hypothesis, Action])
def test_removed_row_is_named(found: Incident, model: Any) -> None:
    row = model.objects.get()
    tamper(model.objects.all().delete)

    assert faults(found) == [f"{model._meta.model_name} {row.pk} is gone, its entry is there"]


def test_row_without_an_entry_is_named(found: Incident) -> None:
    row = Hypothesis.objects.create(incident=found, text="Planted", proposed_at=NOON)

    assert faults(found) == [f"hypothesis {row.pk} has no entry that tells of it"]


def test_removed_attachment_is_named(found: Incident) -> None:
    tamper(lambda: Evidence.objects.update(attachment=None))
    tamper(Attachment.objects.all().delete)

    assert "entry 3 lost its attachment 'a.png', or it was altered" in faults(found)


def test_planted_attachment_is_named(found: Incident) -> None:
    Attachment.objects.create(entry=found.entries.get(seq=2), file="x", name="b.png", size=1, sha256="0")

    assert faults(found) == ["entry 2 has an attachment 'b.png' that it does not tell of"]


def test_file_that_was_changed_or_is_gone_is_named(found: Incident) -> None:
    file = Attachment.objects.get().file
    clean = list(ledger.file_faults())
    with file.storage.open(file.name, "wb") as stored:
        stored.write(b"y")
    changed = list(ledger.file_faults())
    file.storage.delete(file.name)

    where = f"{found.number}: the file 'a.png' of entry 3"
    assert (clean, changed) == ([], [f"{where} is not what was attached"])
    assert list(ledger.file_faults()) == [f"{where} cannot be read: FileNotFoundError"]


@pytest.mark.parametrize(("kind", "is_excused"), [("evidence", True), ("review", False)])
def test_redaction_excuses_rows_of_its_own_kind_only(found: Incident, kind: str, is_excused: bool) -> None:
    """Whether what it left is what stands there, the pages of the ledger say."""
    row = found.evidence.order_by("pk")[0]
    boss = agent_actor(AgentFactory.create(role="Incident manager"))
    entry = workflow.redact(found, actor=boss, at=NOON, words="Restarted", reason="Private")
    tamper(
        lambda: found.entries.filter(pk=entry.pk).update(data=entry.data | {"rows": [[kind, row.pk, "0"]]})
    )
    tamper(lambda: Evidence.objects.filter(pk=row.pk).update(content="other"))

    altered = f"evidence {row.pk} is not what was collected: its content has another hash"
    assert faults(found) == ([] if is_excused else [altered])
