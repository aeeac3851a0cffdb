"""What an empty desk needs before it can work, and how far that is. Asked of the database each time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from incidents import rights
from incidents.models import Calendar, CalendarHours, Desk, Service, Source, Target, Team
from itsm.desk.mail_test import last_test
from itsm.ui.texts import StrOrPromise

RIGHT = "incidents.change_desk"
WHOLE_DAY = [["00:00", "24:00"]]
MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class Step:
    """`stands` says how it is now; `url` leads to where it is done, under the words of `act`."""

    key: str
    name: StrOrPromise
    why: StrOrPromise
    is_done: bool
    stands: StrOrPromise
    act: StrOrPromise
    url: str


def first_steps(user: User, *, today: date) -> list[Step]:
    """In the order in which one needs the other."""
    return [
        _team(),
        _service(),
        _calendar(),
        _targets(today),
        _default_team(),
        _mail(user),
        _source(),
        _people(),
    ]


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    more = [_("and %(n)d more") % {"n": len(found) - MOST_NAMES}] if len(found) > MOST_NAMES else []
    return ", ".join(found[:MOST_NAMES] + more)


def _team() -> Step:
    staffed = list(Team.objects.staffed().order_by("name").values_list("name", flat=True))
    active = Team.objects.filter(is_active=True).exclude(pk__in=Team.objects.staffed().values("pk"))
    unheard = list(active.order_by("name").values_list("name", flat=True))
    if unheard:
        stands = _("Nobody can be reached in: %(teams)s.") % {"teams": _listed(unheard)}
    else:
        stands = _listed(staffed) or _("There is no team yet.")
    return Step(
        "team",
        _("A team and its people"),
        _("Incidents are given to teams. A team needs somebody who is active and has an e-mail address."),
        bool(staffed) and not unheard,
        stands,
        _("Look at the teams") if staffed or unheard else _("Add a team"),
        reverse("admin:incidents_team_changelist" if staffed or unheard else "admin:incidents_team_add"),
    )


def _service() -> Step:
    names = list(Service.objects.filter(is_active=True).order_by("name").values_list("name", flat=True))
    return Step(
        "service",
        _("A service"),
        _("What people report is an outage of something they use. Its team gets the report."),
        bool(names),
        _listed(names) or _("There is no service yet."),
        _("Look at the services") if names else _("Add a service"),
        reverse("admin:incidents_service_changelist" if names else "admin:incidents_service_add"),
    )


def _calendar() -> Step:
    """Round the clock is delivered, so working hours are what is asked for."""
    names = {
        hours.calendar.name
        for hours in CalendarHours.objects.select_related("calendar").order_by("pk")
        if any(spans != WHOLE_DAY for spans in hours.week.values()) or len(hours.week) < 7
    }
    return Step(
        "calendar",
        _("Working hours"),
        _("Clocks count only while their calendar is open, without its holidays. Round the clock is there."),
        bool(names),
        _listed(sorted(names)) or _("Every calendar is open day and night."),
        _("Look at the calendars") if names else _("Add a calendar"),
        reverse("admin:incidents_calendar_changelist" if names else "admin:incidents_calendar_add"),
    )


def _targets(today: date) -> Step:
    in_force = Target.objects.filter(valid_from__lte=today).filter(
        Q(valid_until=None) | Q(valid_until__gte=today)
    )
    metrics = set(in_force.values_list("metric", flat=True))
    calendars = Calendar.objects.filter(pk__in=in_force.values("calendar")).order_by("name")
    return Step(
        "targets",
        _("SLA targets"),
        _("How soon somebody looks, and how soon it is solved. Look whether you can keep what is delivered."),
        {"acknowledge", "resolve"} <= metrics,
        _("Measured by: %(calendars)s.") % {"calendars": _listed(calendar.name for calendar in calendars)}
        if metrics
        else _("No target is in force, so no clock runs."),
        _("Look at the targets"),
        reverse("admin:incidents_target_changelist"),
    )


def _default_team() -> Step:
    team = Desk.current().default_team
    is_staffed = team is not None and Team.objects.staffed().filter(pk=team.pk).exists()
    if team is None:
        stands = _("No team: such a report waits unheard.")
    elif is_staffed:
        stands = team.name
    elif team.is_active:
        stands = _("Nobody can be reached in: %(teams)s.") % {"teams": team.name}
    else:
        stands = _("%(team)s is switched off.") % {"team": team.name}
    return Step(
        "default-team",
        _("The default team"),
        _("It gets every report for which neither service, category nor location names a team."),
        is_staffed,
        stands,
        _("Choose it"),
        reverse("admin:incidents_desk_changelist"),
    )


def _mail(user: User) -> Step:
    test = last_test(user)
    if not user.email:
        stands, act = _("Your account has no e-mail address."), _("Enter your address")
    else:
        stands = test.words if test else _("No mail has been tried yet.")
        act = _("Send it again") if test else _("Send a mail to myself")
    return Step(
        "mail",
        _("A mail to yourself"),
        _("Who is concerned is told by mail. One to your own address shows whether the way is clear."),
        test is not None and test.has_arrived,
        stands,
        act,
        "" if user.email else reverse("admin:auth_user_change", args=[user.pk]),
    )


def _source() -> Step:
    sources = Source.objects.filter(is_active=True).order_by("name").select_related("service__team", "team")
    names = [source.name for source in sources]
    return Step(
        "source",
        _("A monitoring system"),
        _("It opens incidents by itself, before anybody calls. You get an address and a key for it."),
        bool(names),
        _listed(names) or _("No monitoring system sends alerts yet."),
        _("Look at the sources") if names else _("Add a source"),
        reverse("admin:incidents_source_changelist" if names else "admin:incidents_source_add"),
    )


def _people() -> Step:
    at_the_desk = (
        Q(is_superuser=True)
        | Q(groups__permissions__codename=rights.WORK.partition(".")[2])
        | Q(is_staff=True)
    )
    asking = User.objects.filter(is_active=True).exclude(pk__in=User.objects.filter(at_the_desk).values("pk"))
    count = asking[:1000].count()
    return Step(
        "people",
        _("The first people"),
        _("Those who report need an account and nothing else: no role, no log-in to the desk."),
        count > 0,
        _("%(n)d people may report by the portal.") % {"n": count}
        if count
        else _("Nobody can use the portal yet."),
        _("Look at the people") if count else _("Add a person"),
        reverse("admin:auth_user_changelist" if count else "admin:auth_user_add"),
    )


def shown_on_home(user: User, *, today: date) -> list[Step]:
    """For administrators of a desk that is not set up; nothing once all is done, or when they said so."""
    if not user.has_perm(RIGHT) or not Desk.current().shows_first_steps:
        return []
    steps = first_steps(user, today=today)
    return [] if all(step.is_done for step in steps) else steps
