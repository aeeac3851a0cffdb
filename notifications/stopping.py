"""The link at the end of a mail: no more news of this incident. Works without logging in."""

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from incidents.models import Incident
from notifications.models import OptOut
from notifications.rendering import read_stop_token


@csrf_exempt  # mail programs post here for their user; the signed address is what allows it
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST stops, POST with `undo` takes it back. Says of the incident only its number."""
    found = read_stop_token(token)
    incident = Incident.objects.filter(pk=found[1]).first() if found else None
    if found is None or incident is None:
        raise Http404
    mine = OptOut.objects.filter(user=found[0], incident=incident, reason="")
    if request.method == "POST":
        with transaction.atomic():
            mine.delete()
            if "undo" not in request.POST:
                OptOut.objects.create(user_id=found[0], incident=incident)
    context = {"number": incident.number, "stopped": mine.exists()}
    return render(request, "notifications/stop.html", context)
