"""Rules and rights are kept by the process, and never older than the database."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection, transaction
from django.db.models.signals import post_delete
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents import kept, rights
from incidents.enums import Impact, Priority, Urgency
from incidents.models import Calendar, Desk, IdempotencyKey, IngestEvent, PriorityRule, Tally, Team
from incidents.sla.policy import load_policy_book
from incidents.workflow.priority import priority_for
from itsm import accounts
from tests.factories import NOON, make_incident

pytestmark = pytest.mark.django_db


def priority() -> Priority:
    return priority_for(Impact.HIGH, Urgency.HIGH, at=NOON)


def test_rules_are_read_once_and_their_mark_each_time() -> None:
    priority(), load_policy_book()

    with CaptureQueriesContext(connection) as asked:
        priority(), load_policy_book()

    assert [query["sql"] for query in asked] == [kept.READ] * 2


def test_a_change_by_whatever_way_is_seen_at_once() -> None:
    before = priority()

    PriorityRule.objects.update(priority=Priority.PLANNING)

    assert (before, priority()) == (Priority.CRITICAL, Priority.PLANNING)


def test_what_was_rolled_back_is_kept_nowhere() -> None:
    before = priority()
    with transaction.atomic():
        PriorityRule.objects.update(priority=Priority.PLANNING)
        inside = priority()
        transaction.set_rollback(True)

    assert (inside, priority()) == (Priority.PLANNING, before)


def test_a_scope_reads_the_mark_once_and_again_after_its_own_change() -> None:
    calendar = Calendar.objects.first()
    assert calendar
    with kept.read_once(), CaptureQueriesContext(connection) as asked:
        load_policy_book(), load_policy_book()
        read_before = [query["sql"] for query in asked].count(kept.READ)
        calendar.time_zone = "Asia/Tokyo"
        calendar.save()
        zone = load_policy_book().calendars[calendar.pk].zone.key

    assert (read_before, zone) == (1, "Asia/Tokyo")


def test_the_desk_is_a_copy_of_ones_own() -> None:
    Desk.objects.update(default_team=Team.objects.create(name="First level"))

    Desk.current().close_after_days = 1
    one, other = Desk.current().default_team, Desk.current().default_team

    assert Desk.current().close_after_days != 1
    assert one == other
    assert one is not other


@pytest.mark.parametrize("given", ["to the person", "to the role", "by joining the role"])
def test_rights_are_true_at_the_next_request(bob: User, given: str) -> None:
    right = Permission.objects.get(codename=rights.OVERRIDE.partition(".")[2])
    role = Group.objects.create(name="Leads")
    if given == "to the role":
        bob.groups.add(role)
    if given == "by joining the role":
        role.permissions.add(right)
    assert not User.objects.get(pk=bob.pk).has_perm(rights.OVERRIDE)

    {
        "to the person": lambda: bob.user_permissions.add(right),
        "to the role": lambda: role.permissions.add(right),
        "by joining the role": lambda: bob.groups.add(role),
    }[given]()

    assert User.objects.get(pk=bob.pk).has_perm(rights.OVERRIDE)


def test_rights_taken_away_are_gone_at_the_next_request(client: Client, bob: User) -> None:
    client.force_login(bob)
    queue = "/admin/incidents/incident/"
    make_incident()
    before = client.get(queue).status_code

    bob.groups.clear()

    assert (before, client.get(queue).status_code) == (200, 403)


def test_more_people_than_are_kept_have_their_rights(
    monkeypatch: pytest.MonkeyPatch, bob: User, alice: User
) -> None:
    monkeypatch.setattr(accounts, "MOST", 1)

    assert [User.objects.get(pk=user.pk).has_perm(rights.WORK) for user in (alice, bob, alice)] == [True] * 3


def test_nobody_listens_to_the_deletion_of_everything() -> None:
    """Or each query set would be read before it is deleted, and deleted row by row."""
    kept_alike = [model for model in (Tally, IngestEvent, IdempotencyKey) if post_delete.has_listeners(model)]

    assert kept_alike == []
    assert post_delete.has_listeners(PriorityRule)
