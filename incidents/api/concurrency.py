"""ETag and If-Match: nobody overwrites what they have not read. The tag is the incident's version."""

import re

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from incidents import workflow
from incidents.models import Incident

STRONG_TAG = re.compile(r'(?:^|,)\s*"(\d{1,18})"\s*(?=,|$)')


class IfMatchRequired(APIException):
    status_code = 428
    default_code = "if-match-required"
    default_detail = _(
        "Send the header If-Match with the ETag of the incident as you read it, so that no change is lost."
    )


def etag(incident: Incident) -> str:
    return f'"{incident.version}"'


def expect_match(request: Request, incident: Incident) -> None:
    """428 without If-Match, 412 (StaleIncident) where it names another version; `*` takes any."""
    header = request.headers.get("If-Match", "").strip()
    if not header:
        raise IfMatchRequired
    if header == "*":
        return
    named = {int(version) for version in STRONG_TAG.findall(header)}
    if incident.version not in named:
        workflow.expect(incident, max(named, default=-1))


def is_unchanged(request: Request, incident: Incident) -> bool:
    """The reader already has this version (If-None-Match)."""
    header = request.headers.get("If-None-Match", "")
    return header.strip() == "*" or etag(incident) in {
        tag.strip().removeprefix("W/") for tag in header.split(",")
    }
