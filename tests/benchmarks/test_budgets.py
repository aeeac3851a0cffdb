"""Each page and call stays within its budget of queries. `make bench` asks the same at full size."""

import pytest

from tests.benchmarks.seeding import Company, seed
from tests.benchmarks.workloads import WORKLOADS, Stage

#: Page 20 of the queue is there.
ROWS = 1_000


@pytest.mark.django_db
def test_every_workload_stays_within_its_budget() -> None:
    company = Company()
    seed(company, ROWS)
    stage = Stage(company)

    over = {}
    for workload in WORKLOADS:
        workload.run(stage)  # fills what is cached between requests
        status, queries, _ = workload.run(stage)
        if status >= 300 or queries > workload.budget:
            over[workload.name] = (status, queries, workload.budget)

    assert over == {}
