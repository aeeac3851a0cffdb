"""The mail of a report, as its readers get it."""

import re
from datetime import date, datetime, timedelta
from html.parser import HTMLParser

import pytest
from django.conf import settings

from incidents.models import Category, Service
from reports import lifecycle
from reports.charts import volume_png
from reports.documents import mail
from reports.models import Report, Schedule
from tests.insider import tamper
from tests.reports.rows import MONDAY, WEEK, after, row, save

DUE = MONDAY + timedelta(days=7, hours=7)


@pytest.fixture
def report(db: None) -> Report:
    save(row(opened_at=MONDAY - WEEK * 13 + timedelta(hours=14 * n)) for n in range(156))
    stairs = Category.objects.create(name="Stairs <b>& lifts</b>")
    save(row(category=stairs, resolved_at=after(n)) for n in range(1, 61))
    schedule = Schedule.objects.create(
        name="Weekly for the board", since=datetime(2026, 1, 1, tzinfo=DUE.tzinfo)
    )
    return lifecycle.make_report(schedule=schedule, slot=date(2026, 3, 9), at=DUE)


def test_mail_says_in_text_what_it_says_in_html(report: Report) -> None:
    letter = mail.render(report)

    assert letter.subject == "Trend report, all incidents: 2026-W10, 2 Mar to 8 Mar 2026"
    for words in ("Incidents opened", "60", "Time to resolve", "30 min", "compared with the usual of",
                  "Worse: Incidents opened +400", "60 instead of 12", "usual: 12 ("):  # fmt: skip
        assert words in letter.text
        assert words in plain(letter.html)
    address = f"{settings.BASE_URL}/admin/reports/report/{report.pk}/change/"
    assert address in letter.text
    assert f'href="{address}"' in letter.html
    assert "reader of the schedule" in letter.text


def test_mail_shows_the_chart_by_its_content_id(report: Report) -> None:
    letter = mail.render(report)

    assert f'src="cid:{letter.chart_id}"' in letter.html
    assert letter.chart.startswith(b"\x89PNG")
    assert "60 opened" in letter.html  # the picture has words for those who do not see it
    assert not re.search(r'src="(?!cid:)', letter.html)


def test_names_of_the_catalogue_are_shown_and_never_markup(report: Report) -> None:
    letter = mail.render(report)

    assert "Stairs &lt;b&gt;&amp; lifts" in letter.html
    assert "Stairs <b>& lifts</b>" in letter.text


def test_late_report_says_so(report: Report) -> None:
    tamper(lambda: Report.objects.update(late=True))
    report.refresh_from_db()

    assert "made later than its schedule says" in mail.render(report).html


def test_report_of_an_empty_week_says_so(db: None) -> None:
    schedule = Schedule.objects.create(name="Weekly", since=MONDAY)
    report = lifecycle.make_report(schedule=schedule, slot=date(2026, 3, 9), at=DUE)

    letter = mail.render(report)

    assert "No incident was opened, resolved or open in this period." in letter.text


def test_mail_of_one_service_names_it(db: None) -> None:
    service = Service.objects.create(name="Payroll")
    schedule = Schedule.objects.create(name="Payroll weekly", since=MONDAY, service=service)
    report = lifecycle.make_report(schedule=schedule, slot=date(2026, 3, 9), at=DUE)

    assert mail.render(report).subject.startswith("Trend report, Payroll: 2026-W10")


def test_same_numbers_draw_the_same_picture() -> None:
    numbers = (["W1", "W2"], [3, 5], [2, 6], [4, 3], ("opened", "resolved", "open"))

    assert volume_png(*numbers) == volume_png(*numbers)
    assert volume_png(*numbers) != volume_png(
        ["W1", "W2"], [3, 6], [2, 6], [4, 3], ("opened", "resolved", "open")
    )


def plain(html: str) -> str:
    """What a reader sees of it."""
    seen: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            seen.append(data)

    Reader().feed(html)
    return " ".join(" ".join(seen).split())
