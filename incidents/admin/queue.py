"""The views of the queue: which rows a tab holds, in what order, and how many they are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import (
    CharField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    prefetch_related_objects,
)
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from incidents import bounded, rights
from incidents.admin.access import user_of
from incidents.admin.base import counted
from incidents.bounded import FEW, MOST
from incidents.enums import OPEN_STATES, Channel, State
from incidents.models import Incident, Service, Team, TimelineEntry
from incidents.models.incident import open_in_nobodys_hands
from incidents.models.sla import late, late_or_soon
from itsm import timekeeping
from itsm.ui.texts import StrOrPromise

if TYPE_CHECKING:
    Pages = Paginator[object]
else:
    Pages = Paginator

#: Rows that the arrows of the incident page walk through.
WALK = 200
LONGEST_KEY = 18

Rows = QuerySet[Incident]
NEXT_DUE = F("next_due_at").asc(nulls_last=True)
BY_DUE: tuple[object, ...] = (NEXT_DUE, "priority", "pk")
NEXT_DUE_WORDS = _("next due")
EMPTY_WORDS = _("New incidents appear here by themselves.")
NEWEST = ("-opened_at", "-pk")


@dataclass(frozen=True, slots=True)
class View:
    """A tab. `needs` is its condition; the rows visible to the person come first in any case."""

    label: StrOrPromise
    needs: Callable[[User, datetime], Q]
    order: tuple[Any, ...] = BY_DUE
    sorted_by: StrOrPromise = NEXT_DUE_WORDS
    tone: str = ""
    #: What to do when it is empty.
    empty: StrOrPromise = EMPTY_WORDS
    is_tab: bool = True
    #: Offered to those who have this right; all who see the rows may open it.
    needs_right: str = ""

    def is_offered_to(self, user: User) -> bool:
        return self.is_tab and (not self.needs_right or user.has_perm(self.needs_right))


def is_open() -> Q:
    return Q(state__literal_in=OPEN_STATES)


def of_my_teams(user: User) -> Q:
    return is_open() & Q(team__in=Team.objects.filter(members=user).values("pk"))


VIEWS: dict[str, View] = {
    "mine": View(
        _("My queue"),
        lambda user, _at: is_open() & Q(assignee=user),
        empty=_("Nothing is assigned to you. Take something from “Unassigned”."),
    ),
    "unassigned": View(
        _("Unassigned"),
        lambda _user, _at: is_open() & Q(assignee=None),
        empty=_("Everything has an owner. New reports appear here."),
    ),
    "teams": View(
        _("My teams"),
        lambda user, _at: of_my_teams(user),
        empty=_("Your teams have no open work, or you are in no team yet. A team lead adds you to one."),
    ),
    "nobodys": View(
        _("Nobody there for it"),
        lambda _user, _at: Q(pk__in=open_in_nobodys_hands()),
        ("opened_at", "pk"),
        _("oldest"),
        tone="alarm",
        empty=_("All open work has a person or a team that is there."),
        needs_right=rights.OVERRIDE,
    ),
    "due": View(
        _("Due soon"),
        lambda _user, at: is_open() & late_or_soon(at),
        tone="warn",
        empty=_("No SLA clock runs out within the hour."),
    ),
    "late": View(
        _("Late"),
        lambda _user, at: is_open() & late(at),
        tone="alarm",
        empty=_("Every SLA is met."),
        is_tab=False,
    ),
    "majors": View(
        _("Majors"),
        lambda _user, _at: is_open() & Q(is_major=True),
        tone="alarm",
        empty=_(
            "No major incident is open. To declare one, open its page and choose “Declare major incident”."
        ),
    ),
    "hold": View(
        _("On hold"),
        lambda _user, _at: Q(state__literal=State.ON_HOLD),
        ("-updated_at", "-pk"),
        _("last change"),
        empty=_("Nothing waits for anybody."),
    ),
    "open": View(_("All open"), lambda _user, _at: is_open(), ("priority", "pk"), _("priority")),
    "resolved": View(
        _("Resolved"),
        lambda _user, _at: Q(state__literal=State.RESOLVED),
        ("-resolved_at", "-pk"),
        _("resolved last"),
        empty=_("Nothing waits for its confirmation."),
    ),
    "all": View(_("All"), lambda _user, _at: Q(), NEWEST, _("newest")),
}


def view_of(request: HttpRequest) -> str:
    """The tab asked for. Whoever searches or filters without one means everything."""
    asked = request.GET.get("view", "")
    if asked in VIEWS:
        return asked
    narrowed = any(name != "_popup" and value for name, value in request.GET.items())
    return "all" if narrowed else "mine"


def with_last_entry(rows: Rows, reader: User) -> Rows:
    """Who wrote last and how, and how many children there are: what the second lines say."""
    last = TimelineEntry.objects.filter(incident=OuterRef("pk"), seq=OuterRef("version"))
    children = Incident.objects.visible_to(reader).filter(parent=OuterRef("pk"))
    return rows.annotate(
        last_kind=Subquery(last.values("kind")[:1]),
        last_by=Subquery(last.values("actor__first_name")[:1]),
        last_by_id=Subquery(last.values("actor")[:1]),
        child_count=counted(children, "parent"),
    )


def counts(user: User, *, at: datetime, current: str = "") -> dict[str, int]:
    """How many rows each tab holds that is shown to this person, to FEW and no further; one query."""
    seen = Incident.objects.visible_to(user)
    shown = [name for name, view in VIEWS.items() if view.is_offered_to(user) or name == current]
    rows = {name: seen.filter(VIEWS[name].needs(user, at)) for name in shown if name != "all"}
    return bounded.counts(rows, most=FEW)


def neighbours(
    user: User, view: str, pk: int, *, at: datetime
) -> tuple[int, int, int | None, int | None] | None:
    """Place, length, the one before and the one after in a tab; None when it is not among its first rows."""
    if view not in VIEWS or view == "all":
        return None
    chosen = VIEWS[view]
    rows = Incident.objects.visible_to(user).filter(chosen.needs(user, at))
    ids = list(rows.order_by(*chosen.order).values_list("pk", flat=True)[:WALK])
    if pk not in ids:
        return None
    place = ids.index(pk)
    before = ids[place - 1] if place else None
    after = ids[place + 1] if place + 1 < len(ids) else None
    return place + 1, len(ids), before, after


class BoundedPaginator(Pages):
    """Counts to `most` and no further, so that a page of a large desk costs what one of a small desk does."""

    most = MOST

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: self.most].count())


class SearchPaginator(BoundedPaginator):
    """Of what is found by words: who gets more looks for other words."""

    most = FEW


class QueueList(ChangeList):
    """The rows of one page: which they are is found first, then what their lines say is read for these."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        keys = list(self.result_list.values_list("pk", flat=True))
        rows = Incident.objects.visible_to(request.user).for_list().filter(pk__in=keys)
        found = {row.pk: row for row in with_last_entry(rows, user_of(request))}
        self.result_list = [found[key] for key in keys if key in found]
        prefetch_related_objects(self.result_list, "clocks")

    @property
    def chips(self) -> list[tuple[StrOrPromise, str, str]]:
        """Each active filter with the address of the list without it."""
        found = []
        for spec in self.filter_specs:
            if getattr(spec, "is_tab", False) or not spec.has_output():
                continue
            chosen = [choice for choice in spec.choices(self) if choice.get("selected")]
            if chosen and chosen[0]["display"] != str(_("All")):
                address = self.get_query_string(remove=[name for name in spec.expected_parameters() if name])
                found.append((spec.title or "", str(chosen[0]["display"]), address))
        return found

    @property
    def is_sorted_by_hand(self) -> bool:
        return bool(self.params.get("o"))

    @property
    def unsorted_url(self) -> str:
        return self.get_query_string(remove=["o"])

    @property
    def first_shown(self) -> int:
        return (self.page_num - 1) * self.list_per_page + 1

    @property
    def last_shown(self) -> int:
        return self.first_shown + len(self.result_list) - 1

    @property
    def page_before(self) -> str:
        return self.get_query_string({"p": self.page_num - 1}) if self.page_num > 1 else ""

    @property
    def page_after(self) -> str:
        has_next = self.last_shown < self.paginator.count and not self.show_all
        return self.get_query_string({"p": self.page_num + 1}) if has_next else ""


