"""Whatever happens to an incident, the deliveries are those of a model that knows nothing of our code."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents import workflow
from incidents.enums import ResolutionCode, Via
from incidents.models import Service, Team
from incidents.policies import Actor
from notifications import ledger
from notifications.delivery.announce import announce_pending
from notifications.models import Announcement, Delivery, Subscription
from tests.factories import NOON, AgentFactory, RequesterFactory, make_incident
from tests.notifications.sink import Hand

pytestmark = pytest.mark.django_db

PEOPLE = ("worker", "other", "follower", "requester", "friend")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.sampled_from(["worker", "other", "requester", "friend"])),
        st.tuples(st.just("note"), st.sampled_from(["worker", "other"])),
        st.tuples(st.just("watch"), st.sampled_from(["other", "friend"])),
        st.tuples(st.just("unwatch"), st.sampled_from(["other", "friend"])),
        st.tuples(st.just("mitigate"), st.sampled_from(["worker", "other"])),
        st.tuples(st.just("resolve"), st.sampled_from(["worker", "other"])),
        st.tuples(st.just("reopen"), st.sampled_from(["worker", "requester"])),
    ),
    max_size=8,
)


def cast() -> dict[str, User]:
    desk = {name: AgentFactory.create() for name in ("worker", "other", "follower")}
    return desk | {name: RequesterFactory.create() for name in ("requester", "friend")}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_deliveries_are_what_the_model_expects(  # noqa: C901, PLR0912 -- a model with a branch a step
    steps: list[tuple[str, str]], vpn: Service, network: Team
) -> None:
    Subscription.objects.all().delete()
    people = cast()
    names = {user.pk: name for name, user in people.items()}
    network.members.set([people["worker"]])
    Subscription.objects.create(user=people["follower"], service=vpn, valid_from=NOON - timedelta(days=1))
    incident = make_incident(requester=people["requester"], service=vpn)
    first = incident.entries.get()
    expected = {first.pk: {"worker", "follower"}}
    at, watching, hidden = NOON, set(), {"friend"}

    for step, who in steps:
        at += timedelta(minutes=1)
        by = Actor(people[who], Via.ADMIN)
        if step == "say":
            if who in hidden and who not in watching:
                continue
            entry = workflow.comment(incident, actor=by, at=at, text="Words.")
            hears = {"requester", *watching} | ({"worker"} if who in {"requester", "friend"} else set())
        elif step == "note":
            entry, hears = workflow.note(incident, actor=by, at=at, text="Words."), set()
        elif step == "watch":
            entry = workflow.watch(
                incident, actor=Actor(people["worker"], Via.ADMIN), at=at, user=people[who]
            )
            watching, hears = watching | {who}, set()
        elif step == "unwatch":
            entry = workflow.unwatch(
                incident, actor=Actor(people["worker"], Via.ADMIN), at=at, user=people[who]
            )
            watching, hears = watching - {who}, set()
        elif step == "mitigate":
            if incident.mitigated_at or incident.state == "resolved":
                continue
            entry = workflow.mitigate(incident, actor=by, at=at)
            hears = {"requester", "follower", *watching}
        elif step == "resolve":
            if incident.state == "resolved":
                continue
            entry = workflow.resolve(incident, actor=by, at=at, code=ResolutionCode.FIXED, text="Done.")
            hears = {"requester", "follower", *watching}
        else:
            if incident.state != "resolved":
                continue
            entry = workflow.reopen(incident, actor=by, at=at, text="Again.")
            hears = {"requester", "worker", *watching}
        if entry is not None:
            expected[entry.pk] = hears - {who if step not in {"watch", "unwatch"} else "worker"}

    announce_pending(Hand(at))

    rows = Delivery.objects.filter(incident=incident).values_list("entry", "recipient")
    assert sorted((entry, names[person]) for entry, person in rows) == sorted(
        (entry, name) for entry, hears in expected.items() for name in hears
    )
    counted = Announcement.objects.filter(entry__in=expected).values_list("entry", "expected")
    assert dict(counted) == {entry: len(hears) for entry, hears in expected.items()}
    # Earlier examples left mails that nobody sent: those are overdue, and meant to be.
    assert [breach for breach in ledger.breaches(at) if "overdue" not in breach] == []
