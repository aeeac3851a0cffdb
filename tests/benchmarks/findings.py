"""`python -m tests.benchmarks.findings`: how often reports call something changed.

Where nothing changes, any number of a weekly or monthly report: at most in the stated share of reports
(exits with 1 if in clearly more). And how often a week of half as many again and slow growth are found.
"""

import argparse
import os
import sys
from math import sqrt

import django


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.findings", description=__doc__)
    parser.add_argument("--runs", type=int, default=300, help="Reports a line.")
    runs = parser.parse_args(argv).runs
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    return print_found(runs) or print_false(runs)


def print_found(runs: int) -> int:
    from tests.benchmarks.steady_desk import EVEN, OFFICE, Desk, growth_told, week_found  # noqa: PLC0415 -- app ready

    missed = 0
    print(f"{'something happens, 20 a day':44}{'reports':>9}{'found':>10}")
    for weekdays, name in ((EVEN, "even"), (OFFICE, "office")):
        desk = Desk(20, weekdays=weekdays)
        for title, found in (
            ("a week of +50 %", week_found(desk, 1.5, runs=runs)),
            ("+5 % a week, told within 8 weeks", growth_told(desk, 0.05, 8, runs=runs)),
        ):
            missed += found < 0.9 * runs
            print(f"{f'{name}, {title}':44}{runs:9}{found / runs:10.1%}", flush=True)
    return int(missed > 0)


def print_false(runs: int) -> int:
    from reports.trends.chances import REPORT_RATE  # noqa: PLC0415 -- app ready
    from tests.benchmarks.steady_desk import EVEN, MONTH, OFFICE, WEEK, Desk, tally  # noqa: PLC0415 -- app ready

    most, over = REPORT_RATE * runs + 2 * sqrt(REPORT_RATE * runs), 0
    print(f"\n{'nothing changes':52}{'reports':>9}{'name any':>10}{'opened':>9}")
    for rate in (20, 2, 0.3):
        for unsteady, weekdays, name in ((1, EVEN, "even"), (2, OFFICE, "office, twice unsteady")):
            for period, kind in ((WEEK, "weekly"), (MONTH, "monthly")):
                for unfinished in (False, True):
                    seen = tally(Desk(rate, unsteady, weekdays), period, runs=runs, unfinished=unfinished)
                    over += seen.named > most
                    title = f"{rate} a day, {name}, {kind}{', not over' if unfinished else ''}"
                    print(f"{title:52}{runs:9}{seen.named / runs:10.1%}{seen.opened / runs:9.1%}", flush=True)
    return int(over > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
