"""What a mail brought, as downloads: never as a page of ours."""

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from incidents.workflow.attaching import clean_name
from notifications.inbound.by_hand import files_of
from notifications.models import InboundMail


def raw(mail: InboundMail) -> HttpResponse:
    """As it came."""
    if not mail.raw:
        raise Http404
    return _download(bytes(mail.raw), f"mail-{mail.pk}.eml")


def file(mail: InboundMail, n: int) -> HttpResponse:
    files = files_of(mail)
    if n >= len(files):
        raise Http404
    return _download(files[n].content, clean_name(files[n].name))


def _download(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
