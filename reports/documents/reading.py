"""A report's content made ready to be read, for page, mail and sheet alike."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from incidents.enums import Priority
from reports.documents import findings, words
from reports.metrics.definition import Unit

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tile:
    """One measure. `verdict` and `change` are against what is usual."""

    name: str
    label: str
    value: str
    #: What was to be expected, and its band; empty where that is not known.
    usual: str
    note: str
    change: str
    verdict: str
    verdict_text: str
    chance: str
    definition: str
    population: str
    trend: list[float | None]

    @property
    def is_compared(self) -> bool:
        return self.verdict in {"better", "worse", "normal"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list: a service, a category."""

    name: str
    now: int
    #: None where records do not cover the whole period before.
    before: int | None
    #: None in reports that knew the period before only.
    usual: float | None
    change: str
    verdict: str
    verdict_text: str


@dataclass(frozen=True, slots=True)
class PriorityRow:
    level: int
    label: str
    n: int
    waiting: int
    p50: str
    p90: str


class Reading:
    """Everything a template asks of a report, in the reader's language."""

    def __init__(self, content: Content) -> None:
        self.content = content
        before = self.knows_before
        self.tiles = [_tile(measure, knows_before=before) for measure in content["measures"]]
        self.services = _rows(content["services"], knows_before=before)
        self.categories = _rows(content["categories"], knows_before=before)
        self.priorities = [_priority(line) for line in content["priorities"]]

    @property
    def title(self) -> str:
        scope = self.content["scope"]
        about = " · ".join(filter(None, (scope["team"], scope["service"]))) or _("all incidents")
        return _("Trend report, %s") % about

    @property
    def counted(self) -> str:
        """What the numbers hold beside what everybody at the desk may read; of old reports it is unknown."""
        match self.content["scope"].get("confidential"):
            case True:
                return _("Confidential incidents are counted.")
            case False:
                return _("Confidential incidents are not counted.")
        return ""

    @property
    def days(self) -> str:
        return _days(self.content["period"])

    @property
    def days_before(self) -> str:
        """The days that it is compared with, or what is said where there are none."""
        usual = self.content.get("usual")
        if usual is None:
            return _days(self.content["before"])
        if usual["first"] is None:
            since = self.content.get("since")
            if since is None:
                return _("nothing yet: records are too young")
            begun = formats.date_format(date.fromisoformat(since), "j M Y")
            return _("nothing yet: records begin on %s") % begun
        days = days_of(date.fromisoformat(usual["first"]), date.fromisoformat(usual["last"]))
        return _("the usual of %s") % days

    @property
    def lacks_past(self) -> bool:
        """Records are too young to compare this period."""
        usual = self.content.get("usual")
        return usual is not None and usual["first"] is None

    @property
    def knows_before(self) -> bool:
        """Records cover the whole period before: else what was counted in it would mislead."""
        since = self.content.get("since")
        return since is None or bool(since <= self.content["before"]["first"])

    @property
    def zone(self) -> str:
        return str(self.content["zone"])

    @property
    def unfinished(self) -> bool:
        return bool(self.content["unfinished"])

    @property
    def headline(self) -> str:
        if self.is_empty and not self.changed:
            return _("No incident was opened, resolved or open in this period.")
        return findings.headline(self.content["measures"])

    @property
    def rate(self) -> str:
        return findings.rate(self.content)

    @property
    def is_compared(self) -> bool:
        return any(tile.is_compared for tile in self.tiles)

    @property
    def is_empty(self) -> bool:
        return not any(slot["opened"] or slot["resolved"] or slot["open"] for slot in self._period_slots())

    def _period_slots(self) -> list[Content]:
        first = self.content["period"]["first"]
        return [slot for slot in self.content["slots"] if slot["first"] >= first]

    @property
    def changed(self) -> list[Tile]:
        """What really changed, the worse first."""
        real = [tile for tile in self.tiles if tile.verdict in {"worse", "better"}]
        return sorted(real, key=lambda tile: tile.verdict, reverse=True)

    @property
    def slots(self) -> list[Content]:
        """By week or month: counts, and waiting in hours for the chart and in words for the table."""
        return [
            {
                **slot,
                "label": slot_label(slot["name"]),
                "half": words.waited(slot["p50"], None),
                "nine": words.waited(slot["p90"], None),
            }
            for slot in self.content["slots"]
        ]

    def series(self, name: str) -> list[float | None]:
        values = [slot[name] for slot in self.content["slots"]]
        if name in {"p50", "p90"}:
            return [None if minutes is None else round(minutes / words.HOUR, 1) for minutes in values]
        return values

    @property
    def labels(self) -> list[str]:
        return [slot_label(slot["name"]) for slot in self.content["slots"]]

    @property
    def opened(self) -> list[float | None]:
        return self.series("opened")

    @property
    def resolved(self) -> list[float | None]:
        return self.series("resolved")

    @property
    def backlog(self) -> list[float | None]:
        return self.series("open")

    @property
    def usual_low(self) -> list[float | None]:
        return [slot.get("usual_low") for slot in self.content["slots"]]

    @property
    def usual_high(self) -> list[float | None]:
        return [slot.get("usual_high") for slot in self.content["slots"]]

    @property
    def has_usual(self) -> bool:
        return any(edge is not None for edge in self.usual_high)

    @property
    def half(self) -> list[float | None]:
        return self.series("p50")

    @property
    def nine(self) -> list[float | None]:
        return self.series("p90")


