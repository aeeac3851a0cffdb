"""How a stored file leaves the desk, through whichever door: never as a page of ours."""

from django.http import FileResponse

from incidents.models import Attachment


def stream(attachment: Attachment) -> FileResponse:
    """The file as a download. The caller has checked that its reader may read the entry."""
    response = FileResponse(
        attachment.file.open("rb"),
        as_attachment=True,
        filename=attachment.name,
        content_type="application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
