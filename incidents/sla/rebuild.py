"""Recompute stored clocks from timeline, targets and calendars."""

from collections.abc import Iterable

from incidents import timeline
from incidents.models import Clock, Incident
from incidents.sla import clocks as sla_clocks
from incidents.sla.policy import PolicyBook


def store(clocks: sla_clocks.Clocks, *, incident: Incident, rows: Iterable[Clock], book: PolicyBook) -> bool:
    """Write those of `clocks` that differ from their `rows`: one insert, one update at most.

    True if anything was written.
    """
    stored = {row.metric: row for row in rows}
    made, changed, names = [], [], set[str]()
    for metric, clock in clocks.items():
        columns = clock.columns(book.calendars[clock.terms.calendar_id])
        row = stored.get(metric)
        if row is None:
            made.append(Clock(incident=incident, metric=metric, **columns))
        elif differs := {name for name, value in columns.items() if getattr(row, name) != value}:
            for name in differs:
                setattr(row, name, columns[name])
            changed.append(row)
            names |= differs
    if made:
        Clock.objects.bulk_create(made)
    if len(changed) == 1:  # as nearly always; building a statement for several rows costs much more
        row = changed[0]
        Clock.objects.filter(pk=row.pk).update(**{name: getattr(row, name) for name in sorted(names)})
    elif changed:
        Clock.objects.bulk_update(changed, sorted(names))
    return bool(made or changed)


def rebuild(incident: Incident, book: PolicyBook) -> bool:
    """Make the clocks of one incident what its timeline says. True if a row had to change."""
    expected = sla_clocks.replay(timeline.steps(incident.entries.order_by("seq")), book)
    surplus, _ = incident.clocks.exclude(metric__in=expected).delete()
    rows = incident.clocks.all()
    return store(expected, incident=incident, rows=rows, book=book) or bool(surplus)
