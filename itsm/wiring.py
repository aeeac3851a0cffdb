"""Where rooms that do not know each other meet: a report that is made is mailed to its readers."""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat

from itsm import timekeeping
from notifications.delivery.queue import Attached, enqueue_mail
from notifications.models.delivery import READERS
from notifications.nudge import nudge
from notifications.tasks import deliver
from reports import lifecycle
from reports.documents import mail
from reports.lifecycle import report_made
from reports.models import Report


def mail_report(report_id: int, **_kwargs: object) -> None:
    """Each reader once, however often the signal comes. Marks the report as told in the same transaction."""
    at = timekeeping.now()
    report = Report.objects.filter(pk=report_id, made_at__isnull=False).select_related("schedule").first()
    if report is None or report.announced_at is not None:
        return
    readers = list(lifecycle.readers_of(report))
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
        lifecycle.told(report.pk, at=at)
    if letter:
        nudge(deliver)


def mails_of_reports(user: User) -> Q:
    """By the right to read the report itself."""
    seen = Report.objects.visible_to(user).order_by()
    keys = seen.annotate(subject=Concat(Value("report:"), Cast("pk", CharField()))).values("subject")
    return Q(key__in=keys)


def mail_tests(user: User) -> Q:
    """Who sets the desk up sees everybody's."""
    return Q() if user.has_perm("incidents.change_desk") else Q(recipient=user)


def connect() -> None:
    READERS.update({"report": mails_of_reports, "mail-test": mail_tests})
    report_made.connect(mail_report, dispatch_uid="itsm.mail_report")
