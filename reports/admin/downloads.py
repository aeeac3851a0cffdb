from django.http import HttpResponse

from incidents.sheets import MARK
from reports.documents.sheet import csv_text


def csv_response(content: dict[str, object], name: str) -> HttpResponse:
    """With the mark by which spreadsheets know UTF-8."""
    return HttpResponse(
        MARK + csv_text(content),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
