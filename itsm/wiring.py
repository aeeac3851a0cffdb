"""Where rooms that do not know each other meet: a report that is made is mailed to its readers."""

from django.db import transaction

from incidents import timekeeping
from notifications.delivery.drafts import Attached, enqueue_mail
from notifications.nudge import nudge
from notifications.tasks import deliver
from reports import making
from reports.documents import mail
from reports.models import Report
from reports.signals import report_made


def mail_report(report_id: int, **_kwargs: object) -> None:
    """Each reader once, however often the signal comes. Marks the report as told in the same transaction."""
    at = timekeeping.now()
    report = Report.objects.filter(pk=report_id, made_at__isnull=False).select_related("schedule").first()
    if report is None or report.announced_at is not None:
        return
    readers = list(making.readers_of(report))
    letter = mail.render(report) if readers else None
    with transaction.atomic():
        if letter:
            chart = Attached(letter.chart_name, "image/png", letter.chart, letter.chart_id)
            enqueue_mail(
                key=f"report:{report.pk}",
                recipients=readers,
                subject=letter.subject,
                text=letter.text,
                html=letter.html,
                attachments=[chart],
                at=at,
            )
        making.told(report.pk, at=at)
    if letter:
        nudge(deliver)


def connect() -> None:
    report_made.connect(mail_report, dispatch_uid="itsm.mail_report")
