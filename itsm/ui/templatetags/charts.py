"""Charts drawn on the server.

Each chart with words in it comes twice, wide and narrow, and the style sheet shows one:
shrinking the wide one would make its words too small to read on a telephone.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django import template
from django.utils import dateformat
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from itsm.ui.drawing import Frame, Value, axis, bars, foot, joined, line, path, room_for, sheet, steps, top_of

register = template.Library()

CROWDED = 16  # below: no dots


@register.simple_tag
def bars_chart(  # noqa: PLR0917 -- what a template hands over
    labels: Sequence[object],
    opened: Sequence[Value],
    resolved: Sequence[Value],
    backlog: Sequence[Value] = (),
    label: str = "",
    unfinished: int = 1,
    low_usual: Sequence[Value] = (),
    high_usual: Sequence[Value] = (),
) -> SafeString:
    """Opened and resolved side by side, the backlog as a line; an unfinished last period is pale.

    Behind them the band between what is usual for the opened.
    """
    high = top_of(opened, resolved, backlog, high_usual)
    name = label or _("Opened, resolved and backlog by period; the numbers are in the table.")

    def drawn(frame: Frame, css: str) -> SafeString:
        width = min(10.0, frame.slot * 0.36)
        return sheet(
            frame,
            css,
            name,
            [
                axis(frame),
                steps(frame, low_usual, high_usual),
                bars(frame, opened, "opened", offset=-width - 0.5, width=width, unfinished=bool(unfinished)),
                bars(frame, resolved, "resolved", offset=0.5, width=width, unfinished=bool(unfinished)),
                foot(frame, labels, room_for(labels)),
                line(frame, backlog, "backlog", dots=frame.slot > CROWDED),
            ],
        )

    slots = len(labels)
    return joined(
        [
            drawn(Frame(760, 240, slots, high), "wide-chart"),
            drawn(Frame(340, 220, slots, high), "narrow-chart"),
        ]
    )


@register.simple_tag
def lines_chart(
    labels: Sequence[object],
    p50: Sequence[Value],
    p90: Sequence[Value],
    label: str = "",
) -> SafeString:
    """The median and the ninth decile with the band between them. Gaps (None) are left out."""
    high = top_of(p50, p90)
    name = label or _("Half and nine of ten done within; the numbers are in the table.")

    def drawn(frame: Frame, css: str) -> SafeString:
        lower, upper = frame.points(p50), frame.points(p90)
        parts = [axis(frame)]
        both = [index for index in range(len(p50)) if p50[index] is not None and p90[index] is not None]
        if both:
            over, under = frame.places(p90, both), frame.places(p50, reversed(both))
            parts.append(format_html('<path class="band" d="{} L{} Z"/>', path(over), path(under)[1:]))
        words = {"p50": _("half done within"), "p90": _("9 of 10 done within")}
        for kind, values, points in (("p90", p90, upper), ("p50", p50, lower)):
            parts.append(line(frame, values, kind))
            if points:
                y = max(points[-1][1] - 8, frame.top + 2)
                parts.append(
                    format_html(
                        '<text class="direct {}" x="{}" y="{}">{}</text>',
                        kind,
                        frame.width - 4,
                        y,
                        words[kind],
                    )
                )
        parts.append(foot(frame, labels, room_for(labels)))
        return sheet(frame, css, name, parts)

    slots = len(labels)
    return joined(
        [
            drawn(Frame(760, 200, slots, high), "wide-chart"),
            drawn(Frame(340, 200, slots, high), "narrow-chart"),
        ]
    )


@register.simple_tag
def small_chart(values: Sequence[Value], high: float = 0, label: str = "", css: str = "") -> SafeString:
    """One of several bars side by side; give all of them the same `high`."""
    frame = Frame(240, 72, len(values), high or top_of(values), left=0, bottom=0, top=4)
    name = label or _("%(n)d values, the last is %(last)s") % {
        "n": len(values),
        "last": values[-1] if values else "–",
    }
    width = max(frame.slot - 3, 1)
    return sheet(
        frame,
        f"small {css}",
        name,
        [bars(frame, values, "", offset=-width / 2, width=width, unfinished=True)],
    )


@register.simple_tag
def sparkline(
    values: Sequence[Value], label: str = "", width: int = 96, height: int = 28, css: str = ""
) -> SafeString | str:
    """A line without axes. Nothing to draw of fewer than two values."""
    known = [value for value in values if value is not None]
    if len(known) <= 1:
        return ""
    low, span = min(known), (max(known) - min(known)) or 1
    step = (width - 6) / (len(known) - 1)
    points = [
        (round(3 + index * step, 1), round(height - 3 - (value - low) / span * (height - 6), 1))
        for index, value in enumerate(known)
    ]
    name = label or _("Last %(n)d values, from %(first)s to %(last)s") % {
        "n": len(known),
        "first": known[0],
        "last": known[-1],
    }
    return format_html(
        '<svg class="spark {}" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<path class="area" d="{} L{} {} L{} {} Z"/>'
        '<path class="line" d="{}"/><circle class="dot" cx="{}" cy="{}" r="2.5"/></svg>',
        css, width, height, name, path(points), points[-1][0], height, points[0][0], height,
        path(points), points[-1][0], points[-1][1],
    )  # fmt: skip


# How much is cut off the top of a day's bar: height says it as well as colour.
CUT = {"ok": 0, "maintenance": 6, "degraded": 10, "partial": 6, "outage": 0}


@register.simple_tag
def history(days: Mapping[date, str], label: str, until: date, length: int = 90) -> SafeString:
    """One bar a day up to `until`; `days` names the kind of those that were not ok."""
    names = {
        "ok": _("no problem"),
        "degraded": _("degraded"),
        "partial": _("partly down"),
        "outage": _("down"),
        "maintenance": _("maintenance"),
    }
    shown = [until - timedelta(days=length - 1 - index) for index in range(length)]
    kinds = [days.get(day, "ok") for day in shown]
    bars_drawn = format_html_join(
        "",
        '<rect class="{}" x="{}" y="0" width="6" height="28" rx="1.5"><title>{}: {}</title></rect>',
        (
            (kind, index * 8, dateformat.format(day, "j M"), names[kind])
            for index, (day, kind) in enumerate(zip(shown, kinds, strict=True))
        ),
    )
    caps = format_html_join(
        "",
        '<rect class="cap" x="{}" y="0" width="6" height="{}"/>',
        ((index * 8, CUT[kind]) for index, kind in enumerate(kinds) if CUT[kind]),
    )
    return format_html(
        '<svg class="history" viewBox="0 0 {} 28" preserveAspectRatio="none" role="img" aria-label="{}">'
        "{}{}</svg>",
        length * 8 - 2,
        label,
        bars_drawn,
        caps,
    )
