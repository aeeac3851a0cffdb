"""What a comparison came to, in words: the verdict, by how much, against what, and how sure."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.documents.words import NOTHING, percent, percent_change, quantity, signed, whole
from reports.metrics.backlog import UNRESOLVED
from reports.metrics.definition import Unit

Line = dict[str, Any]
REAL = frozenset({"better", "worse"})
#: Above this a rise is told in times, not in percent.
MANYFOLD = 10


def change(measure: Line) -> str:
    """By how much: of counts in percent of the usual, of shares in points, of waiting in pace."""
    if "usual" not in measure:
        return _against_before(measure)
    if measure["drift"] is not None:
        by = _("%s\u00a0%% a month") if measure.get("by") == "month" else _("%s\u00a0%% a week")
        return by % signed(measure["drift"] * 100, 1)
    more = measure["amount"]
    if more is None:
        return NOTHING
    if measure["unit"] == Unit.SHARE:
        return _("%s\u00a0points") % signed(more * 100, 1)
    if measure["unit"] == Unit.MINUTES:
        return _pace(more)
    return _relative(more) if round(measure["usual"]) else _("usually none")


def usual(measure: Line) -> str:
    """What was to be expected, and between what it lies when nothing happens; empty if that is not known."""
    if measure.get("p") is None or "usual" not in measure:
        return ""
    if measure["unit"] == Unit.MINUTES:
        return _("usual: %(usual)s; %(ended)s ended, usual in this time: %(low)s to %(high)s") % {
            "usual": quantity(measure["usual"], measure["unit"]),
            "ended": whole(measure["ended"]),
            "low": whole(measure["ended_low"]),
            "high": whole(measure["ended_high"]),
        }
    return _("usual: %(usual)s (%(low)s to %(high)s)") % {
        "usual": quantity(measure["usual"], measure["unit"]),
        "low": quantity(measure["usual_low"], measure["unit"]),
        "high": quantity(measure["usual_high"], measure["unit"]),
    }


def _relative(more: float) -> str:
    if more > MANYFOLD:
        return _("%s times the usual") % whole(more + 1)
    return _("%s\u00a0%%") % signed(more * 100) if round(more * 100) else _("no change")


def _pace(more: float) -> str:
    """`more`: how many more or fewer ended than at the usual pace."""
    if not round(more * 100):
        return _("usual pace")
    return (_("%s\u00a0%% faster") if more > 0 else _("%s\u00a0%% slower")) % whole(abs(more) * 100)


def _against_before(measure: Line) -> str:
    """Of a report made before 2026-11-27, which knew the period before only."""
    now, before = measure["now"], measure["before"]
    if now is None or before is None:
        return NOTHING
    if measure["unit"] == Unit.SHARE:
        return _("%s\u00a0points") % signed((now - before) * 100, 1)
    return percent_change(now, before)


def verdict(name: str, measure: str = "") -> str:
    if measure == UNRESOLVED.name and name in REAL:
        return _("Growing, a real change") if name == "worse" else _("Shrinking, a real change")
    return {
        "better": _("Real change, better"),
        "worse": _("Real change, worse"),
        "normal": _("Within normal variation"),
        "too_few": _("Too few to tell"),
        "no_past": _("Nothing to compare with yet"),
    }[name]


def chance(measure: Line) -> str:
    """How often chance alone would do it."""
    p = measure["p"]
    if measure["verdict"] == "no_past":
        return _("Records do not reach back over the periods that a comparison needs.")
    if p is None:
        return _("With so few cases no difference would show.")
    if p < 1 / 1000:
        return _("A difference this size comes by chance in fewer than 1 of 1,000 comparable periods.")
    if p > 1 / 2:
        return _("A difference this size comes by chance in more than every other comparable period.")
    return _("A difference this size comes by chance in about 1 of %s comparable periods.") % whole(1 / p)


def rate(content: Line) -> str:
    """How sure what is called real is."""
    if "rate" not in content:
        return _(
            "A change is called real if chance alone would bring it in fewer than 1 of 100 comparable "
            "periods."
        )
    return _(
        "A change is called real if chance alone would bring it in fewer than 1 of %(single)s comparable "
        "periods. So at most %(rate)s of the reports on a desk where nothing changes name any change."
    ) % {"single": whole(1 / content["alpha"]), "rate": percent(content["rate"])}


def told(measure: Line) -> str:
    """A finding for the headline: what, and by how much."""
    if measure["unit"] == Unit.MINUTES or measure.get("drift") is not None:
        return _("%(label)s %(change)s") % {"label": measure["label"], "change": change(measure)}
    return _("%(label)s %(change)s, %(now)s instead of %(usual)s") % {
        "label": measure["label"],
        "change": change(measure),
        "now": quantity(measure["now"], measure["unit"]),
        "usual": quantity(measure.get("usual", measure["before"]), measure["unit"]),
    }


def headline(measures: Sequence[Line]) -> str:
    """For somebody who reads nothing else: each change with its amount, and what could not be compared."""
    open_ends = sum(line["p"] is None for line in measures)
    if open_ends == len(measures):
        return f"{_('Nothing could be compared.')} {_why_not(measures)}"
    worse, better = ([line for line in measures if line["verdict"] == name] for name in ("worse", "better"))
    parts = []
    if worse:
        parts.append(_("Worse: %s.") % "; ".join(told(line) for line in worse))
    if better:
        parts.append(_("Better: %s.") % "; ".join(told(line) for line in better))
    if len(worse) + len(better) + open_ends < len(measures):
        parts.append(_("The rest is within normal variation.") if parts else _nothing(open_ends))
    if open_ends:
        left_out = ngettext(
            "%d number could not be compared.", "%d numbers could not be compared.", open_ends
        )
        parts.append(left_out % open_ends)
    return " ".join(parts)


def _nothing(open_ends: int) -> str:
    if open_ends:
        return _("Nothing really changed: all that could be compared is within normal variation.")
    return _("Nothing really changed: all is within normal variation.")


def _why_not(measures: Sequence[Line]) -> str:
    if any(line["verdict"] == "no_past" for line in measures):
        return _("Records do not reach back far enough: at least four periods before this one are needed.")
    return _("There are too few cases to tell a change from chance.")
