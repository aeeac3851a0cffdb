"""The command as a test runs it, and what is there afterwards."""

from io import StringIO

from django.core.management import call_command
from django.db.models import Prefetch

from incidents.models import Incident, Profile, TimelineEntry
from incidents.sla.policy import load_policy_book
from itsm import ledger


class Said:
    """What the command wrote, and how it ended."""

    def __init__(self, *arguments: object) -> None:
        out, err = StringIO(), StringIO()
        self.status: object = 0
        try:
            call_command("import_eventlog", *map(str, arguments), stdout=out, stderr=err, verbosity=0)
        except SystemExit as exit_:
            self.status = exit_.code
        self.out, self.err = out.getvalue(), err.getvalue()
        self.told = {
            key.strip(): value.strip()
            for key, _, value in (text.partition(":") for text in self.out.splitlines())
        }


def counts() -> tuple[int, int, int]:
    return Incident.objects.count(), TimelineEntry.objects.count(), Profile.objects.count()


def assert_ledger_holds() -> None:
    """Version, chain, fold and clocks of every incident."""
    book = load_policy_book()
    entries = Prefetch("entries", TimelineEntry.objects.order_by("seq"))
    for incident in Incident.objects.prefetch_related(entries, "clocks"):
        assert list(ledger.incident_faults(incident, book)) == []
