"""Clocks become rows: after a verb, and recomputed from timeline, targets and calendars."""

from collections.abc import Iterable
from datetime import datetime

from incidents import timeline
from incidents.models import Clock, Incident
from incidents.models.sla import next_due_at
from incidents.sla import clocks as sla_clocks
from incidents.sla.policy import PolicyBook


class ClockRows:
    """The rows of one incident's clocks: to be made, or different from what is stored."""

    def __init__(
        self, incident: Incident, clocks: sla_clocks.Clocks, *, rows: Iterable[Clock], book: PolicyBook
    ) -> None:
        self._incident = incident
        stored = {row.metric: row for row in rows}
        self.made: list[Clock] = []
        self.changed: list[Clock] = []
        self._names: set[str] = set()
        for metric, clock in clocks.items():
            columns = clock.columns(book.calendars[clock.terms.calendar_id])
            row = stored.get(metric)
            if row is None:
                row = stored[metric] = Clock(incident=incident, metric=metric, **columns)
                self.made.append(row)
            elif differs := {name for name, value in columns.items() if getattr(row, name) != value}:
                for name in differs:
                    setattr(row, name, columns[name])
                self.changed.append(row)
                self._names |= differs
        self.rows = list(stored.values())

    @property
    def next_due_at(self) -> datetime | None:
        return next_due_at(self.rows)

    def save(self) -> None:
        """One insert and one update at most. The incident has its row by now."""
        if self.made:
            Clock.objects.bulk_create(self.made)
        names = sorted(self._names)
        if len(self.changed) == 1:  # as nearly always; building a statement for several rows costs much more
            row = self.changed[0]
            Clock.objects.filter(pk=row.pk).update(**{name: getattr(row, name) for name in names})
        elif self.changed:
            Clock.objects.bulk_update(self.changed, names)

    def settle(self) -> bool:
        """Save them outside of a verb, and what the incident's row says. True if anything differed."""
        self.save()
        moved = self._incident.next_due_at != self.next_due_at
        if moved:
            self._incident.next_due_at = self.next_due_at
            Incident.objects.filter(pk=self._incident.pk).update(next_due_at=self.next_due_at)
        return bool(self.made or self.changed or moved)


def rebuild(incident: Incident, book: PolicyBook) -> bool:
    """Make the clocks of one incident what its timeline says. True if a row had to change."""
    expected = sla_clocks.replay(timeline.steps(incident.entries.order_by("seq")), book)
    surplus, _ = incident.clocks.exclude(metric__in=expected).delete()
    rows = ClockRows(incident, expected, rows=incident.clocks.all(), book=book)
    return rows.settle() or bool(surplus)
