"""Charts as PNG, for mail. Pages draw their own SVG (`itsm.templatetags.charts`)."""

from collections.abc import Sequence
from io import BytesIO

#: The light theme of the desk; mail programs show pictures as they are.
INK, QUIET, LINE, PAPER = "#1c1d24", "#656a77", "#e7e7ec", "#ffffff"
OPENED, RESOLVED, BACKLOG = "#4a49c9", "#c9c8f3", "#b86e00"
WIDTH, HEIGHT, DPI = 5.36, 2.5, 200


def volume_png(
    labels: Sequence[str],
    opened: Sequence[int],
    resolved: Sequence[int],
    backlog: Sequence[int],
    words: tuple[str, str, str],
) -> bytes:
    """Opened and resolved as bars, what was open at each end as a line. Same numbers, same bytes."""
    # A third of the start of every process, most of which never draw.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 -- slow import
    from matplotlib.figure import Figure  # noqa: PLC0415 -- slow import

    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor=PAPER, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    places = range(len(labels))
    came = axes.bar([place - 0.2 for place in places], opened, 0.36, color=OPENED)
    went = axes.bar([place + 0.2 for place in places], resolved, 0.36, color=RESOLVED)
    there = axes.plot(places, backlog, color=BACKLOG, marker="o", markersize=3, linewidth=1.4)[0]
    axes.set_xticks(list(places), labels, fontsize=7, color=QUIET)
    axes.tick_params(axis="y", labelsize=7, labelcolor=QUIET, length=0)
    axes.tick_params(axis="x", length=0)
    axes.locator_params(axis="y", nbins=5, integer=True)
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
    figure.legend(
        [came[0], went[0], there],
        words,
        loc="outside upper left",
        ncols=3,
        frameon=False,
        fontsize=7.5,
        labelcolor=INK,
    )
    sheet = BytesIO()
    figure.savefig(sheet, format="png", metadata={"Software": None})
    return sheet.getvalue()
