from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from incidents.enums import State
from incidents.models import Incident
from reports.metrics.durations import time_to_close, time_to_resolve, time_to_resolve_recorded
from reports.metrics.summary import Summary
from tests.insider import tamper
from tests.reports.rows import MONDAY, after, row, save

minutes = st.one_of(st.none(), st.integers(-60, 500_000), st.floats(0, 10_000).map(lambda m: round(m, 4)))


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cases=st.lists(st.tuples(st.integers(1, 4), minutes), max_size=40))
def test_summary_equals_numpy_overall_and_by_priority(cases: list[tuple[int, float | None]]) -> None:
    tamper(Incident.objects.all().delete)
    saved = save(row(priority=level, closed_at=after(length)) for level, length in cases)

    found = time_to_close(Incident.objects.all(), by="priority")
    overall = time_to_close(Incident.objects.all())[None]

    # Instants are cut to the second before they are compared.
    seconds = [
        (case.priority, (case.closed_at.replace(microsecond=0) - MONDAY) / timedelta(seconds=1))
        if case.closed_at
        else (case.priority, None)
        for case in saved
    ]
    for level in {level for level, _ in cases}:
        assert_equal(found[level], [length for priority, length in seconds if priority == level])
    assert_equal(overall, [length for _, length in seconds])


def assert_equal(summary: Summary, seconds: list[float | None]) -> None:
    known = [length for length in seconds if length is not None]
    assert (summary.n, summary.missing) == (len(known), len(seconds) - len(known))
    if known:
        assert summary.mean == pytest.approx(sum(known) / len(known) / 60, abs=1e-9)
        expected = np.percentile(known, [50, 90, 95]) / 60
        assert [summary.p50, summary.p90, summary.p95] == pytest.approx(list(expected), abs=1e-9)
    else:
        assert (summary.mean, summary.p50, summary.p90, summary.p95) == (None, None, None, None)


@pytest.mark.django_db
def test_summary_of_nothing_is_empty() -> None:
    assert time_to_close(Incident.objects.all()) == {None: Summary(0, 0)}
    assert time_to_close(Incident.objects.all(), by="priority") == {}


@pytest.mark.django_db
def test_summary_takes_one_query_however_it_is_split(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    save(row(priority=level, closed_at=after(60)) for level in (1, 2, 3, 4))

    with django_assert_num_queries(1):
        time_to_close(Incident.objects.all(), by="priority")


@pytest.mark.django_db
def test_open_and_cancelled_incidents_have_no_time_to_resolve() -> None:
    save(
        [
            row(resolved_at=after(10)),
            row(),
            row(state=State.CANCELLED, closed_at=after(99)),
            # Came back: what was recorded of the first resolution is no end.
            row(state=State.IN_PROGRESS, resolved_at=after(20)),
        ]
    )

    found = time_to_resolve(Incident.objects.all())[None]

    assert (found.n, found.missing, found.mean) == (1, 3, 10.0)


@pytest.mark.django_db
def test_resolution_that_was_not_recorded_is_filled_but_only_where_asked_for() -> None:
    save([row(closed_at=after(30))])

    filled = time_to_resolve(Incident.objects.all())[None]
    recorded = time_to_resolve_recorded(Incident.objects.all())[None]

    assert (filled.n, filled.mean) == (1, 30.0)
    assert recorded == Summary(0, 1)
