"""Evidence, hypotheses, root cause, actions: what is found out and what is done."""

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from incidents import ledger, limits
from incidents.enums import (
    ActionKind,
    ActionOutcome,
    EntryKind,
    EvidenceKind,
    Verb,
    Verdict,
    Visibility,
)
from incidents.errors import Invalid
from incidents.lines import one_line
from incidents.models import Action, ConfigurationItem, Evidence, Hypothesis, Incident, TimelineEntry
from incidents.policies import Actor
from incidents.workflow import attaching, persist, transitions
from incidents.workflow.accepting import accept

if TYPE_CHECKING:
    from django.core.files.base import File

    from incidents.workflow.attaching import StoredFile


def add_evidence(
    incident: Incident,
    *,
    actor: Actor,
    at: datetime,
    kind: EvidenceKind,
    title: str,
    source: str = "",
    content: str = "",
    covers_from: datetime | None = None,
    covers_until: datetime | None = None,
    attachment: "File[bytes] | StoredFile | None" = None,
) -> TimelineEntry:
    """Keep something observed, with where it came from and the time it covers. Internal.

    The SHA-256 of its content, or of its file, goes into the hash chain.
    """
    transitions.check(incident, Verb.ADD_EVIDENCE, actor)
    given = [attachment] if attachment is not None else []
    accept(Verb.ADD_EVIDENCE, {"kind": kind, "title": one_line(title)}, at=at)
    _check_evidence(content, has_file=bool(given), covers_from=covers_from, covers_until=covers_until)
    with attaching.stored(given) as files, transaction.atomic():
        digest = files[0].sha256 if files else hashlib.sha256(content.encode()).hexdigest()
        evidence = Evidence.objects.create(
            incident=incident,
            kind=EvidenceKind(kind),
            title=one_line(title),
            source=one_line(source)[: limits.LINE],
            content=content,
            covers_from=covers_from,
            covers_until=covers_until,
            collected_by=actor.user,
            collected_at=at,
            sha256=digest,
        )
        facts = {"id": evidence.pk, "kind": evidence.kind, "title": evidence.title, "source": evidence.source}
        data: dict[str, object] = {"evidence": {**facts, "sha256": digest}}
        if files:
            data["attachments"] = [file.facts() for file in files]
        entry = persist.write(incident, kind=EntryKind.EVIDENCE_ADDED, actor=actor, at=at, data=data)
        if attached := attaching.attach(entry, files):
            evidence.attachment = attached[0]
            evidence.save(update_fields=["attachment"])
    return entry


def _check_evidence(
    content: str,
    *,
    has_file: bool,
    covers_from: datetime | None,
    covers_until: datetime | None,
) -> None:
    if not content.strip() and not has_file:
        raise Invalid({"content": _("Paste the excerpt, or attach the file.")})
    if covers_from and covers_until and covers_until < covers_from:
        raise Invalid({"covers_until": _("This ends before it begins.")})
    if len(content) > limits.EXCERPT or "\x00" in content:
        raise Invalid({"content": _("That does not fit here. Attach it as a file.")})


@transaction.atomic
def add_hypothesis(incident: Incident, *, actor: Actor, at: datetime, text: str) -> TimelineEntry:
    """Name a possible cause, to be weighed."""
    transitions.check(incident, Verb.ADD_HYPOTHESIS, actor)
    accept(Verb.ADD_HYPOTHESIS, {"text": text}, at=at)
    hypothesis = Hypothesis.objects.create(
        incident=incident, text=text.strip(), proposed_by=actor.user, proposed_at=at
    )
    return persist.write(
        incident,
        kind=EntryKind.HYPOTHESIS_ADDED,
        actor=actor,
        at=at,
        data={"hypothesis": {"id": hypothesis.pk, "text": hypothesis.text, "verdict": Verdict.OPEN.value}},
    )


