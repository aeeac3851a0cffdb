"""How long it takes, with what is still waiting counted as waiting (Kaplan-Meier).

Leaving open incidents out makes a desk look the faster the more it leaves undone. Here each incident
counts for as long as it was watched: to its end, or to the end of the report. The share still waiting
after t is the product, over all earlier ends, of one minus the ends of that minute by those still
waiting then. A percentile is the first minute at which that share has fallen to it; if it never has,
only "more than the longest watched" is known, and said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import numpy as np
import numpy.typing as npt
from django.db.models import (
    Case,
    Count,
    DateTimeField,
    Expression,
    F,
    IntegerField,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)

from incidents.enums import State
from incidents.models import Incident
from reports.metrics.durations import resolved_filled
from reports.metrics.seconds import SecondsBetween, WholeMinutes
from reports.metrics.volume import within
from reports.periods import Period

Integers = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]

#: Rounding in the product must not decide whether a share of exactly a half is a half.
TOLERANCE = 1e-9
#: Two-sided 95 %.
Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class LifeTable:
    """By whole minutes of waiting, rising: how many ended then, and how many were watched no longer."""

    minutes: Integers
    ended: Integers
    left: Integers

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, int]]) -> "LifeTable":
        """Rows of (minutes, incidents that ended, all that were watched so long)."""
        table = np.array(rows, dtype=np.int64).reshape(-1, 3)
        return cls(table[:, 0], table[:, 1], table[:, 2])

    @classmethod
    def merged(cls, tables: Sequence["LifeTable"]) -> "LifeTable":
        """The table of several groups together."""
        if not tables:
            return EMPTY
        minutes, places = np.unique(np.concatenate([table.minutes for table in tables]), return_inverse=True)
        ended, left = np.zeros(len(minutes), dtype=np.int64), np.zeros(len(minutes), dtype=np.int64)
        np.add.at(ended, places, np.concatenate([table.ended for table in tables]))
        np.add.at(left, places, np.concatenate([table.left for table in tables]))
        return cls(minutes, ended, left)

    @property
    def n(self) -> int:
        return int(self.left.sum())

    @property
    def waiting(self) -> int:
        """Watched to the end of the report without an end."""
        return self.n - int(self.ended.sum())

    @property
    def longest(self) -> int | None:
        return int(self.minutes[-1]) if self.n else None

    def at_risk(self) -> Integers:
        risk: Integers = self.n - np.cumsum(self.left) + self.left
        return risk

    def surviving(self) -> Shares:
        """The share still waiting after each minute of the table."""
        shares: Shares = np.cumprod(1 - self.ended / self.at_risk(), dtype=np.float64)
        return shares

    def percentile(self, share: float) -> int | None:
        """The first minute by which that share has ended; None if it has not."""
        return self._first(self.surviving(), 1 - share)

    def interval(self, share: float) -> tuple[int | None, int | None]:
        """The 95 % interval of a percentile (Greenwood's variance on the log-log scale)."""
        surviving, risk = self.surviving(), self.at_risk()
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = np.sqrt(np.cumsum(self.ended / (risk * (risk - self.ended)))) / np.abs(np.log(surviving))
            low, high = (surviving ** np.exp(sign * Z * spread) for sign in (1, -1))
        low, high = (np.where(np.isfinite(edge), edge, surviving) for edge in (low, high))
        return self._first(low, 1 - share), self._first(high, 1 - share)

    def _first(self, shares: Shares, threshold: float) -> int | None:
        (below,) = np.nonzero(shares <= threshold + TOLERANCE)
        return int(self.minutes[below[0]]) if below.size else None


EMPTY = LifeTable.of([])


def waited_to_resolve(
    population: QuerySet[Incident], *, until: datetime, by: Expression | None = None
) -> dict[object, LifeTable]:
    """The life table of each group of `by` (of all under the key None), as known at `until`."""
    return _life_tables(population.annotate(came=resolved_filled()), until=until, by=by)


def waited_to_acknowledge(
    population: QuerySet[Incident], *, until: datetime, by: Expression | None = None
) -> dict[object, LifeTable]:
    return _life_tables(population.annotate(came=F("acknowledged_at")), until=until, by=by)


def opened_within(periods: Sequence[Period]) -> Case:
    """The place of the period an incident was opened in; NULL if in none. The first wins."""
    whens = [When(within("opened_at", period), then=Value(i)) for i, period in enumerate(periods)]
    return Case(*whens, output_field=IntegerField())


def _life_tables(
    population: QuerySet[Incident], *, until: datetime, by: Expression | None
) -> dict[object, LifeTable]:
    seen = Q(came__lt=until)
    stop = Case(When(seen, then=F("came")), default=Value(until), output_field=DateTimeField())
    ended = Case(When(seen, then=Value(1)), default=Value(0), output_field=IntegerField())
    part = Value(0, IntegerField()) if by is None else by
    rows = (
        population.order_by()
        .filter(opened_at__lt=until)
        .exclude(state=State.CANCELLED)
        .annotate(part=part, minutes=WholeMinutes(SecondsBetween(F("opened_at"), stop)))
        .values_list("part", "minutes")
        .annotate(ended=Sum(ended), watched=Count("pk"))
        .order_by("part", "minutes")
    )
    tables = {
        key: LifeTable.of([row[1:] for row in lines]) for key, lines in groupby(rows, key=lambda row: row[0])
    }
    return tables if by is not None else {None: tables.get(0, EMPTY)}
