"""Following without an account: the private link of a mail. It only reads."""

from datetime import datetime

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from incidents import lockout, policies, workflow
from incidents.models import Incident
from incidents.portal import reading
from incidents.portal.views.attachment import public_file
from incidents.portal.views.incident import shown
from incidents.tracking import Pass, read_token
from itsm import timekeeping


@require_safe
def track(request: HttpRequest, token: str) -> HttpResponse:
    at = timekeeping.now()
    try:
        incident, held = followed(request, token, at)
    except LockedOut as locked:
        return _wait(request, locked.until, at)
    except Http404:
        return render(request, "incidents/portal/track_ended.html", status=404)
    named = Incident(pk=held.incident_id)
    reader = User.objects.get(pk=held.user_id)
    context = {
        **shown(incident, request),
        "mine": policies.is_own(reader, incident),
        "may_log_in": reader.has_usable_password(),
        "person": reader,
        "token": token,
        "ends_at": held.ends_at,
        "reader": held.user_id,
        "joined_with": reading.joined(named, incident) if named.pk != incident.pk else "",
    }
    response = render(request, "incidents/portal/track.html", context)
    # The address is the key: keep it out of logs of other sites, shared caches and search engines.
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def attachment(request: HttpRequest, token: str, pk: int) -> HttpResponseBase:
    at = timekeeping.now()
    try:
        incident, _held = followed(request, token, at)
    except LockedOut as locked:
        return _wait(request, locked.until, at)
    return public_file(incident, pk)


class LockedOut(Exception):
    """Too many links that were none came from this address."""

    def __init__(self, until: datetime) -> None:
        super().__init__()
        self.until = until


def _wait(request: HttpRequest, until: datetime, at: datetime) -> HttpResponse:
    minutes = lockout.minutes_until(until, at)
    response = render(request, "incidents/portal/track_locked.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(lockout.seconds_until(until, at))
    return response


def followed(request: HttpRequest, token: str, at: datetime) -> tuple[Incident, Pass]:
    """The incident of a valid link whose person still may see it; of a duplicate, where it was joined.

    Raises LockedOut, whatever the link, where too many wrong ones came from.
    """
    address = request.META.get("REMOTE_ADDR", "")
    until = lockout.locked_until(address, at=at)
    held = None if until else read_token(token, at=at)
    if held is None:
        until = until or lockout.wrong(token, address, at=at)
        if until:
            raise LockedOut(until)
        raise Http404
    person = User.objects.filter(pk=held.user_id, is_active=True).first()
    if not person:
        raise Http404
    found = reading.visible_or_404(person, str(held.incident_id))
    target = workflow.destination(found)
    if target.pk != found.pk and Incident.objects.visible_to(person).filter(pk=target.pk).exists():
        found = reading.visible_or_404(person, target.number)
    return found, held
