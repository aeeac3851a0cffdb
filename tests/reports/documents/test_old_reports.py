"""Reports kept before 2026-11-27 knew the period before only: they stay readable, with their own numbers."""

import csv
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from reports import lifecycle
from reports.documents import mail
from reports.documents.sheet import csv_text
from reports.metrics.scope import Scope
from reports.models import Report
from tests.factories import AgentFactory
from tests.insider import tamper
from tests.reports.rows import after, row, save
from tests.reports.test_content import LATER, WEEK_10

NEW = {"usual", "usual_low", "usual_high", "amount", "drift", "by"}
NEW |= {"usual_p90", "ended", "ended_usual", "ended_low", "ended_high"}


def as_it_was(content: dict[str, Any]) -> dict[str, Any]:
    """The same content in the shape of then, with a finding of then."""
    lists = {
        name: [{key: value for key, value in line.items() if key not in NEW} for line in content[name]]
        for name in ("measures", "slots", "services", "categories")
    }
    lists["measures"][0] |= {"verdict": "worse", "p": 0.002, "now": 60, "before": 40}
    left_out = {"usual", "rate", "alpha", "compared"}
    return {key: value for key, value in content.items() if key not in left_out} | lists | {"version": 1}


@pytest.fixture
def kept(db: None) -> Report:
    save([row(resolved_at=after(90)), row()])
    report = lifecycle.order(WEEK_10, Scope(), at=LATER)
    lifecycle.make(report.pk, at=LATER)
    report.refresh_from_db()
    report.content = as_it_was(report.content)
    tamper(report.save)
    return report


def test_old_report_is_read_as_it_was_made(client: Client, kept: Report) -> None:
    client.force_login(AgentFactory.create(role="Auditor"))

    page = client.get(f"/admin/reports/report/{kept.pk}/change/").content.decode()
    letter = mail.render(kept)
    sheet = list(csv.DictReader(StringIO(csv_text(kept.content))))

    for text in (page, letter.text):
        assert "Worse: Incidents opened +50\u00a0%, 60 instead of 40." in text
        assert "fewer than 1 of 100 comparable periods" in text
        assert "compared with" in text
        assert "2026-W09" in text
    assert (sheet[0]["value"], sheet[0]["value_before"], sheet[0]["usual"]) == ("60", "40", "")
