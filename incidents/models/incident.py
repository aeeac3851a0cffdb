"""The incident itself, and who follows it."""

import uuid
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import F, Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from incidents import limits
from incidents.enums import (
    LIVE_STATES,
    OPEN_STATES,
    Channel,
    HoldReason,
    Impact,
    Priority,
    ResolutionCode,
    Severity,
    State,
    Urgency,
)
from incidents.models import sight
from incidents.models.catalogue import Category, ConfigurationItem, Location, Service, Team

if TYPE_CHECKING:
    from datetime import datetime

NUMBER_PREFIX = "INC"


def format_number(pk: int, prefix: str = NUMBER_PREFIX) -> str:
    return f"{prefix}{pk:07d}"


def parse_number(text: str, prefix: str = NUMBER_PREFIX) -> int | None:
    """`INC0000123` (any case, with or without zeros, or only the digits) to the primary key.

    A number of something else, with another prefix, is none.
    """
    digits = text.strip().upper().removeprefix(prefix)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
        return None
    return int(digits)


def in_nobodys_hands() -> Q:
    """Its assignee's account is switched off; or it has none, and no team in which one can be reached."""
    staffed = Team.objects.staffed().values("pk")
    return Q(assignee__is_active=False) | Q(assignee=None) & (Q(team=None) | ~Q(team__in=staffed))


def open_in_nobodys_hands() -> QuerySet[Any]:
    """`in_nobodys_hands` of all open ones, as keys: three parts that each have an index."""
    work = Incident.objects.open().order_by().values("pk")
    unstaffed = Team.objects.exclude(pk__in=Team.objects.staffed().values("pk")).values("pk")
    gone = User.objects.filter(is_active=False).values("pk")
    free = work.filter(assignee=None)
    parts = (free.filter(team=None), free.filter(team__in=unstaffed))
    return work.filter(assignee__in=gone).union(*parts, all=True)


