from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from incidents.downloads import stream
from incidents.enums import Visibility
from incidents.models import Attachment, Incident
from incidents.portal import reading
from incidents.portal.views.person import person


@require_safe
@login_required
def attachment(request: HttpRequest, number: str, pk: int) -> FileResponse:
    return public_file(reading.visible_or_404(person(request), number), pk)


def public_file(incident: Incident, pk: int) -> FileResponse:
    """A file of a public entry of this very incident; any other one is not there."""
    files = Attachment.objects.filter(entry__incident=incident, entry__visibility=Visibility.PUBLIC)
    return stream(get_object_or_404(files, pk=pk))
