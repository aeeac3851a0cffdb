"""Priority and state as small marks. The word carries the meaning; mark and colour repeat it."""

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

SQUARE = mark_safe(
    '<path d="M3 1h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2V3a2 2 0 0 1 2-2z"/>'
    '<path class="cut" d="M7 4h2v5H7zM7 10.5h2v2H7z"/>'
)
RING = '<circle class="ring" cx="8" cy="8" r="6"/>'
DISC = '<circle cx="8" cy="8" r="7"/>'
TICK = '<path class="tick" d="M5 8.2l2.1 2.1L11.2 6"/>'
PAUSE = '<path d="M5.8 5.5h1.5v5H5.8zM8.7 5.5h1.5v5H8.7z"/>'
CROSS = '<path class="tick" d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8"/>'
#: By the name of the look, which the style sheet colours as `s-<name>`.
MARKS = {
    look: mark_safe(drawing)  # noqa: S308 -- drawings of this file
    for look, drawing in {
        "new": '<circle class="ring dash" cx="8" cy="8" r="6"/>',
        "in-progress": RING + '<path d="M8 4.5a3.5 3.5 0 0 1 0 7z"/>',
        "on-hold": RING + PAUSE,
        "resolved": DISC + TICK,
        "closed": DISC + TICK,
        "cancelled": DISC + CROSS,
    }.items()
}


def signal(level: int, label: str | Promise, *, lit: int | None) -> SafeString:
    """So many lit bars of three; None is the filled square of the most urgent."""
    mark = SQUARE if lit is None else _bars(lit)
    return format_html(
        '<span class="prio p{}"><svg class="mark" viewBox="0 0 16 16" aria-hidden="true">{}</svg>{}</span>',
        level,
        mark,
        label,
    )


def _bars(lit: int) -> SafeString:
    drawn = (("" if bar < lit else "dim", 1.5 + 5 * bar, 10 - 4 * bar, 4 + 4 * bar) for bar in range(3))
    return format_html_join("", '<rect class="{}" x="{}" y="{}" width="3" height="{}" rx="1"/>', drawn)


def state_mark(
    look: str, label: str | Promise, *, title: str | Promise, more: str | Promise = ""
) -> SafeString:
    """One of MARKS with its word, and a second word behind a dot."""
    return format_html(
        '<span class="state s-{}" title="{}">'
        '<svg class="mark" viewBox="0 0 16 16" aria-hidden="true">{}</svg>{}{}</span>',
        look,
        title,
        MARKS[look],
        label,
        format_html(" · {}", more) if more else "",
    )
