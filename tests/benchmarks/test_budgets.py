"""At ten thousand incidents each page and call stays within its budget of queries."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.benchmarks.seeding import Company, seed
from tests.benchmarks.workloads import WORKLOADS, Stage, Workload

ROWS = int(os.environ.get("ITSM_BENCHMARK_ROWS", "10000"))

pytestmark = pytest.mark.benchmark


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    with django_db_blocker.unblock(), transaction.atomic():
        company = Company()
        seed(company, ROWS)
        yield Stage(company)
        transaction.set_rollback(True)


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_workload_stays_within_its_budget(stage: Stage, workload: Workload) -> None:
    workload.run(stage)  # fills what is cached between requests

    status, queries, _ = workload.run(stage)

    assert status < 300
    assert queries <= workload.budget
