from datetime import timedelta
from fractions import Fraction
from math import exp, log, sqrt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents.enums import State
from incidents.models import Incident
from reports.metrics.survival import EMPTY, LifeTable, opened_within, waited_to_acknowledge, waited_to_resolve
from reports.periods import iso_week, previous
from tests.insider import tamper
from tests.reports.rows import MONDAY, WEEK, after, row, save

UNTIL = MONDAY + WEEK

#: (minutes until the end, or None: still open), (minutes after Monday when it was opened)
cases = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(0, 20_000)), st.integers(0, 12_000)), min_size=1, max_size=30
)


def oracle(watched: list[tuple[int, bool]], share: Fraction) -> int | None:
    """Kaplan-Meier in fractions, one case after the other: (minutes watched, whether it ended then)."""
    waiting = Fraction(1)
    for minute in sorted({minutes for minutes, _ in watched}):
        at_risk = sum(minutes >= minute for minutes, _ in watched)
        ended = sum(minutes == minute and done for minutes, done in watched)
        waiting *= Fraction(at_risk - ended, at_risk)
        if waiting <= 1 - share:
            return minute
    return None


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cases=cases)
def test_percentiles_equal_an_oracle_in_fractions(cases: list[tuple[int | None, int]]) -> None:
    tamper(Incident.objects.all().delete)
    rows, watched = [], []
    for length, start in cases:
        opened_at = MONDAY + timedelta(minutes=start)
        ended_at = after(length, opened_at)
        rows.append(row(opened_at=opened_at, resolved_at=ended_at))
        if opened_at < UNTIL:
            done = ended_at is not None and ended_at < UNTIL
            stop = ended_at if done and ended_at else UNTIL
            watched.append((int((stop - opened_at).total_seconds() // 60), done))
    save(rows)

    table = waited_to_resolve(Incident.objects.all(), until=UNTIL)[None]

    assert table.n == len(watched)
    assert table.waiting == sum(not done for _, done in watched)
    for percent in (50, 90):
        expected = oracle(watched, Fraction(percent, 100)) if watched else None
        assert table.percentile(percent / 100) == expected


def test_percentile_of_the_textbook() -> None:
    # Six-mercaptopurine against relapse, in weeks (Freireich and others, 1963): median 23.
    ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    left = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    weeks = sorted({*ended, *left})

    table = LifeTable.of([(week, ended.count(week), ended.count(week) + left.count(week)) for week in weeks])

    assert (table.n, table.waiting, table.percentile(0.5), table.percentile(0.9)) == (21, 12, 23, None)
    assert table.surviving()[weeks.index(6)] == pytest.approx(0.857, abs=0.0005)
    assert table.surviving()[weeks.index(23)] == pytest.approx(0.448, abs=0.0005)
    assert table.interval(0.5) == (13, None)


def greenwood(watched: list[tuple[int, bool]], share: float) -> tuple[int | None, int | None]:
    """Both ends of the interval: where the edges of the band on the log-log scale have fallen so far."""
    ends: list[int | None] = [None, None]
    waiting, summed = Fraction(1), Fraction(0)
    for minute in sorted({minutes for minutes, _ in watched}):
        at_risk = sum(minutes >= minute for minutes, _ in watched)
        ended = sum(minutes == minute and done for minutes, done in watched)
        waiting *= Fraction(at_risk - ended, at_risk)
        band = [float(waiting)] * 2
        if 0 < waiting < 1:
            summed += Fraction(ended, at_risk * (at_risk - ended))
            wide = 1.959963984540054 * sqrt(summed) / -log(waiting)
            band = [float(waiting) ** exp(wide), float(waiting) ** exp(-wide)]
        for side in (0, 1):
            if ends[side] is None and band[side] <= 1 - share + 1e-9:
                ends[side] = minute
    return ends[0], ends[1]


@given(
    watched=st.lists(st.tuples(st.integers(0, 25), st.booleans()), min_size=1, max_size=30),
    percent=st.sampled_from([50, 75, 90]),
)
def test_interval_is_greenwoods_on_the_log_log_scale(watched: list[tuple[int, bool]], percent: int) -> None:
    minutes = [minute for minute, _ in watched]
    table = LifeTable.of([(at, watched.count((at, True)), minutes.count(at)) for at in sorted({*minutes})])

    assert table.percentile(percent / 100) == oracle(watched, Fraction(percent, 100))
    assert table.interval(percent / 100) == greenwood(watched, percent / 100)
    assert table.longest == max(minutes)


@pytest.mark.django_db
def test_incident_belongs_to_the_first_of_the_periods_it_was_opened_in() -> None:
    week = iso_week("2026-W10", ZoneInfo("UTC"))
    save([row(), row(opened_at=MONDAY - WEEK), row(opened_at=MONDAY - WEEK * 2)])

    parts = waited_to_acknowledge(
        Incident.objects.all(), until=week.end, by=opened_within([week, previous(week), week])
    )

    assert {part: table.n for part, table in parts.items()} == {0: 1, 1: 1, None: 1}


@pytest.mark.django_db
def test_leaving_work_undone_does_not_shorten_the_wait() -> None:
    save([*(row(resolved_at=after(60)) for _ in range(4)), *(row() for _ in range(6))])

    table = waited_to_resolve(Incident.objects.all(), until=UNTIL)[None]

    assert table.percentile(0.5) is None
    assert (table.n, table.waiting, table.longest) == (10, 6, 7 * 24 * 60)


@pytest.mark.django_db
def test_what_happens_after_the_end_of_the_report_is_not_known_yet() -> None:
    save([row(resolved_at=UNTIL + timedelta(hours=1)), row(opened_at=UNTIL)])

    table = waited_to_resolve(Incident.objects.all(), until=UNTIL)[None]

    assert (table.n, table.waiting) == (1, 1)


@pytest.mark.django_db
def test_cancelled_incidents_are_left_out() -> None:
    save([row(resolved_at=after(60)), row(state=State.CANCELLED, closed_at=after(1))])

    table = waited_to_resolve(Incident.objects.all(), until=UNTIL)[None]

    assert (table.n, table.percentile(0.5)) == (1, 60)


@pytest.mark.django_db
def test_acknowledgement_before_the_opening_is_no_wait() -> None:
    save([row(acknowledged_at=after(-147)), row(acknowledged_at=after(3))])

    table = waited_to_acknowledge(Incident.objects.all(), until=UNTIL)[None]

    assert (table.percentile(0.5), table.percentile(0.9)) == (0, 3)


@pytest.mark.django_db
def test_groups_by_period_put_together_are_the_whole() -> None:
    week = iso_week("2026-W11", ZoneInfo("UTC"))
    spells = [previous(week), week]
    save(
        row(opened_at=MONDAY + timedelta(days=day), resolved_at=MONDAY + timedelta(days=day, minutes=day * 7))
        for day in range(14)
    )

    parts = waited_to_resolve(Incident.objects.all(), until=week.end, by=opened_within(spells))
    whole = waited_to_resolve(Incident.objects.all(), until=week.end)[None]

    together = LifeTable.merged([parts[0], parts[1]])
    assert (parts[0].n, parts[1].n) == (7, 7)
    assert [list(column) for column in (together.minutes, together.ended, together.left)] == [
        list(column) for column in (whole.minutes, whole.ended, whole.left)
    ]


def test_table_of_nothing_knows_nothing() -> None:
    assert (EMPTY.n, EMPTY.waiting, EMPTY.longest, EMPTY.percentile(0.5), EMPTY.interval(0.5)) == (
        0, 0, None, None, (None, None),
    )  # fmt: skip
    assert LifeTable.merged([]).n == 0
