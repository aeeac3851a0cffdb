"""The ledger is clean after honest work and finds every kind of tampering."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db.models import F
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents import append_only, workflow
from incidents.enums import HoldReason, ResolutionCode
from incidents.errors import Refused
from incidents.models import Clock, Incident, Target, TimelineEntry
from incidents.policies import Actor
from incidents.sla.policy import load_policy_book
from itsm.ledger import breaches, for_check, incident_faults, unannounced, unscanned
from tests.factories import NOON, RequesterFactory, agent_actor, make_incident, requester_actor
from tests.insider import tamper


def faults(incident: Incident) -> list[str]:
    return list(incident_faults(for_check().get(pk=incident.pk), load_policy_book()))


@pytest.fixture
def worked(incident: Incident, alice: User) -> Incident:
    desk = agent_actor(alice)
    workflow.assign(incident, actor=desk, at=NOON + timedelta(minutes=5), team=incident.team, assignee=alice)
    workflow.note(incident, actor=desk, at=NOON + timedelta(minutes=6), text="Looks like the gateway")
    workflow.resolve(
        incident,
        actor=desk,
        at=NOON + timedelta(minutes=50),
        code=ResolutionCode.FIXED,
        text="Gateway restarted",
    )
    return incident


def test_honest_work_leaves_no_fault(worked: Incident) -> None:
    assert faults(worked) == []


TAMPERINGS: dict[str, Callable[[Incident], object]] = {
    "a changed row": lambda i: Incident.objects.filter(pk=i.pk).update(title="Another title"),
    "a changed text": lambda i: i.entries.filter(seq=3).update(text="Looks like the network"),
    "a changed time": lambda i: i.entries.filter(seq=2).update(at=NOON),
    "a changed visibility": lambda i: i.entries.filter(seq=3).update(visibility="public"),
    "changed data": lambda i: i.entries.filter(seq=2).update(data={}),
    "a removed entry": lambda i: i.entries.filter(seq=3)._raw_delete("default"),
    "a removed last entry": lambda i: i.entries.filter(seq=4)._raw_delete("default"),
    "a moved version": lambda i: Incident.objects.filter(pk=i.pk).update(version=F("version") + 1),
    "another next due time": lambda i: Incident.objects.filter(pk=i.pk).update(next_due_at=NOON),
    "a moved clock": lambda i: Clock.objects.filter(incident=i).update(due_at=NOON),
    "a removed clock": lambda i: Clock.objects.filter(incident=i, metric="resolve").delete(),
    "a forged hash": lambda i: i.entries.filter(seq=2).update(hash="0" * 64),
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_tampering_is_found(worked: Incident, tampering: str) -> None:
    tamper(TAMPERINGS[tampering], worked)

    assert faults(worked) != []


def test_time_of_the_last_change_is_that_of_the_last_entry(worked: Incident) -> None:
    tamper(lambda: Incident.objects.filter(pk=worked.pk).update(updated_at=NOON))

    last = worked.entries.latest("seq").at
    assert faults(worked) == [f"updated_at is {NOON}, the last entry is of {last}"]


def test_swapped_entries_are_found(worked: Incident) -> None:
    with append_only.released("an insider"):
        worked.entries.filter(seq=2).update(seq=99)
        worked.entries.filter(seq=3).update(seq=2)
        worked.entries.filter(seq=99).update(seq=3)

    assert faults(worked) != []


def test_the_command_names_the_incident_and_exits_with_an_error(worked: Incident) -> None:
    Incident.objects.filter(pk=worked.pk).update(title="Another title")
    out = StringIO()

    with pytest.raises(CommandError, match="1 breaches in 1 incidents"):
        call_command("check_ledger", stdout=out)

    assert f"{worked.number}: title is 'Another title'" in out.getvalue()


def test_entries_nobody_announced_are_found_after_five_minutes(worked: Incident) -> None:
    recorded = TimelineEntry.objects.latest("recorded_at").recorded_at

    assert list(unannounced(recorded + timedelta(minutes=4))) == []
    assert len(list(unannounced(recorded + timedelta(minutes=6)))) == worked.version


def test_thresholds_nobody_wrote_down_are_found(incident: Incident) -> None:
    half = NOON + timedelta(minutes=60)

    assert list(unscanned(half + timedelta(minutes=4))) == []
    assert list(unscanned(half + timedelta(minutes=6))) == [
        f"{incident.number}: the clock acknowledge reached a threshold that nobody wrote down"
    ]


STEPS: dict[str, Callable[[Incident, Actor, Actor, dict[str, object]], object]] = {
    "acknowledge": lambda i, desk, me, when: workflow.acknowledge(i, actor=desk, **when),  # type: ignore[arg-type]
    "hold": lambda i, desk, me, when: workflow.hold(i, actor=desk, reason=HoldReason.VENDOR, **when),  # type: ignore[arg-type]
    "ask": lambda i, desk, me, when: workflow.hold(
        i,
        actor=desk,
        reason=HoldReason.CALLER,
        note="When?",
        **when,  # type: ignore[arg-type]
    ),
    "answer": lambda i, desk, me, when: workflow.comment(i, actor=me, text="Now", **when),  # type: ignore[arg-type]
    "resume": lambda i, desk, me, when: workflow.resume(i, actor=desk, **when),  # type: ignore[arg-type]
    "urgent": lambda i, desk, me, when: workflow.edit(i, actor=desk, changes={"urgency": 1}, **when),  # type: ignore[arg-type]
    "calm": lambda i, desk, me, when: workflow.edit(i, actor=desk, changes={"urgency": 3}, **when),  # type: ignore[arg-type]
    "resolve": lambda i, desk, me, when: workflow.resolve(
        i,
        actor=desk,
        code=ResolutionCode.FIXED,
        text="ok",
        **when,  # type: ignore[arg-type]
    ),
    "reopen": lambda i, desk, me, when: workflow.reopen(i, actor=me, text="no", **when),  # type: ignore[arg-type]
    "close": lambda i, desk, me, when: workflow.close(i, actor=desk, **when),  # type: ignore[arg-type]
    "scan": lambda i, desk, me, when: [workflow.notice_clock(c, **when) for c in i.clocks.all()],  # type: ignore[arg-type]
}


@settings(max_examples=settings().max_examples // 2)
@given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 2000)), max_size=12))
def test_any_sequence_of_verbs_leaves_the_books_in_order(
    alice: User, sequence: list[tuple[str, int]]
) -> None:
    requester = RequesterFactory.create()  # one each: thirty reports an hour are enough for a person
    subject = make_incident(requester=requester)
    at = NOON

    for step, wait in sequence:
        at += timedelta(minutes=wait)
        subject.refresh_from_db()
        try:
            STEPS[step](subject, agent_actor(alice), requester_actor(requester), {"at": at})
        except Refused:
            continue

    assert faults(subject) == []


def test_an_incident_that_cannot_be_checked_is_a_breach_and_the_others_are_checked(worked: Incident) -> None:
    other = make_incident()
    tamper(lambda: worked.entries.filter(seq=2).update(data={"changes": {"state": "new"}}))
    Incident.objects.filter(pk=other.pk).update(title="Forged")

    told = [line for line in breaches(NOON) if "could not be checked" in line or "title" in line]

    assert len(told) == 2
    assert told[0].startswith(f"{worked.number}: could not be checked: ValueError")


def test_rebuilding_brings_the_books_in_order_after_a_target_changed_in_place(worked: Incident) -> None:
    Target.objects.update(minutes=7)
    wrong = clock_lines()

    call_command("rebuild_clocks", stdout=StringIO())

    assert (wrong != [], clock_lines()) == (True, [])


def test_rebuilding_brings_the_books_in_order_after_targets_were_deleted(worked: Incident) -> None:
    Target.objects.filter(metric="resolve").delete()
    wrong = clock_lines()

    call_command("rebuild_clocks", stdout=StringIO())

    assert (wrong != [], clock_lines()) == (True, [])


def test_rebuilding_goes_on_past_an_incident_whose_timeline_cannot_be_read(worked: Incident) -> None:
    other = make_incident()
    Clock.objects.filter(incident=other).update(due_at=NOON)
    tamper(lambda: worked.entries.filter(seq=2).update(data={"changes": {"state": "new"}}))
    err = StringIO()

    with pytest.raises(CommandError, match="The clocks of 1 incidents could not be recomputed"):
        call_command("rebuild_clocks", stdout=StringIO(), stderr=err)

    assert err.getvalue().startswith(f"{worked.number}: ValueError")
    assert Clock.objects.filter(incident=other, due_at=NOON).exists() is False


def clock_lines() -> list[str]:
    return [line for line in breaches(NOON) if "the clock" in line]
