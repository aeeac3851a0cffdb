"""The mail that carries a report: subject, text, HTML, and the chart as a picture."""

from dataclasses import dataclass
from email.utils import parseaddr

from css_inline import CSSInliner
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from incidents.models import Anchor
from reports.charts import volume_png
from reports.documents.reading import Reading
from reports.models import Report

CHART_ID = "report-chart"


@dataclass(frozen=True, slots=True)
class ReportMail:
    """One text for all readers. `html` shows `chart` by `cid:report-chart`."""

    subject: str
    text: str
    html: str
    chart: bytes
    chart_id: str = CHART_ID
    chart_name: str = "report.png"


def render(report: Report) -> ReportMail:
    reading = Reading(report.content)
    subject = " ".join(render_to_string("reports/mail/subject.txt", {"reading": reading}).split())
    context = {
        "report": report,
        "reading": reading,
        "last": reading.content["slots"][-1],
        "subject": subject,
        "sender": parseaddr(settings.DEFAULT_FROM_EMAIL)[0],
        "address": settings.BASE_URL + reverse("admin:reports_report_change", args=[report.pk]),
        "chart_id": CHART_ID,
        "head": Anchor.objects.defer("lines").newest(),
    }
    return ReportMail(
        subject=subject,
        text=render_to_string("reports/mail/report.txt", context),
        html=_inliner().inline(render_to_string("reports/mail/report.html", context)),
        chart=_chart(reading),
    )


def _inliner() -> CSSInliner:
    """The rules for dark and narrow stay in the head; all others become style attributes."""
    return CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, keep_at_rules=True)


def _chart(reading: Reading) -> bytes:
    slots = reading.content["slots"]
    opened, resolved, still_open = ([slot[name] for slot in slots] for name in ("opened", "resolved", "open"))
    words = _("opened"), _("resolved"), _("open at the end"), _("opened as usual")
    usual = [(slot["usual_low"], slot["usual_high"]) for slot in slots] if reading.has_usual else ()
    return volume_png(reading.labels, opened, resolved, still_open, words, usual=usual)
