"""The closed vocabularies of incident management (choices shown to people are translatable)."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    NEW = "new", _("New")
    IN_PROGRESS = "in_progress", _("In progress")
    ON_HOLD = "on_hold", _("On hold")
    RESOLVED = "resolved", _("Resolved")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


#: Work is still owed to the requester.
OPEN_STATES = (State.NEW, State.IN_PROGRESS, State.ON_HOLD)
#: Nothing can happen any more.
FINAL_STATES = (State.CLOSED, State.CANCELLED)
#: Everything that may still change: open, or resolved and not yet confirmed.
LIVE_STATES = (*OPEN_STATES, State.RESOLVED)


class HoldReason(TextChoices):
    CALLER = "caller", _("Waiting for the requester")
    VENDOR = "vendor", _("Waiting for a vendor")
    PROBLEM = "problem", _("Waiting for a problem")
    CHANGE = "change", _("Waiting for a change")
    EVIDENCE = "evidence", _("Waiting for evidence")


class Verb(TextChoices):
    """What can be done to an incident. The table of legal moves is `workflow.transitions`."""

    OPEN = "open", _("Open")
    ACKNOWLEDGE = "acknowledge", _("Acknowledge")
    ASSIGN = "assign", _("Assign")
    HOLD = "hold", _("Put on hold")
    RESUME = "resume", _("Resume")
    MITIGATE = "mitigate", _("Service is back")
    RESOLVE = "resolve", _("Resolve")
    REOPEN = "reopen", _("Reopen")
    CLOSE = "close", _("Close")
    CANCEL = "cancel", _("Cancel")
    MERGE = "merge", _("Merge into another")
    COMMENT = "comment", _("Reply")
    NOTE = "note", _("Internal note")
    EDIT = "edit", _("Edit")
    OVERRIDE_PRIORITY = "override_priority", _("Override priority")
    ASSESS_SEVERITY = "assess_severity", _("Assess severity")
    DECLARE_MAJOR = "declare_major", _("Declare major incident")
    STAND_DOWN = "stand_down", _("Stand down major incident")
    ADD_EVIDENCE = "add_evidence", _("Add evidence")
    ADD_HYPOTHESIS = "add_hypothesis", _("Add hypothesis")
    WEIGH_HYPOTHESIS = "weigh_hypothesis", _("Weigh hypothesis")
    RECORD_ROOT_CAUSE = "record_root_cause", _("Record root cause")
    PLAN_ACTION = "plan_action", _("Plan action")
    RECORD_ACTION = "record_action", _("Record action")
    WATCH = "watch", _("Watch")
    UNWATCH = "unwatch", _("Stop watching")
    LINK_PARENT = "link_parent", _("Make a child of another")
    LINK_PROBLEM = "link_problem", _("Link to a problem")
    PUBLISH_REVIEW = "publish_review", _("Publish review")
    REDACT = "redact", _("Remove words")


class EntryKind(TextChoices):
    """What a timeline entry tells. One kind a verb, and the few that nobody asked for."""

    OPENED = "opened", _("Opened")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    ASSIGNED = "assigned", _("Assigned")
    HELD = "held", _("Put on hold")
    RESUMED = "resumed", _("Resumed")
    MITIGATED = "mitigated", _("Service is back")
    RESOLVED = "resolved", _("Resolved")
    REOPENED = "reopened", _("Reopened")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")
    MERGED = "merged", _("Merged")
    ABSORBED = "absorbed", _("Joined by a duplicate")
    COMMENTED = "commented", _("Reply")
    NOTED = "noted", _("Internal note")
    EDITED = "edited", _("Changed")
    PRIORITY_OVERRIDDEN = "priority_overridden", _("Priority overridden")
    SEVERITY_ASSESSED = "severity_assessed", _("Severity assessed")
    MAJOR_DECLARED = "major_declared", _("Declared a major incident")
    STOOD_DOWN = "stood_down", _("Stood down")
    EVIDENCE_ADDED = "evidence_added", _("Evidence added")
    HYPOTHESIS_ADDED = "hypothesis_added", _("Hypothesis added")
    HYPOTHESIS_WEIGHED = "hypothesis_weighed", _("Hypothesis weighed")
    ROOT_CAUSE_RECORDED = "root_cause_recorded", _("Root cause recorded")
    ACTION_PLANNED = "action_planned", _("Action planned")
    ACTION_TAKEN = "action_taken", _("Action taken")
    WATCHER_ADDED = "watcher_added", _("Watcher added")
    WATCHER_REMOVED = "watcher_removed", _("Watcher removed")
    LINKED = "linked", _("Linked")
    REVIEW_PUBLISHED = "review_published", _("Review published")
    REDACTED = "redacted", _("Words removed")
    ALERTED = "alerted", _("Alert")
    WORSENED = "worsened", _("Alert got worse")
    STILL_FIRING = "still_firing", _("Alert goes on")
    SLA_WARNED = "sla_warned", _("SLA warning")
    SLA_BREACHED = "sla_breached", _("SLA breached")
    IMPORTED = "imported", _("Recorded elsewhere")


class Visibility(TextChoices):
    INTERNAL = "internal", _("Internal")
    PUBLIC = "public", _("Public")


class Via(TextChoices):
    """Through which door a change came in."""

    ADMIN = "admin", _("service desk")
    PORTAL = "portal", _("portal")
    API = "api", _("API")
    MAIL = "mail", _("e-mail")
    MONITORING = "monitoring", _("monitoring")
    SYSTEM = "system", _("system")
    IMPORT = "import", _("import")


class Channel(TextChoices):
    """How an incident first reached the desk."""

    PORTAL = "portal", _("Portal")
    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")
    IVR = "ivr", _("Voice menu")
    DIRECT = "direct", _("Direct opening")
    API = "api", _("API")
    MONITORING = "monitoring", _("Monitoring")


class Impact(IntegerChoices):
    """Effect on the business."""

    HIGH = 1, _("High")
    MEDIUM = 2, _("Medium")
    LOW = 3, _("Low")


class Urgency(IntegerChoices):
    """How soon the effect becomes significant."""

    HIGH = 1, _("High")
    MEDIUM = 2, _("Medium")
    LOW = 3, _("Low")


class Priority(IntegerChoices):
    CRITICAL = 1, _("Critical")
    HIGH = 2, _("High")
    MODERATE = 3, _("Moderate")
    LOW = 4, _("Low")
    PLANNING = 5, _("Planning")


class Severity(IntegerChoices):
    """How bad, by definition; assessed apart from priority."""

    SEV1 = 1, _("SEV1: business stands still")
    SEV2 = 2, _("SEV2: a service is down for many")
    SEV3 = 3, _("SEV3: a service is impaired")
    SEV4 = 4, _("SEV4: a nuisance")


class ResolutionCode(TextChoices):
    FIXED = "fixed", _("Fixed")
    WORKAROUND = "workaround", _("Workaround given")
    CONFIGURATION = "configuration", _("Configuration corrected")
    PATCH = "patch", _("Software patched")
    RESTORE = "restore", _("Restored from backup")
    HARDWARE = "hardware", _("Hardware replaced")
    ACCESS = "access", _("Access granted or reset")
    GUIDANCE = "guidance", _("Explained or trained")
    RECOVERED = "recovered", _("Recovered by itself")
    NOT_REPRODUCIBLE = "not_reproducible", _("Could not be reproduced")
    NO_FAULT = "no_fault", _("No fault found")
    RECORDED = "recorded", _("As recorded elsewhere")


#: What somebody may choose; the rest is for records of other systems.
CHOOSABLE_CODES = tuple(code for code in ResolutionCode if code != ResolutionCode.RECORDED)


class EvidenceKind(TextChoices):
    LOG = "log", _("Log excerpt")
    REPORT = "report", _("User report")
    METRIC = "metric", _("Metric")
    SCREENSHOT = "screenshot", _("Screenshot")
    CONFIGURATION = "configuration", _("Configuration")
    OTHER = "other", _("Other")


class Verdict(TextChoices):
    """What is held of a hypothesis."""

    OPEN = "open", _("Open")
    LIKELY = "likely", _("Likely")
    REJECTED = "rejected", _("Rejected")
    CONFIRMED = "confirmed", _("Confirmed")


class ActionKind(TextChoices):
    PATCH = "patch", _("Patch")
    CONFIGURATION = "configuration", _("Configuration change")
    RESTART = "restart", _("Restart")
    ROLLBACK = "rollback", _("Rollback")
    RESTORE = "restore", _("Restore from backup")
    HARDWARE = "hardware", _("Hardware replacement")
    WORKAROUND = "workaround", _("Workaround")
    OTHER = "other", _("Other")


class ActionOutcome(TextChoices):
    PLANNED = "planned", _("Planned")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    PARTIAL = "partial", _("Helped in part")
    ABANDONED = "abandoned", _("Abandoned")


#: How an action that was done can have gone.
DONE_OUTCOMES = tuple(outcome for outcome in ActionOutcome if outcome != ActionOutcome.PLANNED)


class Metric(TextChoices):
    """What a clock measures."""

    ACKNOWLEDGE = "acknowledge", _("Acknowledge")
    RESOLVE = "resolve", _("Resolve")


class Criticality(IntegerChoices):
    BUSINESS = 1, _("Business-critical")
    HIGH = 2, _("High")
    NORMAL = 3, _("Normal")
    LOW = 4, _("Low")


class ItemKind(TextChoices):
    SERVER = "server", _("Server")
    NETWORK = "network", _("Network device")
    WORKPLACE = "workplace", _("Workplace device")
    PRINTER = "printer", _("Printer")
    APPLICATION = "application", _("Application")
    DATABASE = "database", _("Database")
    OTHER = "other", _("Other")
