"""Our own plain JSON, and the flat form that many tools can be made to send.

One object, or a list of them: `key`, `status` (firing, acknowledged, resolved), `title`, `severity`,
`description`, `source`, `service`, `starts_at`, `ends_at`, `url`, `labels`, `links` (objects of texts).
Whatever else it holds in plain values counts as labels.
"""

from collections.abc import Mapping

from incidents.parsers.alert import AlertStatus, BadPayload, ParsedAlert, Unreadable
from incidents.parsers.facts import facts
from incidents.parsers.reading import each, first, moment, text

STATUSES = {
    **dict.fromkeys(("firing", "alerting", "open", "triggered", "problem", "down"), AlertStatus.FIRING),
    **dict.fromkeys(("resolved", "ok", "closed", "recovered", "up"), AlertStatus.RESOLVED),
    **dict.fromkeys(("acknowledged", "ack"), AlertStatus.ACKNOWLEDGED),
}

#: Has a field of its own.
TOLD = frozenset(
    {
        "key", "dedup_key", "dedupKey", "alert_uid", "status", "state", "title", "summary", "message",
        "description", "severity", "source", "host", "service", "starts_at", "ends_at", "url",
        "link_to_upstream_details",
    }
)  # fmt: skip


def parse(body: object, headers: Mapping[str, str]) -> list[ParsedAlert | Unreadable]:
    return each(body if isinstance(body, list) else [body], _alert)


def _alert(alert: Mapping[str, object]) -> ParsedAlert:
    title = first(alert.get("title"), alert.get("summary"), alert.get("message"))
    if title is None:
        raise BadPayload("“title” is missing.")
    said = first(alert.get("status"), alert.get("state"))
    return ParsedAlert(
        dedup_key=first(alert.get("key"), alert.get("dedup_key"), alert.get("alert_uid")) or title,
        status=STATUSES.get(said.strip().lower(), AlertStatus.UNKNOWN) if said else AlertStatus.FIRING,
        severity_raw=text(alert.get("severity")),
        title=title,
        description=first(alert.get("description"), alert.get("message")),
        source=first(alert.get("source"), alert.get("host")),
        service=text(alert.get("service")),
        starts_at=moment(alert.get("starts_at")),
        ends_at=moment(alert.get("ends_at")),
        url=first(alert.get("url"), alert.get("link_to_upstream_details")),
        **facts(
            alert.get("labels"), alert.get("tags"), alert.get("details"), alert.get("links"), alert, but=TOLD
        ),
    )
