"""A report that is made reaches its readers by mail, once."""

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission, User

from notifications.delivery.worker import deliver_due
from notifications.models import Delivery
from reports import lifecycle
from reports.models import Report, Schedule
from tests.factories import NOON, AgentFactory
from tests.notifications.conftest import point_mail_to
from tests.notifications.sink import Hand, Sink

pytestmark = pytest.mark.django_db


def reader(name: str, *, may_read: bool) -> User:
    user = AgentFactory.create(username=name, email=f"{name}@example.com")
    if may_read:
        user.user_permissions.add(Permission.objects.get(codename="view_report"))
    return user


def test_report_is_mailed_with_its_chart_to_each_reader_once(settings: LazySettings) -> None:
    schedule = Schedule.objects.create(name="Weekly", kind="weekly", since=NOON)
    schedule.readers.add(reader("rhea", may_read=True), reader("rolf", may_read=False))
    slot = schedule.latest_slot(NOON)

    with Sink() as sink:
        point_mail_to(settings, sink.port)
        report = lifecycle.make_report(schedule=schedule, slot=slot, at=NOON)
        for _ in range(2):
            lifecycle.announce(report.pk)
            Delivery.objects.update(due_at=NOON, expires_at=None)
            deliver_due(Hand())

    (taken,) = sink.taken
    assert taken.to == "rhea@example.com"
    kinds = [part.get_content_type() for part in taken.message.walk()]
    assert kinds.count("image/png") == 1
    assert {"text/plain", "text/html"} <= set(kinds)
    assert "cid:report-chart" in taken.message.get_body(("html",)).get_content()
    assert Report.objects.get().announced_at is not None
