"""Amazon CloudWatch by SNS: a message in JSON inside a text.

A subscription is confirmed by an administrator in the AWS console: no address out of a body is fetched.
"""

from collections.abc import Mapping
from typing import Any

from incidents.parsers.alert import AlertStatus, BadPayload, ParsedAlert, Unreadable
from incidents.parsers.facts import facts, named
from incidents.parsers.reading import first, loads, moment, optional_record, record, required, text

#: Told elsewhere, or lists of those who are told beside us.
TOLD = frozenset({"AlarmName", "AlarmDescription", "NewStateValue", "StateChangeTime", "AlarmArn"})
STATUSES = {"ALARM": AlertStatus.FIRING, "OK": AlertStatus.RESOLVED}


def parse(body: object, headers: Mapping[str, str]) -> list[ParsedAlert | Unreadable]:
    envelope = record(body, "body")
    if required(envelope.get("Type"), "Type") != "Notification":
        return []
    alarm = _message(envelope.get("Message"))
    name = required(alarm.get("AlarmName"), "AlarmName")
    status = STATUSES.get(text(alarm.get("NewStateValue")) or "", AlertStatus.UNKNOWN)
    trigger = optional_record(alarm.get("Trigger"))
    dimensions = trigger.get("Dimensions")
    changed = moment(alarm.get("StateChangeTime"))
    return [
        ParsedAlert(
            dedup_key=first(
                alarm.get("AlarmArn"), f"{alarm.get('AWSAccountId')}/{alarm.get('Region')}/{name}"
            ),
            status=status,
            title=name,
            description=first(alarm.get("AlarmDescription"), alarm.get("NewStateReason")),
            source=text(optional_record(dimensions[0]).get("value"))
            if isinstance(dimensions, list) and dimensions
            else None,
            service=text(trigger.get("Namespace")),
            starts_at=changed if status == AlertStatus.FIRING else None,
            ends_at=changed if status == AlertStatus.RESOLVED else None,
            **facts(named(dimensions), trigger, alarm, but=TOLD),
        )
    ]


def _message(message: Any) -> Mapping[str, Any]:
    try:
        return record(loads(message), "Message")
    except (ValueError, TypeError, RecursionError):
        raise BadPayload("“Message” is not the JSON of a CloudWatch alarm.") from None
