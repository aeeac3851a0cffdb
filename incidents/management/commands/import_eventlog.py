"""Take over the history of another desk."""

import resource
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand
from django.db import DatabaseError, IntegrityError, reset_queries
from django.utils import timezone
from tqdm import tqdm

from incidents.importers.eventlog import Recording, Rehearsal, Run, Tally
from incidents.importers.reading import LogFile, NotALog

COMPLETE, LEFT_SOMETHING_OUT, NOT_READABLE, INTERRUPTED = 0, 1, 2, 130
BAR = "{desc} {percentage:3.0f}%|{bar}| {elapsed} so far, {remaining} to go"

HELP = """Import a ServiceNow incident event log (CSV; plain, .xz or .gz) as incidents with full timelines.
What is imported already is left alone, so an interrupted run is started again and goes on.
Exit status: 0 all of the log is in; 1 done or stopped, and something of the log is not in (each row
left out was named with its line and reason); 2 the file is no such log; 130 interrupted."""


def zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ArgumentTypeError(
            f"{name!r} is no time zone. Give an IANA name such as Europe/Berlin."
        ) from None


def positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise ArgumentTypeError(f"{text!r} is no number of incidents. Give 1 or more.")
    return int(text)


def peak_megabytes() -> float:
    """Most memory held so far. What Linux says by getrusage begins with that of the process we came from."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1 << 20 if sys.platform == "darwin" else 1 << 10)


class Command(BaseCommand):
    help = HELP

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the log")
        parser.add_argument("--format", choices=["servicenow"], default="servicenow")
        parser.add_argument(
            "--time-zone",
            type=zone,
            default=ZoneInfo("UTC"),
            help="IANA zone of the times in the log (default UTC). An hour that the zone skipped is read as "
            "if clocks had not been put forward; of an hour it had twice the first is meant, unless only the "
            "second keeps the order of the rows.",
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing; say what would be written")
        parser.add_argument(
            "--batch", type=positive, default=250, help="incidents in a transaction (default %(default)s)"
        )

    def handle(self, *, file: Path, time_zone: ZoneInfo, batch: int, dry_run: bool, **options: Any) -> None:
        begun = time.monotonic()
        try:
            with LogFile(file) as log, self._bar(log, options["verbosity"]) as bar:
                tally, status = self._run(log, bar, time_zone, batch, dry_run=dry_run)
        except NotALog as error:
            self.stderr.write(str(error))
            sys.exit(NOT_READABLE)
        self._sum_up(tally, time.monotonic() - begun, dry_run=dry_run)
        if status != COMPLETE:
            sys.exit(status)

    def _run(
        self, log: LogFile, bar: "tqdm[NoReturn]", time_zone: ZoneInfo, batch: int, *, dry_run: bool
    ) -> tuple[Tally, int]:
        begun, tally, trouble = time.monotonic(), Tally(), ""

        def progress(rows: int) -> None:
            reset_queries()  # with DEBUG on, Django would keep them all
            rate = rows / (time.monotonic() - begun)
            bar.set_description_str(f"{rows:,} rows, {rate:,.0f} rows/s", refresh=False)
            bar.update(log.position - bar.n)

        def complain(line: int, reason: str) -> None:
            with bar.external_write_mode():
                self.stderr.write(f"line {line}: {reason}")

        try:
            taker = Rehearsal() if dry_run else Recording(zone=time_zone, at=timezone.now())
            Run(log, taker, batch, complain, progress, tally).go()
        except KeyboardInterrupt:
            bar.close()
            self.stderr.write("Interrupted. What was finished is kept; run the command again to go on.")
            return tally, INTERRUPTED
        except IntegrityError:
            trouble = "Somebody else wrote the same things at the same time. Run the command again to go on."
        except DatabaseError as error:
            trouble = (
                f"The database refused ({' '.join(str(error).split())}). Mend that and run the command again."
            )
        if tally.broken_off:
            trouble = f"{tally.broken_off}. What came before is done; give the whole file to get the rest."
        bar.close()
        if trouble:
            self.stderr.write(trouble)
        return tally, COMPLETE if tally.is_complete and not trouble else LEFT_SOMETHING_OUT

    def _bar(self, log: LogFile, verbosity: int) -> "tqdm[NoReturn]":
        return tqdm(
            desc="reading",
            total=log.size or None,
            bar_format=BAR,
            delay=1,
            mininterval=0.5 if sys.stderr.isatty() else 5,
            disable=verbosity == 0,
        )

    def _sum_up(self, tally: Tally, seconds: float, *, dry_run: bool) -> None:
        would = "would be " if dry_run else ""
        others = ", ".join(f"{noun} {count:,}" for noun, count in tally.created.items() if count)
        differing = f" ({tally.differing:,} with another number of rows)" if tally.differing else ""
        self.stdout.write(
            f"incidents {would}made:  {tally.incidents:,}\n"
            f"already there:   {tally.already_there:,}{differing}\n"
            f"entries {would}made:    {tally.entries:,}\n"
            f"bad rows:        {tally.bad:,}\n"
            f"made with them:  {others or 'nothing'}\n"
            f"time:            {seconds:.1f} s, {tally.rows / max(seconds, 0.001):,.0f} rows/s\n"
            f"peak memory:     {peak_megabytes():.0f} MB"
        )
