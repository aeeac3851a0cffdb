"""CloudEvents 1.0: structured, binary (attributes in ce-* headers) and batch.

`id` and `source` name one event, so they are no key; that is in the data, else it is the subject.
"""

from collections.abc import Mapping

from incidents.parsers.alert import AlertStatus, ParsedAlert, Unreadable
from incidents.parsers.facts import facts
from incidents.parsers.generic import STATUSES, TOLD
from incidents.parsers.reading import each, first, moment, optional_record, record, required, text


def parse(body: object, headers: Mapping[str, str]) -> list[ParsedAlert | Unreadable]:
    if isinstance(body, list):
        return each(body, lambda event: _alert(event, optional_record(event.get("data"))))
    attributes = {
        name.lower().removeprefix("ce-"): value
        for name, value in headers.items()
        if name.lower()[:3] == "ce-"
    }
    event = record(body, "event")
    if attributes:
        return [_alert(attributes, event)]
    return [_alert(event, optional_record(event.get("data")))]


def _alert(event: Mapping[str, object], data: Mapping[str, object]) -> ParsedAlert:
    required(event.get("specversion"), "specversion")
    kind = required(event.get("type"), "type")
    status = _status(first(data.get("status"), kind.rsplit(".", 1)[-1]) or "")
    return ParsedAlert(
        dedup_key=required(
            first(data.get("dedupKey"), data.get("dedup_key"), data.get("key"), event.get("subject")),
            "dedupKey",
        ),
        status=status,
        severity_raw=first(event.get("severity"), data.get("severity")),
        title=first(data.get("title"), data.get("summary"), kind) or kind,
        description=first(data.get("description"), data.get("message")),
        source=first(event.get("subject"), event.get("source")),
        service=text(data.get("service")),
        starts_at=moment(event.get("time")),
        **facts(data.get("labels"), data.get("links"), data, but=TOLD),
    )


def _status(word: str) -> AlertStatus:
    return STATUSES.get(word.lower(), AlertStatus.UNKNOWN)
