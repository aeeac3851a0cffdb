"""The parts of a chart as SVG: classes only, so that a strict policy and both themes hold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, log10
from typing import TypeAlias

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

LOWEST_TOP = 4  # four grid lines want four whole numbers
THIN = 5  # below: no round corners

Value: TypeAlias = float | int | None
Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """The sheet of one chart and where a value stands on it."""

    width: int
    height: int
    slots: int
    high: float
    left: int = 40
    bottom: int = 24
    top: int = 10

    @property
    def plot(self) -> float:
        return self.height - self.bottom - self.top

    @property
    def slot(self) -> float:
        return (self.width - self.left) / max(self.slots, 1)

    def x(self, index: int) -> float:
        return round(self.left + index * self.slot + self.slot / 2, 1)

    def y(self, value: float) -> float:
        return round(self.top + self.plot * (1 - value / self.high), 1)

    def places(self, values: Sequence[Value], indexes: Iterable[int]) -> list[Point]:
        return [(self.x(index), self.y(values[index] or 0)) for index in indexes]

    def points(self, values: Sequence[Value]) -> list[Point]:
        return [(self.x(index), self.y(value)) for index, value in enumerate(values) if value is not None]


def round_up(value: float) -> float:
    """The next of 1, 2, 4, 6, 8, 10 x a power of ten: an axis that ends on a whole number."""
    if value <= LOWEST_TOP:
        return LOWEST_TOP
    power: int = 10 ** int(log10(value))
    for step in (1, 2, 4, 6, 8, 10):
        if value <= step * power:
            return step * power
    return float(ceil(value))


def top_of(*series: Sequence[Value]) -> float:
    return round_up(max((value for values in series for value in values if value is not None), default=0))


def path(points: Iterable[Point]) -> str:
    return "M" + " L".join(f"{x} {y}" for x, y in points)


def joined(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.1f}"


def axis(frame: Frame, ticks: int = 4) -> SafeString:
    rows = ((frame.left, frame.width, frame.high * step / ticks) for step in range(ticks + 1))
    return format_html_join(
        "",
        '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="tick" x="{}" y="{}">{}</text>',
        (
            (left, width, frame.y(value), frame.y(value), left - 8, frame.y(value) + 4, number(value))
            for left, width, value in rows
        ),
    )


def foot(frame: Frame, labels: Sequence[object], room: int) -> SafeString:
    """As many labels as fit, counted back from the last, which is the one people look for."""
    each = max(1, ceil(len(labels) * room / (frame.width - frame.left)))
    shown = ((index, label) for index, label in enumerate(labels) if (len(labels) - 1 - index) % each == 0)
    return format_html_join(
        "",
        '<text class="tick mid" x="{}" y="{}">{}</text>',
        ((frame.x(index), frame.height - 6, label) for index, label in shown),
    )


def sheet(frame: Frame, css: str, label: str, parts: Iterable[SafeString]) -> SafeString:
    return format_html(
        '<svg class="chart {}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        css,
        frame.width,
        frame.height,
        label,
        joined(parts),
    )


def room_for(labels: Sequence[object]) -> int:
    return 14 + 7 * max((len(str(label)) for label in labels), default=1)


def bars(
    frame: Frame, values: Sequence[Value], css: str, *, offset: float, width: float, unfinished: bool
) -> SafeString:
    last = len(values) - 1
    return format_html_join(
        "",
        '<rect class="bar {}{}" x="{}" y="{}" width="{}" height="{}" rx="{}"/>',
        (
            (
                css,
                " part" if unfinished and index == last else "",
                round(frame.x(index) + offset, 1),
                frame.y(value),
                round(width, 1),
                round(frame.y(0) - frame.y(value), 1),
                2 if width > THIN else 0,
            )
            for index, value in enumerate(values)
            if value is not None
        ),
    )


def line(frame: Frame, values: Sequence[Value], css: str, *, dots: bool = False) -> SafeString:
    points = frame.points(values)
    if not points:
        return SafeString("")
    marks = format_html_join(
        "", '<circle class="dot {}" cx="{}" cy="{}" r="2.5"/>', ((css, x, y) for x, y in points)
    )
    return format_html('<path class="line {}" d="{}"/>{}', css, path(points), marks if dots else "")


def steps(frame: Frame, low: Sequence[Value], high: Sequence[Value]) -> SafeString:
    """A band with a step a slot; nothing where an edge is not known."""
    if not low or None in {*low, *high}:
        return SafeString("")
    half = frame.slot / 2

    def edge(values: Sequence[Value]) -> list[Point]:
        middles = frame.points(values)
        return [(round(x + side, 1), y) for x, y in middles for side in (-half, half)]

    return format_html('<path class="usual" d="{} L{} Z"/>', path(edge(high)), path(edge(low)[::-1])[1:])
