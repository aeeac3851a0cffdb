"""The rule for many people says what the rule for one person says."""

import pytest
from django.contrib.auth.models import Group, User
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents import policies
from incidents.models import Incident, Team, Watcher
from notifications.routing.access import readers
from tests.factories import NOON, RequesterFactory, make_incident

pytestmark = pytest.mark.django_db

ROLES = (None, "Agent", "Team lead", "Incident manager", "Auditor", "Administrator", "superuser")
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "role": st.sampled_from(ROLES),
            "active": st.booleans(),
            "in_team": st.booleans(),
            "place": st.sampled_from(["", "requester", "opened_by", "assignee", "watcher", "was watcher"]),
        }
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=PEOPLE, confidential=st.booleans())
def test_readers_are_those_to_whom_it_is_visible(
    people: list[dict[str, object]], confidential: bool, network: Team
) -> None:
    incident = make_incident(team=network)
    users = []
    for facts in people:
        user = RequesterFactory.create(is_active=facts["active"], is_superuser=facts["role"] == "superuser")
        if facts["role"] not in {None, "superuser"}:
            user.groups.add(Group.objects.get(name=facts["role"]))
        if facts["in_team"]:
            network.members.add(user)
        if facts["place"] in {"requester", "opened_by", "assignee"}:
            Incident.objects.filter(pk=incident.pk).update(**{str(facts["place"]): user})
        elif facts["place"]:
            gone = NOON if facts["place"] == "was watcher" else None
            Watcher.objects.create(incident=incident, user=user, added_at=NOON, removed_at=gone)
        users.append(user)
    Incident.objects.filter(pk=incident.pk).update(is_confidential=confidential)
    incident.refresh_from_db()
    watching = set(Watcher.objects.current().filter(incident=incident).values_list("user_id", flat=True))

    allowed = readers(incident, {user.pk for user in users}, watching)

    fresh = [User.objects.get(pk=user.pk) for user in users]
    expected = {
        user.pk: policies.sees_internal(user)
        for user in fresh
        if Incident.objects.visible_to(user).filter(pk=incident.pk).exists()
    }
    assert {pk: reader.sees_internal for pk, reader in allowed.items()} == expected
