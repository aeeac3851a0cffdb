"""The side navigation: only what exists and what this person may open, with counts where they alarm."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from incidents import bounded, policies
from incidents.models import Incident
from itsm.ui.texts import StrOrPromise
from notifications.models import Delivery

#: More than this is "99+": an exact number would cost more than it tells.
LIMIT = 99


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the navigation. `target` is `app.model` for a list of the admin, else a URL name."""

    label: StrOrPromise
    icon: str
    target: str
    query: str = ""
    needs: str = ""
    count: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    name: StrOrPromise
    places: tuple[Place, ...]
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Item:
    label: StrOrPromise
    icon: str
    url: str
    current: bool
    count: int
    tone: str

    @property
    def more(self) -> bool:
        return self.count >= LIMIT


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    name: StrOrPromise
    open: bool
    items: list[Item]


SECTIONS = (
    Section(
        "desk",
        _("Desk"),
        (
            Place(_("Home"), "home", "admin:index"),
            Place(_("Incidents"), "incident", "incidents.incident", count="mine"),
            Place(
                _("Major incidents"),
                "major",
                "incidents.incident",
                query="view=majors",
                count="majors",
                tone="alarm",
            ),
            Place(_("Problems"), "problem", "incidents.problem"),
            Place(_("Reviews"), "review", "incidents.review"),
            Place(_("Follow-ups"), "check-circle", "incidents.followup"),
        ),
    ),
    Section(
        "communication",
        _("Communication"),
        (
            Place(_("Deliveries"), "deliveries", "notifications.delivery", count="trouble", tone="warn"),
            Place(_("Received mails"), "reply", "notifications.inboundmail"),
            Place(_("Subscriptions"), "bell", "notifications.subscription"),
            Place(_("Webhooks"), "plug", "notifications.endpoint"),
            Place(_("Outbox preview"), "mail", "admin:outbox"),
        ),
    ),
    Section(
        "reports",
        _("Reports"),
        (
            Place(_("Trends"), "chart", "reports:trends"),
            Place(_("Reports"), "review", "reports.report"),
            Place(_("Schedules"), "calendar", "reports.schedule"),
        ),
    ),
    Section(
        "monitoring",
        _("Monitoring"),
        (
            Place(_("Alerts"), "alert", "incidents.alert"),
            Place(_("Alert sources"), "source", "incidents.source"),
            Place(_("Maintenance windows"), "pause", "incidents.maintenancewindow"),
        ),
        is_open=False,
    ),
    Section(
        "catalogue",
        _("Catalogue"),
        (
            Place(_("Services"), "service", "incidents.service"),
            Place(_("Teams"), "team", "incidents.team"),
            Place(_("Configuration items"), "item", "incidents.configurationitem"),
            Place(_("Categories"), "category", "incidents.category"),
            Place(_("Locations"), "location", "incidents.location"),
        ),
        is_open=False,
    ),
    Section(
        "sla",
        _("SLA"),
        (
            Place(_("SLA targets"), "clock", "incidents.target"),
            Place(_("Calendars"), "calendar", "incidents.calendar"),
            Place(_("Priority matrix"), "priority", "incidents.priorityrule"),
        ),
        is_open=False,
    ),
    Section(
        "administration",
        _("Administration"),
        (
            Place(_("People"), "user", "auth.user"),
            Place(_("Roles"), "lock", "auth.group"),
            Place(_("API tokens"), "plug", "incidents.apitoken"),
            Place(_("Desk settings"), "settings", "incidents.desk", needs="incidents.change_desk"),
            Place(_("First steps"), "check-circle", "admin:first_steps", needs="incidents.change_desk"),
            Place(_("Locks"), "lock", "incidents.tally"),
            Place(_("Work that fails"), "warning", "incidents.setaside"),
            Place(_("Ledger"), "lock", "incidents.anchor"),
            Place(_("All tables"), "table", "admin:tables"),
        ),
        is_open=False,
    ),
)


def navigation(site: AdminSite, request: HttpRequest) -> list[Group]:
    """Two bounded queries, whatever the size of the desk."""
    counts = open_work(request.user) if isinstance(request.user, User) else {}
    groups = []
    for section in SECTIONS:
        items = list(found(site, request, section.places, counts))
        if items:
            here = any(item.current for item in items)
            groups.append(Group(section.key, section.name, section.is_open or here, items))
    return groups


def found(
    site: AdminSite, request: HttpRequest, places: Iterable[Place], counts: dict[str, int]
) -> Iterator[Item]:
    lists = listed(site, request)
    for place in places:
        url = lists(place.target) if "." in place.target else address(place.target)
        if not url or (place.needs and not request.user.has_perm(place.needs)):
            continue
        full = f"{url}?{place.query}" if place.query else url
        yield Item(
            place.label,
            place.icon,
            full,
            is_current(request, url, place),
            counts.get(place.count, 0),
            place.tone,
        )


def listed(site: AdminSite, request: HttpRequest) -> Callable[[str], str]:
    """The address of a model's list, if it is registered and this person may see it."""
    shown = {model._meta.label_lower: model_admin for model, model_admin in site._registry.items()}  # noqa: SLF001 -- the site's own

    def find(label: str) -> str:
        model_admin = shown.get(label)
        if model_admin is None or not model_admin.has_view_or_change_permission(request):
            return ""
        return address(f"admin:{label.replace('.', '_')}_changelist")

    return find


def address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def is_current(request: HttpRequest, url: str, place: Place) -> bool:
    if place.target == "admin:index":
        return request.path == url
    if not request.path.startswith(url):
        return False
    if place.target == "notifications.delivery" and "/outbox/" in request.path:
        return False  # a page below the deliveries with a line of its own
    majors = request.GET.get("view") == "majors"
    return majors == bool(place.query)


def open_work(user: User) -> dict[str, int]:
    """My open incidents and the open majors in one look, and deliveries that need a person."""
    counts = {"mine": 0, "majors": 0, "trouble": 0}
    if policies.sees_internal(user):
        work = Incident.objects.visible_to(user).open()
        asked = {"mine": work.filter(assignee=user), "majors": work.filter(is_major=True)}
        counts |= bounded.counts(asked, most=LIMIT)
    if user.has_perm("notifications.view_delivery"):
        counts["trouble"] = Delivery.objects.visible_to(user).in_trouble()[:LIMIT].count()
    return {name: min(count, LIMIT) for name, count in counts.items()}
