"""Clocks start, pause, resume, stop and re-target; what is stored equals what the timeline gives."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from incidents import timeline, workflow
from incidents.enums import EntryKind, HoldReason, Impact, Metric, ResolutionCode, Urgency
from incidents.models import Calendar, Clock, Incident, Service, Target
from incidents.policies import Actor
from incidents.sla import clocks as sla_clocks
from incidents.sla.policy import load_policy_book
from incidents.sla.rebuild import rebuild
from itsm.ledger import for_check, incident_faults
from tests.factories import NOON, ServiceFactory, agent_actor, make_incident, requester_actor
from tests.factories.catalogue import CategoryFactory

pytestmark = pytest.mark.django_db


def minutes(n: int) -> timedelta:
    return timedelta(minutes=n)


def clock(incident: Incident, metric: Metric = Metric.RESOLVE) -> Clock:
    return Clock.objects.get(incident=incident, metric=metric)


@pytest.fixture
def desk(alice: User) -> Actor:
    return agent_actor(alice)


def test_opening_starts_both_clocks_with_the_targets_of_the_priority(incident: Incident) -> None:
    assert clock(incident, Metric.ACKNOWLEDGE).due_at == NOON + minutes(120)
    assert clock(incident, Metric.RESOLVE).due_at == NOON + minutes(1440)


def test_acknowledging_in_time_meets_the_first_clock(incident: Incident, desk: Actor) -> None:
    workflow.acknowledge(incident, actor=desk, at=NOON + minutes(30))

    met = clock(incident, Metric.ACKNOWLEDGE)
    assert (met.stopped_at, met.breached, met.business_seconds) == (NOON + minutes(30), False, 1800)


def test_acknowledging_late_misses_it(incident: Incident, desk: Actor) -> None:
    workflow.acknowledge(incident, actor=desk, at=NOON + minutes(121))

    assert clock(incident, Metric.ACKNOWLEDGE).breached is True


def test_a_hold_pauses_and_the_answer_resumes(incident: Incident, desk: Actor, carol: User) -> None:
    workflow.hold(incident, actor=desk, at=NOON + minutes(10), reason=HoldReason.CALLER, note="Which office?")
    paused = clock(incident)
    assert paused.is_paused
    assert paused.due_at is None

    workflow.comment(incident, actor=requester_actor(carol), at=NOON + minutes(70), text="Lisbon")

    resumed = clock(incident)
    assert resumed.is_running
    assert resumed.due_at == NOON + minutes(1440 + 60)


def test_reopening_goes_on_where_the_clock_stopped(incident: Incident, desk: Actor, carol: User) -> None:
    workflow.resolve(incident, actor=desk, at=NOON + minutes(100), code=ResolutionCode.FIXED, text="done")
    workflow.reopen(incident, actor=requester_actor(carol), at=NOON + minutes(400), text="still broken")

    running = clock(incident)
    assert running.stopped_at is None
    assert running.due_at == NOON + minutes(400 + 1440 - 100)


def test_a_changed_priority_retargets_from_the_start_with_past_pauses_kept(
    incident: Incident, desk: Actor
) -> None:
    workflow.hold(incident, actor=desk, at=NOON + minutes(10), reason=HoldReason.VENDOR)
    workflow.resume(incident, actor=desk, at=NOON + minutes(40))

    workflow.edit(
        incident,
        actor=desk,
        at=NOON + minutes(50),
        changes={"impact": Impact.HIGH, "urgency": Urgency.HIGH},
    )

    assert clock(incident).target_minutes == 240
    assert clock(incident).due_at == NOON + minutes(240 + 30)


def test_cancelling_cancels_the_clock(incident: Incident, desk: Actor) -> None:
    workflow.cancel(incident, actor=desk, at=NOON + minutes(3000), reason="no fault")

    gone = clock(incident)
    assert (gone.cancelled, gone.breached, gone.due_at) == (True, False, None)


def test_each_threshold_is_written_once_and_a_late_scan_writes_the_highest(incident: Incident) -> None:
    first = workflow.notice_clock(clock(incident), at=NOON + minutes(720))
    again = workflow.notice_clock(clock(incident), at=NOON + minutes(721))
    last = workflow.notice_clock(clock(incident), at=NOON + minutes(2000))

    assert first is not None
    assert first.data["clock"]["percent"] == 50
    assert again is None
    assert last is not None
    assert last.kind == EntryKind.SLA_BREACHED
    assert clock(incident).breached is True
    assert clock(incident).notice_at is None


def test_the_most_specific_target_wins(vpn: Service) -> None:
    general = Target.objects.get(metric=Metric.RESOLVE, priority=3)
    Target.objects.create(
        metric=Metric.RESOLVE,
        service=vpn,
        minutes=90,
        calendar=general.calendar,
        valid_from=general.valid_from,
    )

    assert clock(make_incident(service=vpn)).target_minutes == 90
    assert clock(make_incident()).target_minutes == 1440


def test_a_target_counts_for_incidents_opened_while_it_is_in_force(vpn: Service) -> None:
    general = Target.objects.get(metric=Metric.RESOLVE, priority=3)
    Target.objects.create(
        metric=Metric.RESOLVE,
        service=vpn,
        minutes=90,
        calendar=general.calendar,
        valid_from=NOON.date() + timedelta(days=1),
    )

    assert clock(make_incident(service=vpn)).target_minutes == 1440
    assert clock(make_incident(service=vpn, at=NOON + timedelta(days=1))).target_minutes == 90


def target(metric: Metric, minutes: int, **fits: Any) -> Target:
    """On the calendar that is always open, from last year on."""
    always = Calendar.objects.earliest("pk")
    return Target.objects.create(
        **{"calendar": always, "valid_from": "2025-01-01", **fits}, metric=metric, minutes=minutes
    )


def test_a_target_of_the_category_applies_in_its_subcategories() -> None:
    network = CategoryFactory.create(name="Network")
    vpn, wlan = (CategoryFactory.create(name=name, parent=network) for name in ("VPN", "WLAN"))
    target(Metric.RESOLVE, 30, category=vpn)
    target(Metric.RESOLVE, 90, category=network)

    assert clock(make_incident(category=wlan)).target_minutes == 90
    assert clock(make_incident(category=vpn)).target_minutes == 30
    assert clock(make_incident(category=network)).target_minutes == 90
    assert clock(make_incident(category=CategoryFactory.create(name="Paper"))).target_minutes == 1440


def test_a_target_begins_at_midnight_where_its_calendar_is() -> None:
    berlin = Calendar.objects.create(name="Berlin", time_zone="Europe/Berlin")
    target(Metric.RESOLVE, 90, calendar=berlin, priority=3, valid_from="2026-07-01")
    half_past_midnight = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)

    assert clock(make_incident(at=half_past_midnight)).target_minutes == 90
    assert clock(make_incident(at=half_past_midnight - timedelta(hours=1))).target_minutes == 1440


def test_a_target_ends_at_midnight_where_its_calendar_is() -> None:
    tokyo = Calendar.objects.create(name="Tokyo", time_zone="Asia/Tokyo")
    target(Metric.RESOLVE, 90, calendar=tokyo, priority=3, valid_until="2026-06-30")
    one_in_the_night = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)

    assert clock(make_incident(at=one_in_the_night)).target_minutes == 1440
    assert clock(make_incident(at=one_in_the_night - timedelta(hours=2))).target_minutes == 90


def test_clocks_run_on_when_their_targets_are_gone(incident: Incident, desk: Actor) -> None:
    Target.objects.all().delete()

    warning = workflow.notice_clock(clock(incident), at=NOON + minutes(720))
    workflow.acknowledge(incident_now(incident), actor=desk, at=NOON + minutes(730))
    workflow.resolve(
        incident_now(incident), actor=desk, at=NOON + minutes(740), code=ResolutionCode.FIXED, text="done"
    )

    assert warning is not None
    assert clock(incident).stopped_at == NOON + minutes(740)
    assert Clock.objects.filter(incident=make_incident()).exists() is False


def test_clocks_keep_their_calendar_when_the_target_gets_another(incident: Incident, desk: Actor) -> None:
    kept = clock(incident).calendar
    Target.objects.update(calendar=Calendar.objects.create(name="Moved", time_zone="Asia/Tokyo"))

    workflow.notice_clock(clock(incident), at=NOON + minutes(720))
    workflow.hold(incident_now(incident), actor=desk, at=NOON + minutes(730), reason=HoldReason.VENDOR)

    assert (clock(incident).calendar, clock(incident).noticed_percent) == (kept, 50)
    assert clock(incident).business_seconds == 730 * 60


@pytest.fixture
def without_target(carol: User) -> Incident:
    """The only target is the VPN's."""
    Target.objects.all().update(service=ServiceFactory.create(name="VPN"), priority=None)
    return make_incident(requester=carol)


