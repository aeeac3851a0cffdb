"""Take over the history of another desk."""

import resource
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand
from django.db import DatabaseError, IntegrityError, reset_queries
from tqdm import tqdm

from incidents.importers.eventlog import Run, Tally
from incidents.importers.gathering import Survey, survey
from incidents.importers.reading import UTF_8, LogFile, NotALog
from incidents.importers.rejects import Rejects
from incidents.importers.taking import Recording, Rehearsal
from itsm import timekeeping

COMPLETE, LEFT_SOMETHING_OUT, NOT_READABLE, INTERRUPTED = 0, 1, 2, 130
BAR = "{desc} {percentage:3.0f}%|{bar}| {elapsed} so far, {remaining} to go"

HELP = """Import a ServiceNow incident event log (CSV; plain, .xz or .gz) as incidents with full timelines.
What is imported already is left alone, or gets the rows it has not yet, so an interrupted run is started
again and goes on. An incident with a row that cannot be taken over is set aside whole into a file of
rejects, which can be mended and imported.
Exit status: 0 all of the log is in; 1 done or stopped, and something of the log is not in (each row
was named with its line and reason); 2 the file is no such log; 130 interrupted."""


def zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ArgumentTypeError(
            f"{name!r} is no time zone. Give an IANA name such as Europe/Berlin."
        ) from None


def encoding(text: str) -> str:
    try:
        "".encode(text)
    except (LookupError, UnicodeError):
        raise ArgumentTypeError(
            f"{text!r} is no encoding. Give one such as utf-8, windows-1252 or shift_jis."
        ) from None
    return text.lower()


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
        parser.add_argument(
            "--encoding",
            type=encoding,
            help="of the text (default: that of its byte order mark, else UTF-8; windows-1252 where no "
            "letter beyond ASCII is UTF-8)",
        )
        parser.add_argument(
            "--rejects",
            type=Path,
            help="where rows go that cannot be taken over (default: beside the log, as NAME.rejects.csv)",
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing; say what would be written")
        parser.add_argument(
            "--batch", type=positive, default=250, help="incidents in a transaction (default %(default)s)"
        )

    def handle(self, *, file: Path, time_zone: ZoneInfo, batch: int, dry_run: bool, **options: Any) -> None:
        begun, at = time.monotonic(), timekeeping.now()
        if options["rejects"] and options["rejects"].exists():
            self.stderr.write(f"{options['rejects']} is there already. Name another with --rejects.")
            sys.exit(NOT_READABLE)
        rejects = Rejects(options["rejects"]) if options["rejects"] else Rejects.beside(file)
        try:
            found = self._survey(file, options["encoding"])
            with LogFile(file, found.encoding) as log, self._bar(log, options["verbosity"]) as bar:
                taker = Rehearsal() if dry_run else Recording(zone=time_zone, at=at)
                run = Run(log, taker, batch, *self._voices(bar, log), rejects=None if dry_run else rejects)
                run.scattered, run.now = found.scattered, at.astimezone(time_zone).replace(tzinfo=None)
                status = self._run(run, bar)
                tally = run.tally
        except NotALog as error:
            self.stderr.write(str(error))
            sys.exit(NOT_READABLE)
        finally:
            rejects.close()
        if rejects.is_begun:
            self.stderr.write(f"Set aside with their reasons: {rejects.path}. Mend that file and import it.")
        self._sum_up(tally, time.monotonic() - begun, dry_run=dry_run)
        if status != COMPLETE:
            sys.exit(status)

    def _survey(self, file: Path, encoding: str | None) -> Survey:
        """A pipe can be read only once; then rows that stand apart are met too late."""
        if not file.is_file():
            return Survey(encoding=encoding or UTF_8)
        with LogFile(file, encoding or UTF_8) as log:
            found = survey(log)
        if encoding:
            return replace(found, encoding=encoding)
        if found.encoding not in {UTF_8, log.encoding}:
            self.stderr.write(
                f"This is no UTF-8; it is read as {found.encoding}. Another is named by --encoding."
            )
        return found

    def _voices(
        self, bar: "tqdm[NoReturn]", log: LogFile
    ) -> tuple[Callable[[int, str], None], Callable[[int], None]]:
        begun = time.monotonic()

        def complain(line: int, reason: str) -> None:
            with bar.external_write_mode():
                self.stderr.write(f"line {line}: {reason}")

        def progress(rows: int) -> None:
            reset_queries()  # with DEBUG on, Django would keep them all
            rate = rows / (time.monotonic() - begun)
            bar.set_description_str(f"{rows:,} rows, {rate:,.0f} rows/s", refresh=False)
            bar.update(log.position - bar.n)

        return complain, progress

    def _run(self, run: Run, bar: "tqdm[NoReturn]") -> int:
        tally, trouble = run.tally, ""
        try:
            run.go()
        except KeyboardInterrupt:
            bar.close()
            self.stderr.write("Interrupted. What was finished is kept; run the command again to go on.")
            return INTERRUPTED
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
        return COMPLETE if tally.is_complete and not trouble else LEFT_SOMETHING_OUT

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
        facts = {"brought up to date": tally.brought_up, "with more rows here": tally.differing}
        notes = ", ".join(f"{count:,} {words}" for words, count in facts.items() if count)
        differing = f" ({notes})" if notes else ""
        self.stdout.write(
            f"incidents {would}made:  {tally.incidents:,}\n"
            f"already there:   {tally.already_there:,}{differing}\n"
            f"entries {would}made:    {tally.entries:,}\n"
            f"bad rows:        {tally.bad:,}\n"
            f"set aside:       {tally.set_aside:,}\n"
            f"made with them:  {others or 'nothing'}\n"
            f"time:            {seconds:.1f} s, {tally.rows / max(seconds, 0.001):,.0f} rows/s\n"
            f"peak memory:     {peak_megabytes():.0f} MB"
        )
