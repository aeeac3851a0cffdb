"""`python -m tests.benchmarks --sizes 1000,10000`: queries, bytes and how time grows with the rows.

Runs on a scratch database of the configured kind (SQLite, or PostgreSQL by DATABASE_URL). Exits
with 1 when a budget of queries is passed; times are for reading, as ratios to the smallest size.
"""

import argparse
import logging
import os
import statistics
import sys
import time

import django
from django.db import connection
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

ROUNDS = 9


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--sizes", default="1000,10000", help="Numbers of incidents, growing.")
    sizes = [int(size) for size in parser.parse_args(argv).sizes.split(",")]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    logging.disable(logging.ERROR)
    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        return measure(sizes)
    finally:
        teardown_databases(databases, verbosity=0)


def measure(sizes: list[int]) -> int:
    from tests.benchmarks.multiplying import grow  # noqa: PLC0415 -- app ready
    from tests.benchmarks.seeding import Company  # noqa: PLC0415 -- app ready
    from tests.benchmarks.workloads import WORKLOADS, Stage  # noqa: PLC0415 -- app ready

    company, have, over = Company(), 0, 0
    stage: Stage | None = None
    medians: dict[str, list[float]] = {workload.name: [] for workload in WORKLOADS}
    for size in sizes:
        began = time.perf_counter()
        grow(company, have, size)
        rate = (size - have) / (time.perf_counter() - began)
        have = size
        print(f"\n{size} incidents on {connection.vendor} ({rate:.0f} a second made)")
        print(f"{'':32}{'queries':>9}{'budget':>8}{'kB':>8}{'ms':>8}{'x':>7}")
        stage = stage or Stage(company)
        for workload in WORKLOADS:
            status, queries, size_of = workload.run(stage)
            elapsed = [_timed(workload.run, stage) for _ in range(ROUNDS)]
            status, queries, size_of = workload.run(stage)
            row = medians[workload.name]
            row.append(statistics.median(elapsed) * 1000)
            wrong = queries > workload.budget or status >= 300
            over += wrong
            print(
                f"{workload.name:32}{queries:9}{workload.budget:8}{size_of / 1000:8.1f}{row[-1]:8.1f}"
                f"{row[-1] / row[0]:7.2f}{'  OVER' if wrong else ''}"
            )
    print(f"\n{over} over budget." if over else "\nAll within budget.")
    return 1 if over else 0


def _timed(run: object, stage: object) -> float:
    began = time.perf_counter()
    run(stage)  # type: ignore[operator]
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