def test_a_service_corrected_after_the_resolution_measures_up_to_the_resolution(
    without_target: Incident, desk: Actor
) -> None:
    workflow.resolve(
        without_target, actor=desk, at=NOON + minutes(10), code=ResolutionCode.FIXED, text="done"
    )

    workflow.edit(
        without_target,
        actor=desk,
        at=NOON + minutes(310),
        changes={"service": Service.objects.get(name="VPN")},
    )

    late = clock(without_target)
    assert (late.stopped_at, late.business_seconds, late.breached) == (NOON + minutes(10), 600, False)
    assert faults(without_target) == []


def test_a_service_corrected_while_on_hold_does_not_count_the_hold(
    without_target: Incident, desk: Actor
) -> None:
    workflow.hold(without_target, actor=desk, at=NOON + minutes(5), reason=HoldReason.VENDOR)

    workflow.edit(
        without_target,
        actor=desk,
        at=NOON + minutes(300),
        changes={"service": Service.objects.get(name="VPN")},
    )
    paused = clock(without_target)
    workflow.resume(without_target, actor=desk, at=NOON + minutes(400))

    assert (paused.business_seconds, paused.due_at) == (300, None)
    assert clock(without_target).due_at == NOON + minutes(400 - 5 + paused.target_minutes)
    assert faults(without_target) == []


