"""Charts as PNG, for mail. Pages draw their own SVG (`itsm.templatetags.charts`)."""

from collections.abc import Sequence
from io import BytesIO

#: The light theme of the desk; mail programs show pictures as they are.
INK, QUIET, LINE, PAPER = "#1c1d24", "#656a77", "#e7e7ec", "#ffffff"
OPENED, RESOLVED, BACKLOG, USUAL = "#4a49c9", "#c9c8f3", "#b86e00", "#ececf7"
WIDTH, HEIGHT, DPI = 5.36, 2.5, 200


def volume_png(
    labels: Sequence[str],
    opened: Sequence[int],
    resolved: Sequence[int],
    backlog: Sequence[int],
    words: tuple[str, str, str, str],
    *,
    usual: Sequence[tuple[float, float]] = (),
) -> bytes:
    """Opened and resolved as bars, what was open at each end as a line. Same numbers, same bytes.

    `usual`: for each label between what the opened lie by chance; drawn behind the bars.
    """
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
    marks, names = [came[0], went[0], there], list(words[:3])
    if usual:
        edges = [place + side for place in places for side in (-0.5, 0.5)]
        low, high = ([pair[i] for pair in usual for _side in range(2)] for i in (0, 1))
        marks.append(axes.fill_between(edges, low, high, color=USUAL, linewidth=0, zorder=0.5))
        names.append(words[3])
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
        marks,
        names,
        loc="outside upper left",
        ncols=4,
        frameon=False,
        fontsize=7.5,
        labelcolor=INK,
    )
    sheet = BytesIO()
    figure.savefig(sheet, format="png", metadata={"Software": None})
    return sheet.getvalue()
