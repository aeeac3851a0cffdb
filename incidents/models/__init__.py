"""The records of the core."""

from incidents.models.analysis import Action, Evidence, Hypothesis
from incidents.models.api_token import ApiToken, Scope
from incidents.models.brakes import BrakeKind, Tally
from incidents.models.catalogue import Category, ConfigurationItem, Location, Service, Team, services_at_risk
from incidents.models.desk import Desk
from incidents.models.desk_rows import DeskRowQuerySet
from incidents.models.idempotency import IdempotencyKey
from incidents.models.incident import Incident, Watcher, parse_number
from incidents.models.ledger import Anchor, LedgerCheck
from incidents.models.monitoring import Alert, IngestEvent, MaintenanceWindow, Source, hash_of_key
from incidents.models.people import Profile
from incidents.models.review import FollowUp, Problem, Review
from incidents.models.sla import Calendar, CalendarHours, Clock, ClosedDay, PriorityRule, Target
from incidents.models.sweeping import Removal, RemovalKind, SetAside
from incidents.models.timeline import Attachment, TimelineEntry
from incidents.models.unsent import HeldForm, StagedFile

__all__ = [
    "Action",
    "Alert",
    "Anchor",
    "ApiToken",
    "Attachment",
    "BrakeKind",
    "Calendar",
    "CalendarHours",
    "Category",
    "Clock",
    "ClosedDay",
    "ConfigurationItem",
    "Desk",
    "DeskRowQuerySet",
    "Evidence",
    "FollowUp",
    "HeldForm",
    "Hypothesis",
    "IdempotencyKey",
    "Incident",
    "IngestEvent",
    "LedgerCheck",
    "Location",
    "MaintenanceWindow",
    "PriorityRule",
    "Problem",
    "Profile",
    "Removal",
    "RemovalKind",
    "Review",
    "Scope",
    "Service",
    "SetAside",
    "Source",
    "StagedFile",
    "Tally",
    "Target",
    "Team",
    "TimelineEntry",
    "Watcher",
    "hash_of_key",
    "parse_number",
    "services_at_risk",
]
