"""Mail as it will look, kept apart from our own pages."""

import base64
from collections.abc import Mapping

from django.http import HttpResponse

#: No script, no link that leads anywhere, nothing loaded: a picture of the mail, in an origin of its own.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"


def with_pictures(html: str, pictures: Mapping[str, tuple[str, bytes]]) -> str:
    """What the mail carries along (`cid:`), put in place. Keys are content ids."""
    for name, (content_type, content) in pictures.items():
        html = html.replace(f"cid:{name}", f"data:{content_type};base64,{base64.b64encode(content).decode()}")
    return html


def framed(html: str) -> HttpResponse:
    response = HttpResponse(
        html or "<!DOCTYPE html><title>–</title>", content_type="text/html; charset=utf-8"
    )
    response["Content-Security-Policy"] = POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response
