"""Opsgenie's alert API. Closing and acknowledging name the alert in the address; the door hands it over."""

from collections.abc import Mapping
from typing import Any

from incidents.ingest.parsers.alert import AlertStatus, ParsedAlert
from incidents.ingest.parsers.reading import record, required, text

#: Headers the door sets from the address `/v2/alerts/{alias}/{action}`.
ALIAS, ACTION = "X-Alert-Alias", "X-Alert-Action"
ACTIONS = {"close": AlertStatus.RESOLVED, "acknowledge": AlertStatus.ACKNOWLEDGED}


def parse(body: Any, headers: Mapping[str, str]) -> list[ParsedAlert]:
    request = record(body, "body")
    if alias := headers.get(ALIAS):
        status = ACTIONS.get(headers.get(ACTION, ""), AlertStatus.UNKNOWN)
        return [ParsedAlert(dedup_key=alias, status=status, title=alias)]
    return [
        ParsedAlert(
            dedup_key=text(request.get("alias")),
            status=AlertStatus.FIRING,
            severity_raw=text(request.get("priority")),
            title=required(request.get("message"), "message"),
            description=text(request.get("description")),
            source=text(request.get("entity")),
        )
    ]
