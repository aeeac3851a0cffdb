"""Opsgenie's alert API. What is done to an alert names it in the address; the door hands it over."""

from collections.abc import Mapping

from incidents.parsers.alert import AlertStatus, ParsedAlert, Unreadable
from incidents.parsers.facts import facts
from incidents.parsers.reading import first, record, required, text

#: Headers the door sets from the address `/v2/alerts/{alias}/{action}`.
ALIAS, ACTION = "X-Alert-Alias", "X-Alert-Action"
ACTIONS = {
    "close": AlertStatus.RESOLVED,
    "acknowledge": AlertStatus.ACKNOWLEDGED,
    "notes": AlertStatus.CHANGED,
    "message": AlertStatus.CHANGED,
    "description": AlertStatus.CHANGED,
    "priority": AlertStatus.CHANGED,
}
#: What each change must bring.
SAYS = {"notes": "note", "message": "message", "description": "description", "priority": "priority"}


def parse(body: object, headers: Mapping[str, str]) -> list[ParsedAlert | Unreadable]:
    request = record(body, "body")
    if alias := headers.get(ALIAS):
        return [_change(alias, headers.get(ACTION, ""), request)]
    return [
        ParsedAlert(
            dedup_key=text(request.get("alias")),
            status=AlertStatus.FIRING,
            severity_raw=text(request.get("priority")),
            title=required(request.get("message"), "message"),
            description=text(request.get("description")),
            source=text(request.get("entity")),
            **facts(
                request.get("details"),
                {
                    "tags": _listed(request.get("tags")),
                    "source": request.get("source"),
                    "note": request.get("note"),
                },
            ),
        )
    ]


def _change(alias: str, action: str, request: Mapping[str, object]) -> ParsedAlert:
    if name := SAYS.get(action):
        required(request.get(name), name)
    return ParsedAlert(
        dedup_key=alias,
        status=ACTIONS.get(action, AlertStatus.UNKNOWN),
        title=(text(request.get("message")) if action == "message" else None) or alias,
        severity_raw=text(request.get("priority")) if action == "priority" else None,
        description=first(request.get("note"), request.get("description")),
    )


def _listed(values: object) -> str | None:
    return ", ".join(filter(None, map(text, values))) if isinstance(values, list) else None
