"""The link at the end of a mail: no more of these. Works without logging in."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from incidents.models import Incident
from itsm import timekeeping
from notifications import following
from notifications.enums import Reason
from notifications.rendering.links import read_stop_token


@csrf_exempt  # mail programs post here for their user; the signed address is what allows it
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST stops, POST with `undo` takes it back. Says of the incident only its number.

    To a follower it says only the service: they may not know of the incident.
    """
    found = read_stop_token(token)
    incident = Incident.objects.select_related("service").filter(pk=found[1]).first() if found else None
    if found is None or incident is None:
        raise Http404
    person_id, _incident_id, reason = found
    at = timekeeping.now()
    follows = reason == Reason.SUBSCRIBER
    is_of_all = follows and following.follows_everything(person_id, at=at)
    if request.method == "POST" and "undo" in request.POST:
        following.undo(person_id, incident, reason, at=at)
    elif request.method == "POST":
        following.stop(person_id, incident, reason, at=at)
    context = {
        "number": "" if follows else incident.number,
        "service": incident.service if follows and not is_of_all else None,
        "stopped": following.is_stopped(person_id, incident, reason),
    }
    return render(request, "notifications/stop.html", context)