@transaction.atomic
def weigh_hypothesis(
    hypothesis: Hypothesis, *, actor: Actor, at: datetime, verdict: Verdict, reason: str = ""
) -> TimelineEntry | None:
    """Say what is held of it now, and why."""
    incident = hypothesis.incident
    transitions.check(incident, Verb.WEIGH_HYPOTHESIS, actor)
    accept(Verb.WEIGH_HYPOTHESIS, {"verdict": verdict, "reason": reason}, at=at)
    if hypothesis.verdict == verdict and hypothesis.reason == reason:
        return None
    before = hypothesis.verdict
    hypothesis.verdict, hypothesis.reason = Verdict(verdict), reason
    hypothesis.save(update_fields=["verdict", "reason"])
    return persist.write(
        incident,
        kind=EntryKind.HYPOTHESIS_WEIGHED,
        actor=actor,
        at=at,
        data={
            "hypothesis": {
                "id": hypothesis.pk,
                "text": hypothesis.text,
                "verdict": hypothesis.verdict.value,
                "before": str(before),
            },
            **({"reason": reason} if reason else {}),
        },
    )


@transaction.atomic
def record_root_cause(incident: Incident, *, actor: Actor, at: datetime, text: str) -> TimelineEntry | None:
    """Write down why it happened. Never needed to resolve."""
    transitions.check(incident, Verb.RECORD_ROOT_CAUSE, actor)
    accept(Verb.RECORD_ROOT_CAUSE, {"text": text}, at=at)
    if incident.root_cause == text.strip():
        return None
    return persist.write(
        incident, kind=EntryKind.ROOT_CAUSE_RECORDED, actor=actor, at=at, changes={"root_cause": text.strip()}
    )


@transaction.atomic
def plan_action(
    incident: Incident,
    *,
    actor: Actor,
    at: datetime,
    kind: ActionKind,
    summary: str,
    planned_for: datetime | None = None,
    reference: str = "",
    configuration_item: ConfigurationItem | None = None,
) -> TimelineEntry:
    """Note what is to be done. Internal."""
    transitions.check(incident, Verb.PLAN_ACTION, actor)
    accept(Verb.PLAN_ACTION, {"kind": kind, "summary": summary, "reference": reference}, at=at)
    action = Action.objects.create(
        incident=incident,
        kind=ActionKind(kind),
        summary=summary.strip(),
        reference=one_line(reference),
        configuration_item=configuration_item,
        planned_for=planned_for,
        recorded_by=actor.user,
    )
    return persist.write(
        incident,
        kind=EntryKind.ACTION_PLANNED,
        actor=actor,
        at=at,
        text=action.summary,
        data={"action": _facts(action, tell=False)},
    )


@transaction.atomic
def record_action(
    incident: Incident,
    *,
    actor: Actor,
    at: datetime,
    kind: ActionKind,
    summary: str,
    outcome: ActionOutcome,
    done_at: datetime | None = None,
    reference: str = "",
    configuration_item: ConfigurationItem | None = None,
    tell: bool = False,
    planned: Action | None = None,
) -> TimelineEntry:
    """Record what was done and how it went; `planned` is completed by it. `tell` makes it public."""
    transitions.check(incident, Verb.RECORD_ACTION, actor)
    said = {"kind": kind, "summary": summary, "reference": reference, "outcome": outcome, "done_at": done_at}
    accept(Verb.RECORD_ACTION, said, at=at)
    if planned is not None and planned.incident_id != incident.pk:
        raise Invalid({"planned": _("This action was planned for another incident.")})
    if planned is not None and planned.outcome != ActionOutcome.PLANNED:
        raise Invalid({"planned": _("This action is recorded as done already. Record a new one.")})
    action = planned or Action(incident=incident)
    action.kind, action.summary, action.outcome = ActionKind(kind), summary.strip(), ActionOutcome(outcome)
    action.reference, action.configuration_item = one_line(reference), configuration_item
    action.done_at, action.recorded_by = done_at or at, actor.user
    action.save()
    return persist.write(
        incident,
        kind=EntryKind.ACTION_TAKEN,
        actor=actor,
        at=at,
        text=action.summary,
        visibility=Visibility.PUBLIC if tell else Visibility.INTERNAL,
        data={"action": _facts(action, tell=tell)},
    )


def _facts(action: Action, *, tell: bool) -> dict[str, object]:
    return {"id": action.pk, "tell": tell, **ledger.facts_of_action(action)}
