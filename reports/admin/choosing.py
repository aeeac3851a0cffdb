"""What the trends page can be asked for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.models import Service, Team
from reports import periods
from reports.metrics.scope import Scope
from reports.periods import Period, is_comparable, known_past

CUSTOM = "days"
#: What the page opens on, unless somebody chose: the longest of these that can be compared.
OPENS_ON = ("13w", "4w", "1w")
#: Where nothing can be compared yet: it shows nearly all there is.
YOUNG = "4w"
PERIODS = (
    ("13w", _("13 weeks")),
    ("4w", _("4 weeks")),
    ("1w", _("Last week")),
    ("1m", _("Last month")),
    ("12m", _("12 months")),
    (CUSTOM, _("From day to day")),
)


@dataclass(frozen=True, slots=True)
class Choice:
    name: str

    @property
    def label(self) -> str:
        return str(dict(PERIODS)[self.name])


def whole(name: str, zone: ZoneInfo, at: datetime) -> Period:
    """`4w`: the four weeks before the one of `at`; `1m`: the month before the one of `at`."""
    today, count = at.astimezone(zone).date(), int(name[:-1])
    part = periods.month_of(today, zone) if name.endswith("m") else periods.week_of(today, zone)
    run = periods.run_up(periods.previous(part), count)
    return run[0] if len(run) == 1 else periods.span(run[0].first, run[-1].after, zone)


class ZoneField(forms.CharField):
    """An IANA name."""

    def clean(self, value: object) -> ZoneInfo:
        name = super().clean(value)
        if name not in available_timezones():
            raise forms.ValidationError(
                _("%(name)s is no time zone. Write one such as Europe/Berlin or UTC."), params={"name": name}
            )
        return ZoneInfo(name)


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ChoosingForm(forms.Form):
    """Period, zone and scope. Reads GET of the page and POST of its button alike."""

    period = forms.ChoiceField(label=_("Period"), choices=PERIODS)
    first = forms.DateField(label=_("From"), required=False, widget=DayInput)
    last = forms.DateField(label=_("To"), required=False, widget=DayInput)
    team = forms.ModelChoiceField(
        Team.objects.order_by("name", "pk"), label=_("Team"), required=False, empty_label=_("All teams")
    )
    service = forms.ModelChoiceField(
        Service.objects.order_by("name", "pk"),
        label=_("Service"),
        required=False,
        empty_label=_("All services"),
    )
    zone = ZoneField(
        label=_("Time zone"),
        widget=forms.TextInput(attrs={"size": 16, "autocomplete": "off", "list": "zones"}),
    )

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if data.get("period") != CUSTOM or self.errors:
            return data
        first, last = data.get("first"), data.get("last")
        if first is None or last is None:
            self.add_error("first" if first is None else "last", _("Give the first and the last day."))
        elif last < first:
            self.add_error("last", _("The last day lies before the first. Swap them."))
        elif first < periods.EARLIEST or last > periods.LATEST:
            self.add_error(
                "first" if first < periods.EARLIEST else "last", _("Choose days from 1980 to 2199.")
            )
        elif last - first > periods.LONGEST:
            self.add_error("last", _("This is more than three years. Choose fewer days."))
        return data

    def chosen(self, at: datetime) -> Period:
        """Whole weeks and months are those before the one of `at`."""
        zone, name = self.cleaned_data["zone"], self.cleaned_data["period"]
        if name == CUSTOM:
            after = self.cleaned_data["last"] + timedelta(days=1)
            return periods.span(self.cleaned_data["first"], after, zone)
        return whole(name, zone, at)

    def comparable(self, scope: Scope, at: datetime) -> Choice | None:
        """The longest period that the records allow to compare; None: not even a week."""
        zone, since = self.cleaned_data["zone"], scope.first_opened()
        for name in OPENS_ON:
            if is_comparable(known_past(whole(name, zone, at), since)):
                return Choice(name)
        return None

    def scope(self) -> Scope:
        return Scope(self.cleaned_data["team"], self.cleaned_data["service"])
