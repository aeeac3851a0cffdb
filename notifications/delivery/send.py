"""One claimed delivery, to its end: look again, freeze the words, hand over, write down what came of it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction

from notifications.channels.base import Call, HandoverStopped, LeaseLost, Mail, Part, TransportError
from notifications.channels.email.identity import thread_id
from notifications.channels.registry import Lines
from notifications.delivery.claim import fenced
from notifications.delivery.fault import judged
from notifications.delivery.outcomes import Result, settle
from notifications.delivery.pause import learn, not_tried, note_answer
from notifications.delivery.queue import content_hash
from notifications.delivery.recheck import Obstacle, obstacle
from notifications.enums import Outcome, Phase, Purpose
from notifications.models import Attempt, Delivery, Enclosure, InboundMail
from notifications.rendering.links import may_answer, stop_url
from notifications.rendering.mail import render

log = structlog.get_logger(__name__)

MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")
ROTATION_OVERLAP = timedelta(days=1)
ASK_AGAIN = timedelta(seconds=2)
Clock = Callable[[], datetime]


class Withheld(HandoverStopped):
    """Something came up while the server kept us waiting."""

    def __init__(self, found: Obstacle) -> None:
        super().__init__(found.reason)
        self.obstacle = found


def send(delivery: Delivery, clock: Clock, lines: Lines) -> None:
    """No transaction is open while the network is in use."""
    asked_at = clock()
    if found := obstacle(delivery, asked_at):
        _withhold(delivery, found, asked_at)
        return
    try:
        result = _try(delivery, clock, lines, asked_at)
    except LeaseLost:
        log.warning("lease_lost", delivery=str(delivery.uuid))
        return
    except Withheld as late:
        _withhold(delivery, late.obstacle, clock())
        return
    finish(delivery, result, at=clock())


def _withhold(delivery: Delivery, found: Obstacle, at: datetime) -> None:
    with transaction.atomic():
        fenced(delivery, status=found.status, status_reason=found.reason, lease_until=None, lease_token=None)
        not_tried(delivery, at)


def _try(delivery: Delivery, clock: Clock, lines: Lines, asked_at: datetime) -> Result:
    try:
        freeze(delivery)
        message = _message(delivery, clock())
    except Exception:
        log.exception("not_rendered", delivery=str(delivery.uuid))
        return Result(Outcome.ERROR, text="The message could not be made; the log has the details.")
    try:
        receipt = lines.to(delivery.channel).send(
            message, before_handover=lambda: _commit_to(delivery, clock(), asked_at)
        )
    except TransportError as error:
        return Result(
            error.outcome,
            error.phase,
            error.code,
            error.text,
            error.retry_after,
            gone=error.gone,
            accuses=error.accuses,
        )
    except HandoverStopped:
        raise
    except Exception as error:
        log.exception("transport_fault", delivery=str(delivery.uuid))
        outcome = Outcome.AMBIGUOUS if delivery.phase == Phase.DATA else Outcome.ERROR
        return Result(outcome, Phase(delivery.phase), text=f"{type(error).__name__}: {error}")
    return Result(Outcome.SENT, Phase.DONE, text=receipt)


def _commit_to(delivery: Delivery, at: datetime, asked_at: datetime) -> None:
    """Written down before it can arrive: should we die now, the sweep knows that it may have.

    Where it took long to get here, whether it may be sent is asked once more.
    """
    if at - asked_at > ASK_AGAIN and (found := obstacle(delivery, at)):
        raise Withheld(found)
    if not fenced(delivery, phase=Phase.DATA):
        raise LeaseLost


def freeze(delivery: Delivery) -> None:
    """The words are fixed at the first try: each later one says the same."""
    if not delivery.body_hash:
        content = render(delivery)
        delivery.subject, delivery.text, delivery.html = content.subject[:300], content.text, content.html
        changes = {"subject": delivery.subject, "text": delivery.text, "html": delivery.html}
        if not fenced(delivery, **changes, body_hash=content_hash(delivery)):
            raise LeaseLost
    if delivery.recipient and delivery.address != delivery.recipient.email:
        fenced(delivery, address=delivery.recipient.email)


def _message(delivery: Delivery, at: datetime) -> Mail | Call:
    if delivery.endpoint:
        return _call(delivery, at)
    person = delivery.recipient
    enclosures = Enclosure.objects.filter(key=delivery.key).order_by("pk") if delivery.key else ()
    return Mail(
        uuid=delivery.uuid,
        message_id=delivery.message_id,
        at=at,
        name=person.get_full_name() if person else "",
        address=delivery.address,
        subject=delivery.subject,
        text=delivery.text,
        html=delivery.html,
        thread=_thread(delivery),
        stop_url=stop_url(delivery),
        accepts_replies=may_answer(delivery),
        parts=tuple(
            Part(file.name, file.content_type, bytes(file.content), file.content_id) for file in enclosures
        ),
        is_answer=delivery.purpose == Purpose.ANSWER,
    )


def _thread(delivery: Delivery) -> str:
    """What the mail stands under in its reader's mailbox: the incident, or the mail it answers."""
    if delivery.incident:
        return thread_id(delivery.incident.uid)
    mail = InboundMail.objects.filter(answer=delivery).only("message_id").first()
    return mail.message_id if mail and MESSAGE_ID.fullmatch(mail.message_id) else ""


def _call(delivery: Delivery, at: datetime) -> Call:
    endpoint, entry = delivery.endpoint, delivery.entry
    if endpoint is None or entry is None or delivery.incident is None:
        raise ValueError("A webhook delivery needs an endpoint and an entry.")
    secrets = [endpoint.secret()]
    if endpoint.generation > 1 and at - endpoint.rotated_at < ROTATION_OVERLAP:
        secrets.append(endpoint.secret(endpoint.generation - 1))
    body = {
        "type": f"incident.{entry.kind}",
        "timestamp": entry.at.isoformat(),
        "data": {
            "number": delivery.incident.number,
            "seq": entry.seq,
            "entry": entry.pk,
            "url": f"{settings.BASE_URL}/api/v1/incidents/{delivery.incident.number}/",
        },
    }
    return Call(delivery.uuid, at, endpoint.url, tuple(secrets), body)


def finish(delivery: Delivery, result: Result, *, at: datetime) -> bool:
    """Write down the try and what is next, if the delivery is still ours."""
    with transaction.atomic():
        result = judged(delivery, result, at)
        waits_until = learn(delivery, result, at)
        changes = settle(delivery, result, at, waits_until=waits_until)
        attempt = recorded(delivery, result, at)
        if not fenced(delivery, **changes):
            log.warning("late_result_dropped", delivery=str(delivery.uuid), outcome=result.outcome.value)
            return False
        attempt.save(force_insert=True)
        if delivery.endpoint:
            note_answer(delivery.endpoint, result, at)
    level = log.info if result.outcome == Outcome.SENT else log.warning
    level(
        "delivery_tried", delivery=str(delivery.uuid), outcome=result.outcome.value, answer=delivery.last_text
    )
    return True


def recorded(delivery: Delivery, result: Result, at: datetime) -> Attempt:
    return Attempt(
        delivery=delivery,
        n=delivery.attempts,
        started_at=delivery.claimed_at or at,
        ended_at=at,
        phase=result.phase,
        outcome=result.outcome,
        code=result.code[:20],
        text=result.text[:500],
        worker=delivery.claimed_by,
    )