def test_a_target_added_meanwhile_gives_the_clock_with_the_next_step(
    without_target: Incident, desk: Actor
) -> None:
    target(Metric.RESOLVE, 60, priority=3)

    workflow.acknowledge(without_target, actor=desk, at=NOON + minutes(20))

    assert clock(without_target).due_at == NOON + minutes(60)
    assert faults(without_target) == []


def test_a_priority_raised_after_the_resolution_is_measured_by_the_new_target(
    incident: Incident, desk: Actor
) -> None:
    workflow.resolve(incident, actor=desk, at=NOON + minutes(300), code=ResolutionCode.FIXED, text="done")
    in_time = clock(incident).breached

    workflow.edit(
        incident,
        actor=desk,
        at=NOON + minutes(900),
        changes={"impact": Impact.HIGH, "urgency": Urgency.HIGH},
    )

    late = clock(incident)
    assert (in_time, late.breached) == (False, True)
    assert (late.due_at, late.stopped_at) == (NOON + minutes(240), NOON + minutes(300))


def incident_now(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def faults(incident: Incident) -> list[str]:
    return list(incident_faults(for_check().get(pk=incident.pk), load_policy_book()))


def test_rebuilding_gives_the_stored_rows_again(incident: Incident, desk: Actor) -> None:
    workflow.hold(incident, actor=desk, at=NOON + minutes(10), reason=HoldReason.VENDOR)
    workflow.resume(incident, actor=desk, at=NOON + minutes(40))
    book = load_policy_book()
    assert rebuild(incident, book) is False
    Clock.objects.filter(incident=incident, metric=Metric.RESOLVE).update(due_at=NOON)

    assert rebuild(incident, book) is True

    expected = sla_clocks.replay(timeline.steps(incident.entries.order_by("seq")), book)
    assert clock(incident).due_at == expected[Metric.RESOLVE].reaches(
        book.calendars[clock(incident).calendar_id], minutes(1440)
    )


def test_the_command_rebuilds_what_is_named_and_refuses_what_is_not_there(incident: Incident) -> None:
    Clock.objects.filter(incident=incident).update(due_at=NOON)
    out = StringIO()

    call_command("rebuild_clocks", incident.number, stdout=out)

    assert out.getvalue() == "1 incidents looked at, clocks of 1 changed.\n"
    assert clock(incident).due_at == NOON + minutes(1440)
    with pytest.raises(CommandError, match="There is no incident INC0009999"):
        call_command("rebuild_clocks", "INC0009999")
