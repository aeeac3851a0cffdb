"""Counts that stop."""

import pytest

from incidents import bounded
from incidents.models import Incident
from tests.factories import make_incident

pytestmark = pytest.mark.django_db


def test_each_is_counted_to_one_beyond_the_limit_and_nothing_is_no_trouble() -> None:
    for _ in range(4):
        make_incident()
    everything = Incident.objects.newest_first()

    found = bounded.counts(
        {"all": everything, "one": everything.filter(pk=everything[0].pk), "none": everything.none()}, most=2
    )

    assert found == {"all": 3, "one": 1, "none": 0}
