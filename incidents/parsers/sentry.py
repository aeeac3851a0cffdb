"""Sentry: the header Sentry-Hook-Resource says what the body is. The key is the issue, never the event."""

from collections.abc import Callable, Mapping

from incidents.parsers.alert import AlertStatus, ParsedAlert, Unreadable
from incidents.parsers.facts import facts, named
from incidents.parsers.reading import first, moment, optional_record, record, required, text

ISSUE_ACTIONS = {
    "resolved": AlertStatus.RESOLVED,
    "unresolved": AlertStatus.FIRING,
    "assigned": AlertStatus.ACKNOWLEDGED,
}


def parse(body: object, headers: Mapping[str, str]) -> list[ParsedAlert | Unreadable]:
    hook = record(body, "body")
    kind = next((value for name, value in headers.items() if name.lower() == "sentry-hook-resource"), "")
    read = READERS.get(kind)
    return [] if read is None else read(text(hook.get("action")) or "", record(hook.get("data"), "data"))


def _event_alert(_action: str, data: Mapping[str, object]) -> list[ParsedAlert | Unreadable]:
    event = record(data.get("event"), "event")
    tags = named(event.get("tags"))
    return [
        ParsedAlert(
            dedup_key=required(event.get("issue_id"), "issue_id"),
            status=AlertStatus.FIRING,
            severity_raw=text(event.get("level")),
            title=first(event.get("title"), event.get("message")) or "Sentry",
            description=text(event.get("culprit")),
            source=text(tags.get("server_name")),
            service=text(event.get("project")),
            starts_at=moment(event.get("datetime")),
            url=text(event.get("web_url")),
            **facts(tags, optional_record(event.get("metadata")), {"issue": event.get("issue_url")}),
        )
    ]


def _issue(action: str, data: Mapping[str, object]) -> list[ParsedAlert | Unreadable]:
    """`created` says again what the event alert says; it is left to that."""
    issue = record(data.get("issue"), "issue")
    if action not in ISSUE_ACTIONS:
        return []
    return [
        ParsedAlert(
            dedup_key=required(issue.get("id"), "id"),
            status=ISSUE_ACTIONS[action],
            severity_raw=text(issue.get("level")),
            title=text(issue.get("title")) or "Sentry",
            description=text(issue.get("culprit")),
            service=text(optional_record(issue.get("project")).get("slug")),
            starts_at=moment(issue.get("firstSeen")),
            **facts({"issue": issue.get("permalink"), "culprit": issue.get("culprit")}),
        )
    ]


def _metric_alert(action: str, data: Mapping[str, object]) -> list[ParsedAlert | Unreadable]:
    """The action is the severity."""
    alert = record(data.get("metric_alert"), "metric_alert")
    rule = optional_record(alert.get("alert_rule"))
    is_over = action == "resolved"
    projects = rule.get("projects")
    return [
        ParsedAlert(
            dedup_key=f"metric_alert:{required(first(rule.get('id'), alert.get('id')), 'id')}",
            status=AlertStatus.RESOLVED if is_over else AlertStatus.FIRING,
            severity_raw=None if is_over else action or None,
            title=first(alert.get("title"), rule.get("name")) or "Sentry",
            description=text(data.get("description_text")),
            service=text(projects[0]) if isinstance(projects, list) and projects else None,
            starts_at=moment(alert.get("date_started")),
            ends_at=moment(alert.get("date_closed")),
            **facts({"metric alert": data.get("web_url"), "text": data.get("description_text")}),
        )
    ]


READERS: Mapping[str, Callable[[str, Mapping[str, object]], list[ParsedAlert | Unreadable]]] = {
    "event_alert": _event_alert,
    "issue": _issue,
    "metric_alert": _metric_alert,
}