class IncidentQuerySet(models.QuerySet["Incident"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The rows this person may know of; the only way from a person to incidents."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        watching = Watcher.objects.current(user).values("incident")
        return self.filter(sight.rows_seen_by(user, watching))

    def with_number(self, number: str) -> Self:
        """The incident of that number, or none of them."""
        pk = parse_number(number)
        return self.none() if pk is None else self.filter(pk=pk)

    def open(self) -> Self:
        return self.filter(Q(state__literal_in=OPEN_STATES))

    def live(self) -> Self:
        """Open, or resolved and waiting for confirmation."""
        return self.filter(state__in=LIVE_STATES)

    def for_list(self) -> Self:
        """Everything a list row shows, in one query."""
        return self.select_related("requester", "assignee", "team", "service", "category")

    def newest_first(self) -> Self:
        return self.order_by("-opened_at", "-pk")

    def resolved_and_silent_since(self, at: "datetime") -> Self:
        """Resolved before then, and not a word from outside the desk since. Never a major."""
        last_word = Max("entries__at", filter=Q(entries__data__from_outside=True))
        return (
            self.filter(Q(state__literal=State.RESOLVED), resolved_at__lt=at, is_major=False)
            .annotate(last_word=last_word)
            .filter(Q(last_word=None) | Q(last_word__lt=F("resolved_at")))
        )


class Incident(models.Model):
    """An unplanned interruption of a service, or a drop in its quality.

    Written by `incidents.workflow` alone: each change there is one guarded update and one timeline
    entry, so `version` is the number of entries and the `seq` of the last one.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    chain_head = models.CharField(
        max_length=64, editable=False, help_text=_("Hash of the last timeline entry.")
    )

    title = models.CharField(_("title"), max_length=limits.LINE)
    description = models.TextField(_("description"), blank=True, max_length=limits.TEXT)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.NEW)
    hold_reason = models.CharField(_("hold reason"), max_length=20, choices=HoldReason, blank=True)

    impact = models.PositiveSmallIntegerField(_("impact"), choices=Impact, default=Impact.MEDIUM)
    urgency = models.PositiveSmallIntegerField(_("urgency"), choices=Urgency, default=Urgency.MEDIUM)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.MODERATE)
    priority_overridden = models.BooleanField(_("priority overridden"), default=False)
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity, null=True, blank=True)
    is_major = models.BooleanField(_("major incident"), default=False)
    is_confidential = models.BooleanField(
        _("confidential"), default=False, help_text=_("Only the assigned team and those involved may see it.")
    )

    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requester"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="requested_incidents",
        help_text=_("Who is affected."),
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("opened by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="opened_incidents",
        help_text=_("Who logged it. Empty: a machine did."),
    )
    channel = models.CharField(_("channel"), max_length=20, choices=Channel, default=Channel.DIRECT)
    team = models.ForeignKey(
        Team,
        verbose_name=_("team"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="incidents",
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("assignee"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assigned_incidents",
    )
    service = models.ForeignKey(
        Service,
        verbose_name=_("service"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="incidents",
    )
    configuration_item = models.ForeignKey(
        ConfigurationItem,
        verbose_name=_("configuration item"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="incidents",
    )
    category = models.ForeignKey(
        Category,
        verbose_name=_("category"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="incidents",
    )
    location = models.ForeignKey(
        Location,
        verbose_name=_("location"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="incidents",
    )
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    duplicate_of = models.ForeignKey(
        "self",
        verbose_name=_("duplicate of"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="duplicates",
    )
    follows_up = models.ForeignKey(
        "self",
        verbose_name=_("follows up"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="followed_by",
        help_text=_("The closed incident this one comes back to."),
    )
    problem = models.ForeignKey(
        "incidents.Problem",
        verbose_name=_("problem"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="incidents",
    )

    resolution_code = models.CharField(
        _("resolution code"), max_length=30, choices=ResolutionCode, blank=True
    )
    resolution = models.TextField(_("resolution"), blank=True, max_length=limits.TEXT)
    root_cause = models.TextField(_("root cause"), blank=True, max_length=limits.TEXT)

    started_at = models.DateTimeField(
        _("started"), null=True, blank=True, help_text=_("When the fault began.")
    )
    detected_at = models.DateTimeField(_("detected"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened"))
    acknowledged_at = models.DateTimeField(
        _("acknowledged"), null=True, blank=True, help_text=_("First left the state New by the desk's hand.")
    )
    first_assigned_at = models.DateTimeField(_("first assigned"), null=True, blank=True)
    mitigated_at = models.DateTimeField(
        _("mitigated"), null=True, blank=True, help_text=_("Service is back.")
    )
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated"), help_text=_("Time of the last timeline entry."))
    next_due_at = models.DateTimeField(
        _("next due"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("The earliest due time of its running clocks."),
    )

    reopen_count = models.PositiveIntegerField(_("reopened"), default=0)
    reassignment_count = models.PositiveIntegerField(_("moved between teams"), default=0)

    source_name = models.CharField(
        _("source"), max_length=40, blank=True, help_text=_("Where it was imported from.")
    )
    source_number = models.CharField(_("number there"), max_length=80, blank=True)
    source_met_sla = models.BooleanField(
        _("SLA met there"),
        null=True,
        blank=True,
        help_text=_("What its source says of its own target. The clocks here measure ours."),
    )

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        permissions = [
            ("work_incident", _("Can work incidents (agent)")),
            ("see_all_incidents", _("Can read all incidents that are not confidential")),
            ("see_confidential_incidents", _("Can read confidential incidents of all teams")),
            ("override_priority", _("Can override the priority of an incident")),
            ("lead_major_incident", _("Can lead major incidents and publish their reviews")),
            ("redact_incident", _("Can remove words from incidents for good")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source_name", "source_number"],
                condition=~Q(source_name=""),
                name="incident_imported_once",
            ),
            models.CheckConstraint(
                condition=Q(hold_reason="") | Q(state=State.ON_HOLD), name="hold_reason_only_on_hold"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.RESOLVED) | ~Q(resolution_code=""), name="resolved_has_a_code"
            ),
            models.CheckConstraint(
                condition=Q(duplicate_of=None) | ~Q(duplicate_of=F("pk")), name="no_duplicate_of_itself"
            ),
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("pk")), name="no_child_of_itself"),
        ]
        indexes = [
            # newest_first(): lists, API pages, reports by opening
            models.Index(fields=["-opened_at", "-id"], name="incident_newest"),
            # queue: open work by priority
            models.Index(
                fields=["priority", "id"], condition=Q(state__in=OPEN_STATES), name="incident_open_priority"
            ),
            # queue tabs by what is due next: all of them, mine and nobody's, a team's
            models.Index(
                fields=["next_due_at", "priority", "id"],
                condition=Q(state__in=OPEN_STATES),
                name="incident_open_due",
            ),
            models.Index(
                fields=["assignee", "next_due_at", "priority", "id"],
                condition=Q(state__in=OPEN_STATES),
                name="incident_open_assignee_due",
            ),
            models.Index(
                fields=["team", "next_due_at", "priority", "id"],
                condition=Q(state__in=OPEN_STATES),
                name="incident_open_team_due",
            ),
            # queue tabs: on hold, resolved; both as they are sorted
            models.Index(
                fields=["-updated_at", "-id"], condition=Q(state=State.ON_HOLD), name="incident_held"
            ),
            # queue tab: majors
            models.Index(fields=["-opened_at"], condition=Q(is_major=True), name="incident_majors"),
            # queue: most recently changed first
            models.Index(fields=["-updated_at", "-id"], name="incident_updated"),
            # tasks.close_confirmed: resolved and silent for days
            models.Index(fields=["resolved_at"], condition=Q(state=State.RESOLVED), name="incident_resolved"),
            # portal: one person's, and those they logged for nobody else
            models.Index(fields=["requester", "state", "-opened_at", "-id"], name="incident_of_requester"),
            # search: the number it had where it came from
            models.Index(
                fields=["source_number"], condition=~Q(source_number=""), name="incident_source_number"
            ),
            # API: by priority
            models.Index(fields=["priority", "id"], name="incident_by_priority"),
            # reports: ended in a period
            models.Index(fields=["closed_at"], name="incident_closed"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        return format_number(self.pk) if self.pk else ""

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


class WatcherQuerySet(models.QuerySet["Watcher"]):
    def current(self, user: User | None = None) -> Self:
        """Watching now; of one person if named."""
        rows = self.filter(removed_at=None)
        return rows if user is None else rows.filter(user=user)


class Watcher(models.Model):
    """Somebody who hears of one incident though neither requester nor assignee. Kept after it ends."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="watchers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watching")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = WatcherQuerySet.as_manager()

    class Meta:
        verbose_name = _("watcher")
        verbose_name_plural = _("watchers")
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "user"], condition=Q(removed_at=None), name="watching_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} watches {self.incident_id}"
