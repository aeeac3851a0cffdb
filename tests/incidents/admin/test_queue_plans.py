"""Each tab of the queue is read in its order from an index, so a page costs the same on any desk."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Q

from incidents.admin.queue import VIEWS
from incidents.models import Incident
from notifications.models import Delivery
from tests.factories import NOON

pytestmark = pytest.mark.django_db

INDEXES = {
    "mine": "incident_open_assignee_due",
    "unassigned": "incident_open_",
    "due": "incident_open_due",
    "late": "incident_open_due",
    "hold": "incident_held",
    "open": "incident_open_priority",
    "all": "incident_newest",
}


@pytest.mark.parametrize(("view", "index"), INDEXES.items(), ids=list(INDEXES))
def test_tab_is_read_in_its_order_from_an_index(view: str, index: str, alice: User) -> None:
    """Where sorting and reading whole tables are made dear, as they are on a large desk."""
    chosen = VIEWS[view]
    rows = Incident.objects.visible_to(alice).filter(chosen.needs(alice, NOON)).order_by(*chosen.order)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for way in ("seqscan", "bitmapscan", "sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")

    plan = rows.values("pk")[:50].explain()

    assert index in plan
    assert "Sort Key" not in plan
    assert "USE TEMP B-TREE" not in plan


def test_deliveries_that_wait_are_found_by_their_index() -> None:
    """Word for word, or SQLite reads all that were ever sent."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")

    assert "delivery_pending" in Delivery.objects.due(NOON).order_by("lane", "due_at", "pk").explain()
    assert "delivery_sending" in Delivery.objects.lost(NOON).explain()


@pytest.mark.parametrize("value", ["new'; --", "New", "", 1])
def test_only_the_value_of_a_choice_is_written_into_a_statement(value: object) -> None:
    with pytest.raises(ValueError, match="is not the value of a choice"):
        Incident.objects.filter(Q(state__literal=value)).exists()
