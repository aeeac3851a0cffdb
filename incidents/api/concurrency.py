"""ETag and If-Match: nobody overwrites what they have not read. The tag is the incident's version."""

import re

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from incidents import workflow
from incidents.models import Incident, Review

STRONG_TAG = re.compile(r'(?:^|,)\s*"(\d{1,18})"\s*(?=,|$)')


class IfMatchRequired(APIException):
    status_code = 428
    default_code = "if-match-required"
    default_detail = _("Send the header If-Match with the ETag of what you read, so that no change is lost.")


def etag(row: Incident | Review) -> str:
    return f'"{row.version}"'


def named_versions(request: Request) -> set[int] | None:
    """What If-Match names; None for `*`, which is any. 428 without it."""
    header = request.headers.get("If-Match", "").strip()
    if not header:
        raise IfMatchRequired
    return None if header == "*" else {int(version) for version in STRONG_TAG.findall(header)}


def expect_match(request: Request, incident: Incident) -> None:
    """428 without If-Match, 412 (StaleIncident) where it names another version; `*` takes any."""
    named = named_versions(request)
    if named is not None and incident.version not in named:
        workflow.expect(incident, max(named, default=-1))


def version_of_review(request: Request, review: Review | None) -> int | None:
    """Which version of the review the caller means to change: 0 begins one, None takes what is there."""
    if request.headers.get("If-None-Match", "").strip() == "*":
        return 0
    named = named_versions(request)
    if named is None:
        return None
    return review.version if review is not None and review.version in named else max(named, default=-1)


def is_unchanged(request: Request, incident: Incident) -> bool:
    """The reader already has this version (If-None-Match)."""
    header = request.headers.get("If-None-Match", "")
    return header.strip() == "*" or etag(incident) in {
        tag.strip().removeprefix("W/") for tag in header.split(",")
    }