def slot_label(name: str) -> str:
    """`2026-W47` to `W47`, `2026-11` to `Nov`."""
    if "-W" in name:
        return name.partition("-")[2]
    return formats.date_format(date.fromisoformat(f"{name}-01"), "M")


def days_of(first: date, last: date) -> str:
    return pgettext("first to last day", "%(first)s to %(last)s") % {
        "first": formats.date_format(first, "j M" if first.year == last.year else "j M Y"),
        "last": formats.date_format(last, "j M Y"),
    }


def _days(period: dict[str, str]) -> str:
    days = days_of(date.fromisoformat(period["first"]), date.fromisoformat(period["last"]))
    return days if ".." in period["name"] else f"{period['name']}, {days}"


def _tile(measure: Content, *, knows_before: bool) -> Tile:
    trend = measure["trend"]
    if measure["unit"] == Unit.SHARE:
        trend = [None if share is None else round(share * 100, 1) for share in trend]
    return Tile(
        name=measure["name"],
        label=measure["label"],
        value=words.value(measure),
        note=words.note(measure, knows_before=knows_before),
        usual=findings.usual(measure),
        change=findings.change(measure),
        verdict=measure["verdict"],
        verdict_text=findings.verdict(measure["verdict"], measure["name"]),
        chance=findings.chance(measure),
        definition=measure["definition"],
        population=measure["population"],
        trend=trend,
    )


def _rows(lines: list[Content], *, knows_before: bool) -> list[Row]:
    """Nothing of a desk that names none: one line "none" tells nobody anything."""
    if not any(line["name"] for line in lines):
        return []
    return [_row(line, knows_before=knows_before) for line in lines]


def _row(line: Content, *, knows_before: bool) -> Row:
    return Row(
        name=line["name"] or pgettext("no service or category", "none"),
        now=line["now"],
        before=line["before"] if knows_before else None,
        usual=line.get("usual"),
        change=findings.change({**line, "unit": Unit.INCIDENTS}),
        verdict=line["verdict"],
        verdict_text=findings.verdict(line["verdict"]),
    )


def _priority(line: Content) -> PriorityRow:
    return PriorityRow(
        level=line["priority"],
        label=str(Priority(line["priority"]).label),
        n=line["n"],
        waiting=line["waiting"],
        p50=words.waited(line["p50"], line["longest"]),
        p90=words.waited(line["p90"], line["longest"]),
    )
