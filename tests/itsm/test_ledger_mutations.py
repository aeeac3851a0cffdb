"""Whatever an insider does to the covered tables, the check of the ledger finds it.

`make test` tries 100 mutations, `make fuzz` 1,000 with new seeds; both print what was done to what.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import transaction
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from incidents import workflow
from incidents.enums import ActionKind, ActionOutcome, EvidenceKind, ResolutionCode, Verdict
from incidents.models import Incident, Service
from itsm import ledger, sealing
from notifications.delivery.announce import announce_pending
from notifications.delivery.queue import content_hash
from notifications.enums import Outcome, Phase, Status
from notifications.models import Attempt, Delivery, Enclosure, Subscription
from reports.models import Report
from tests.factories import NOON, AgentFactory, agent_actor, make_incident
from tests.mutations import KINDS, Nothing, mutate

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
FOUND: Counter[tuple[str, str]] = Counter()


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    """For whoever reads the output: kind x table x found."""
    yield
    print()  # noqa: T201
    for (table, kind), count in sorted(FOUND.items()):
        print(f"{table:15} {kind:10} {count:5} found")  # noqa: T201


@pytest.fixture
def desk(incident: Incident, alice: User, carol: User, vpn: Service) -> Incident:
    """Two rows at least of everything, sealed on several pages, and in order."""
    worked(incident, alice)
    worked(make_incident(requester=carol, title="Mail is slow", service=vpn), alice)
    for person, ends in ((alice, None), (carol, NOON), (alice, NOON - MINUTE)):
        Subscription.objects.create(user=person, service=vpn, valid_from=NOON - DAY, valid_until=ends)
    sealing.seal(NOON + 60 * MINUTE)
    announce_pending(lambda: NOON + 60 * MINUTE)
    delivered()
    for n in (1, 2):
        Enclosure.objects.create(
            key=f"report:{n}", name="trend.png", content_type="image/png", content=bytes([n])
        )
        Report.objects.create(
            kind="weekly", first=NOON + n * DAY, after=NOON + (n + 7) * DAY, zone="UTC",
            requested_at=NOON, made_at=NOON, announced_at=NOON, content={"opened": n},
        )  # fmt: skip
    sealing.seal(NOON + 61 * MINUTE)
    assert list(ledger.breaches(NOON + 62 * MINUTE, files=True)) == []
    return incident


def worked(incident: Incident, alice: User) -> None:
    boss = agent_actor(AgentFactory.create(role="Incident manager"))
    who = agent_actor(alice)
    for minute, log in enumerate(("first", "second")):
        at = NOON + minute * MINUTE
        workflow.add_evidence(
            incident, actor=who, at=at, kind=EvidenceKind.LOG, title=log, content=f"{log} line", source="vpn1"
        )
        workflow.comment(
            incident, actor=who, at=at, text="See the file.", attachments=[ContentFile(b"x", f"{log}.log")]
        )
        workflow.add_hypothesis(incident, actor=who, at=at, text=f"The {log} gateway")
        workflow.plan_action(incident, actor=who, at=at, kind=ActionKind.RESTART, summary=f"Restart {log}")
    workflow.weigh_hypothesis(
        incident.hypotheses.order_by("pk")[0],
        actor=who,
        at=NOON + 3 * MINUTE,
        verdict=Verdict.CONFIRMED,
        reason="Seen",
    )
    incident.refresh_from_db()
    workflow.record_action(
        incident,
        actor=who,
        at=NOON + 4 * MINUTE,
        kind=ActionKind.RESTART,
        summary="Restarted first",
        outcome=ActionOutcome.SUCCEEDED,
        planned=incident.actions.order_by("pk")[0],
    )
    workflow.resolve(
        incident, actor=who, at=NOON + 5 * MINUTE, code=ResolutionCode.FIXED, text="Gateway restarted."
    )
    workflow.save_review(incident, actor=boss, fields={"summary": "It broke.", "root_cause": "A cable"})
    workflow.publish_review(incident, actor=boss, at=NOON + 6 * MINUTE)


def delivered() -> None:
    """One is refused, one waits cancelled by the code, the others are sent at the second try."""
    for place, delivery in enumerate(Delivery.objects.order_by("pk")):
        status, outcome = (Status.FAILED, Outcome.PERMANENT) if place == 0 else (Status.SENT, Outcome.SENT)
        ends = [Outcome.RETRY, outcome]
        at = NOON + 60 * MINUTE
        for n, each in enumerate(ends, start=1):
            Attempt.objects.create(
                delivery=delivery, n=n, started_at=at, ended_at=at, outcome=each, text="250 Ok"
            )
        delivery.subject, delivery.text, delivery.html = "Restarted", f"Words {place}", "<p>Words</p>"
        Delivery.objects.filter(pk=delivery.pk).update(
            status=status,
            status_reason="" if status == Status.SENT else "The other side refused it for good.",
            phase=Phase.DONE,
            attempts=2,
            address=f"p{place}@example.com",
            subject=delivery.subject,
            text=delivery.text,
            html=delivery.html,
            body_hash=content_hash(delivery),
            provider_reply=f"250 Ok {place}",
            sent_at=at if status == Status.SENT else None,
        )


@settings(max_examples=min(settings().max_examples, 1000))
@given(kind=st.sampled_from(sorted(KINDS)), seed=st.integers(0, 1 << 32))
def test_every_mutation_is_found(kind: str, seed: int, desk: Incident) -> None:
    with transaction.atomic():
        try:
            table = mutate(kind, Random(seed))  # noqa: S311 -- repeatable
        except Nothing:
            reject()
        found = next(ledger.breaches(NOON + 62 * MINUTE), None)
        transaction.set_rollback(True)

    assert found, (kind, table)
    FOUND[table, kind] += 1
