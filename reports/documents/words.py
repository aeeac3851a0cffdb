"""Numbers of a report as people read them."""

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from reports.metrics.definition import Unit

HOUR, DAY = 60, 24 * 60
NOTHING = "–"


def whole(number: float) -> str:
    return number_format(round(number), use_l10n=True, force_grouping=True)


def percent(share: float) -> str:
    return _("%s\u00a0%%") % number_format(round(share * 100, 1), decimal_pos=1, use_l10n=True)


def duration(minutes: float) -> str:
    """The two largest units, which is as exact as a percentile of waiting is."""
    total = round(minutes)
    if total < HOUR:
        return _("%d min") % total
    if total < DAY:
        return _("%(h)d h %(m)02d min") % {"h": total // HOUR, "m": total % HOUR}
    return _("%(d)d d %(h)d h") % {"d": total // DAY, "h": total % DAY // HOUR}


def quantity(value: float | None, unit: str) -> str:
    if value is None:
        return NOTHING
    if unit == Unit.MINUTES:
        return duration(value)
    return percent(value) if unit == Unit.SHARE else whole(value)


def waited(minutes: int | None, longest: int | None) -> str:
    """A percentile of waiting, or what is known of one that was not reached."""
    if minutes is not None:
        return duration(minutes)
    return NOTHING if longest is None else _("over %s") % duration(longest)


def value(measure: dict[str, Any]) -> str:
    if measure["unit"] == Unit.MINUTES:
        return waited(measure["now"], measure["longest"])
    return quantity(measure["now"], measure["unit"])


def signed(number: float, places: int = 0) -> str:
    text = number_format(round(abs(number), places), decimal_pos=places, use_l10n=True, force_grouping=True)
    if not round(number, places):
        return text
    return f"{'−' if number < 0 else '+'}{text}"


def percent_change(now: float, before: float) -> str:
    if now == before:
        return _("no change")
    return _("%s\u00a0%%") % signed((now - before) / before * 100) if before else _("none before")


def note(measure: dict[str, Any], *, knows_before: bool = True) -> str:
    """What belongs beside the number: its interval, and how many cases it is of."""
    if measure["unit"] == Unit.INCIDENTS:
        if not knows_before:
            return ""
        return _("before: %s") % quantity(measure["before"], measure["unit"])
    if not measure["n"]:
        return _("No case in this period")
    if measure["unit"] == Unit.SHARE:
        return _("%(part)s of %(n)s; 95 %% interval %(low)s to %(high)s") % {
            "part": whole(measure["part"]),
            "n": whole(measure["n"]),
            "low": percent(measure["low"]),
            "high": percent(measure["high"]),
        }
    waiting = _("%(waiting)s of %(n)s still waiting") % {
        "waiting": whole(measure["waiting"]),
        "n": whole(measure["n"]),
    }
    if measure["p90"] is None:
        return waiting
    return _("9 of 10 within %(p90)s; %(waiting)s") % {"p90": duration(measure["p90"]), "waiting": waiting}
