"""Each tab of the queue is read in its order from an index, so a page costs the same on any desk."""

import pytest
from django.contrib.auth.models import User
from django.db import connection

from incidents.admin.queue import VIEWS
from incidents.models import Incident
from tests.factories import NOON

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="plans of PostgreSQL"),
]

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
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")

    plan = rows.values("pk")[:50].explain()

    assert index in plan
    assert "Sort Key" not in plan
