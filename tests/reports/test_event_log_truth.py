"""Reports of imported history against the log itself, and of the whole log against its published truth."""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from incidents.models import Incident, TimelineEntry
from tests.reports.event_log import Numbers, counted, told

SAMPLE = Path(__file__).parents[1] / "data" / "servicenow_sample.csv"
LOG = os.environ.get("ITSM_EVENT_LOG", "")
MONDAY = datetime(2016, 2, 29, tzinfo=UTC)
#: All keys of a summary that a truth states more of.
STATED = ("n", "mean_min", "p50_min", "p90_min", "p95_min")


def differences(got: Numbers, wanted: Numbers) -> Numbers:
    """Only what is not the same: the whole of it would fill screens."""
    assert got.keys() == wanted.keys()
    return {key: (got[key], wanted[key]) for key in wanted if got[key] != wanted[key]}


def weeks(count: int) -> Sequence[datetime]:
    return [MONDAY + timedelta(weeks=week) for week in range(count)]


@pytest.mark.django_db
def test_reports_of_an_imported_log_equal_what_the_log_says() -> None:
    call_command("import_eventlog", str(SAMPLE), format="servicenow", verbosity=0)

    found = counted(weeks(55))

    assert differences(found, told(SAMPLE, weeks(55))) == {}


@pytest.mark.eventlog
@pytest.mark.skipif(not LOG, reason="ITSM_EVENT_LOG does not name the ServiceNow log")
@pytest.mark.django_db
def test_reports_of_the_whole_log_equal_the_published_truth() -> None:
    truth = json.loads(Path(LOG).with_name("uci_truth.json").read_text())
    ends = {week: datetime.fromisoformat(end["T"]).replace(tzinfo=UTC) for week, end in _backlog(truth)}

    call_command("import_eventlog", LOG, format="servicenow", verbosity=0)
    found = counted(ends.values())

    found["category_top20"] = dict(list(found.pop("category").items())[:20])
    assert differences(found, published(truth)) == {}
    assert (Incident.objects.count(), TimelineEntry.objects.count()) == (24_918, 141_712)


def published(truth: Any) -> Numbers:
    """The keys of the truth that the product answers for."""
    last = truth["counts_last_event"]
    kept = ("priority", "impact", "urgency", "contact_type", "category_top20", "assignment_group")
    numbers = {key: last[key] for key in kept}
    for key in ("ttr", "ttr_filled", "ttc"):
        numbers[key] = _stated(truth[key]["overall"])
        by_priority = truth[key]["by_priority_last"]
        numbers[f"{key} by priority"] = {level: _stated(row) for level, row in by_priority.items()}
    return numbers | {
        "priority_matrix": truth["priority_matrix_last_event"],
        "opened_per_iso_week": truth["opened_per_iso_week"],
        "closed_per_iso_week": truth["closed_per_iso_week"],
        "opened_per_weekday_mon0": truth["opened_per_weekday_mon0"],
        "opened_per_hour": truth["opened_per_hour"],
        "reopened_by_transition": truth["reopened"]["reopened_by_transition_incidents"],
        "group_changes_observed": truth["reassignment"]["group_changes_observed"],
        "backlog_at_week_end": {
            end["T"][:10]: (end["unresolved"], end["not_closed"]) for _, end in _backlog(truth)
        },
        "state_transitions": truth["state_transitions"]["counts"],
        "first_response_state": _stated(truth["first_response_state"]),
        "first_response_assignee": _stated(truth["first_response_assignee"]),
    }


def _backlog(truth: Any) -> Any:
    return truth["backlog_at_week_end"].items()


def _stated(row: Numbers) -> Numbers:
    return {key: row[key] for key in STATED}