class ViewFilter(admin.SimpleListFilter):
    """The tabs. Not shown among the filters."""

    title = _("view")
    parameter_name = "view"
    is_tab = True

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        self.name = view_of(request)
        super().__init__(request, params, model, model_admin)

    def lookups(self, _request: HttpRequest, _model_admin: object) -> list[tuple[str, StrOrPromise]]:
        return [(name, view.label) for name, view in VIEWS.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(VIEWS[self.name].needs(user_of(request), timekeeping.now()))


class RowFilter(admin.SimpleListFilter):
    """A fixed list read from a small table; teams and services come in one query for both."""

    table = ""

    def lookups(self, request: HttpRequest, _model_admin: object) -> list[tuple[str, StrOrPromise]]:
        return [(str(pk), name) for table, pk, name in small_tables(request) if table == self.table]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        if not value:
            return queryset
        return (
            queryset.filter(**{f"{self.table}_id": value})
            if value.isascii() and value.isdigit() and len(value) <= LONGEST_KEY
            else queryset.none()
        )


def small_tables(request: HttpRequest) -> list[tuple[str, int, str]]:
    """Teams and services by name, read once a request."""
    found: list[tuple[str, int, str]] | None = getattr(request, "small_tables", None)
    if found is None:
        found = sorted(named("team", Team).union(named("service", Service), all=True), key=lambda row: row[2])
        request.small_tables = found  # type: ignore[attr-defined]
    return found


def named(table: str, model: Any) -> Any:
    return model.objects.filter(is_active=True).values_list(
        Value(table, output_field=CharField()), "pk", "name"
    )


class TeamFilter(RowFilter):
    title = _("team")
    parameter_name = "team__id__exact"
    table = "team"


class ServiceFilter(RowFilter):
    title = _("service")
    parameter_name = "service__id__exact"
    table = "service"


class OpenedFilter(admin.SimpleListFilter):
    """Fixed spans: a date hierarchy reads the whole table."""

    title = _("opened")
    parameter_name = "opened"

    def lookups(self, _request: HttpRequest, _model_admin: object) -> list[tuple[str, StrOrPromise]]:
        return [
            ("1", _("Last 24 hours")),
            ("7", _("Last 7 days")),
            ("30", _("Last 30 days")),
            ("365", _("Last year")),
        ]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        if value not in {"1", "7", "30", "365"}:
            return queryset
        return queryset.filter(opened_at__gte=timekeeping.now() - timedelta(days=int(value)))


class ChannelFilter(admin.SimpleListFilter):
    title = _("reported by")
    parameter_name = "channel"

    def lookups(self, _request: HttpRequest, _model_admin: object) -> list[tuple[str, StrOrPromise]]:
        return [(value, label) for value, label in Channel.choices]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(channel=self.value()) if self.value() else queryset
