"""Whatever happens to an incident, the deliveries are those of a model that knows nothing of our code."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents import workflow
from incidents.enums import ResolutionCode, Severity, Via
from incidents.models import Incident, Service, Team, TimelineEntry
from incidents.policies import Actor
from notifications import ledger
from notifications.delivery.announce import announce_pending
from notifications.models import Announcement, Delivery, Subscription
from tests.factories import NOON, AgentFactory, RequesterFactory, make_incident
from tests.insider import tamper
from tests.notifications.sink import Hand

pytestmark = pytest.mark.django_db

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.sampled_from(["worker", "other", "requester", "friend"])),
        st.tuples(st.just("note"), st.sampled_from(["worker", "other"])),
        st.tuples(st.just("watch"), st.sampled_from(["other", "friend"])),
        st.tuples(st.just("unwatch"), st.sampled_from(["other", "friend"])),
        st.tuples(st.just("declare"), st.just("manager")),
        st.tuples(st.just("mitigate"), st.sampled_from(["worker", "other"])),
        st.tuples(st.just("resolve"), st.sampled_from(["worker", "other"])),
        st.tuples(st.just("reopen"), st.sampled_from(["worker", "requester"])),
        st.tuples(st.just("confirm"), st.just("requester")),
    ),
    max_size=10,
)


@dataclass
class Model:
    """A worker is the whole team; a manager hears when the worker cannot. An outsider follows the service."""

    worker_hears: bool
    watching: set[str] = field(default_factory=set)
    is_major: bool = False
    is_mitigated: bool = False
    is_resolved: bool = False
    resolver: str = ""

    def desk(self, who: str) -> set[str]:
        return {"worker"} if self.worker_hears or who == "worker" else {"manager"}

    def followers(self) -> set[str]:
        return {"follower", "outsider"} if self.is_major else {"follower"}

    def opened(self) -> set[str]:
        return self.told({"requester", "follower", *self.desk("requester")})

    def told(self, people: set[str]) -> set[str]:
        return people if self.worker_hears else people - {"worker"}

    def take(self, step: str, who: str) -> set[str] | None:
        """Who hears of it; None when it cannot happen now."""
        hears = self.hears(step, who)
        return None if hears is None else self.told(hears - {who if step != "watch" else "worker"})

    def hears(self, step: str, who: str) -> set[str] | None:  # noqa: C901, PLR0911, PLR0912 -- a branch a step
        public = {"requester", *self.watching}
        if step == "say":
            if who == "friend" and who not in self.watching:
                return None
            if who == "requester" and self.is_resolved:
                return self.hears("reopen", who)
            return public | (self.desk(who) if who in {"requester", "friend"} else set())
        if step == "note":
            return set()
        if step == "watch":
            is_new = who not in self.watching
            self.watching.add(who)
            return {who} if is_new else None
        if step == "unwatch":
            if who not in self.watching:
                return None
            self.watching.discard(who)
            return set()
        if step == "declare":
            if self.is_major:
                return None
            self.is_major = True
            return public | self.followers() | self.desk(who)
        if step == "mitigate":
            if self.is_mitigated or self.is_resolved:
                return None
            self.is_mitigated = True
            return public | self.followers()
        if step == "resolve":
            if self.is_resolved:
                return None
            self.is_resolved, self.resolver = True, who
            return public | self.followers()
        if not self.is_resolved:
            return None
        self.is_resolved = False
        asked = {self.resolver} if who == "requester" else set()
        if step == "reopen":
            self.is_mitigated = False
            return public | self.followers() | self.desk(who) | asked
        return public | asked


def do(step: str, incident: Incident, who: User, worker: User, at: datetime) -> TimelineEntry | None:
    by = {"actor": Actor(worker if step in {"watch", "unwatch"} else who, Via.ADMIN), "at": at}
    facts: dict[str, tuple[Any, dict[str, object]]] = {
        "say": (workflow.comment, {"text": "Words."}),
        "note": (workflow.note, {"text": "Words."}),
        "watch": (workflow.watch, {"user": who}),
        "unwatch": (workflow.unwatch, {"user": who}),
        "declare": (workflow.declare_major, {"severity": Severity.SEV1, "reason": "All."}),
        "mitigate": (workflow.mitigate, {}),
        "resolve": (workflow.resolve, {"code": ResolutionCode.FIXED, "text": "Done."}),
        "reopen": (workflow.reopen, {"text": "Again."}),
        "confirm": (workflow.close, {}),
    }
    verb, given = facts[step]
    entry: TimelineEntry | None = verb(incident, **by, **given)
    return entry


def cast() -> dict[str, User]:
    desk = {name: AgentFactory.create() for name in ("worker", "other", "follower")}
    desk["manager"] = AgentFactory.create(role="Incident manager")
    return desk | {name: RequesterFactory.create() for name in ("requester", "friend", "outsider")}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, worker_hears=st.booleans())
def test_deliveries_are_what_the_model_expects(
    steps: list[tuple[str, str]], worker_hears: bool, vpn: Service, network: Team
) -> None:
    tamper(Subscription.objects.all().delete)
    User.objects.filter(groups__name="Incident manager").update(is_active=False)  # of earlier examples
    people = cast()
    names = {user.pk: name for name, user in people.items()}
    network.members.set([people["worker"]])
    if not worker_hears:
        User.objects.filter(pk=people["worker"].pk).update(email="")
    for name in ("follower", "outsider"):
        Subscription.objects.create(user=people[name], service=vpn, valid_from=NOON - timedelta(days=1))
    incident = make_incident(requester=people["requester"], service=vpn)
    model = Model(worker_hears)
    expected = {incident.entries.get().pk: model.opened()}
    at = NOON

    for step, who in steps:
        at += timedelta(minutes=1)
        if step == "confirm" and model.is_major:
            continue  # a major incident needs its review first
        hears = model.take(step, who)
        if hears is None:
            continue
        entry = do(step, incident, people[who], people["worker"], at)
        assert entry
        expected[entry.pk] = hears
        if step == "confirm":
            break

    announce_pending(Hand(at))

    rows = Delivery.objects.filter(incident=incident).values_list("entry", "recipient")
    assert sorted((entry, names[person]) for entry, person in rows) == sorted(
        (entry, name) for entry, hears in expected.items() for name in hears
    )
    public = Delivery.objects.filter(incident=incident, purpose="service").values_list("recipient", flat=True)
    assert {names[person] for person in public if person is not None} <= {"outsider"}
    counted = Announcement.objects.filter(entry__in=expected).values_list("entry", "expected")
    assert dict(counted) == {entry: len(hears) for entry, hears in expected.items()}
    # Earlier examples left mails that nobody sent: those are overdue, and meant to be.
    assert [breach for breach in ledger.breaches(at) if "overdue" not in breach] == []
