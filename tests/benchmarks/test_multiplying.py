"""The million that is measured is an honest one: what is copied verifies like what was made."""

import pytest
from django.utils import timezone

from incidents.models import Clock, Incident, TimelineEntry
from itsm.ledger import breaches
from tests.benchmarks.multiplying import Multiplier
from tests.benchmarks.seeding import Company, seed

pytestmark = pytest.mark.django_db


def test_copies_verify_like_what_they_were_copied_from() -> None:
    seed(Company(), 20)
    kinds = (Incident, TimelineEntry, Clock)
    before = [kind.objects.count() for kind in kinds]

    Multiplier().copy(2)

    assert [kind.objects.count() for kind in kinds] == [3 * count for count in before]
    wrong = [fault for fault in breaches(timezone.now()) if "nobody wrote down" not in str(fault)]
    assert wrong == []
    assert Incident.objects.values("uid").distinct().count() == 3 * before[0]
