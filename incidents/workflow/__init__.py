"""The verbs. Whoever wants to change an incident calls one of these; nobody else writes one."""

from incidents.policies import Actor
from incidents.workflow.alerts import record_alert, record_still_firing, record_worsening
from incidents.workflow.analysis import (
    add_evidence,
    add_hypothesis,
    plan_action,
    record_action,
    record_root_cause,
    weigh_hypothesis,
)
from incidents.workflow.attaching import StoredFile, stored
from incidents.workflow.closing import cancel, close, close_refusal, reopen, resolve
from incidents.workflow.conversation import answer, comment, destination, may_answer, note, pass_on
from incidents.workflow.declared import barred_by_past, owing_no_review, with_past
from incidents.workflow.family import link_parent, link_problem
from incidents.workflow.handling import (
    EDITABLE,
    UNCHANGED,
    acknowledge,
    assign,
    edit,
    hold,
    mitigate,
    override_priority,
    resume,
)
from incidents.workflow.intake import Report, open_incident, open_incidents
from incidents.workflow.major import assess_severity, declare_major, stand_down
from incidents.workflow.merging import merge
from incidents.workflow.persist import expect
from incidents.workflow.redacting import redact
from incidents.workflow.remarks import remarks
from incidents.workflow.reviewing import publish_review, save_review
from incidents.workflow.seen import expect_seen, news_since
from incidents.workflow.sla_notices import notice_clock
from incidents.workflow.staffing import routed_to, set_members, why_not_reroute, why_not_staff
from incidents.workflow.transitions import allowed_verbs
from incidents.workflow.watching import unwatch, watch

__all__ = [
    "EDITABLE",
    "UNCHANGED",
    "Actor",
    "Report",
    "StoredFile",
    "acknowledge",
    "add_evidence",
    "add_hypothesis",
    "allowed_verbs",
    "answer",
    "assess_severity",
    "assign",
    "barred_by_past",
    "cancel",
    "close",
    "close_refusal",
    "comment",
    "declare_major",
    "destination",
    "edit",
    "expect",
    "expect_seen",
    "hold",
    "link_parent",
    "link_problem",
    "may_answer",
    "merge",
    "mitigate",
    "news_since",
    "note",
    "notice_clock",
    "open_incident",
    "open_incidents",
    "override_priority",
    "owing_no_review",
    "pass_on",
    "plan_action",
    "publish_review",
    "record_action",
    "record_alert",
    "record_root_cause",
    "record_still_firing",
    "record_worsening",
    "redact",
    "remarks",
    "reopen",
    "resolve",
    "resume",
    "routed_to",
    "save_review",
    "set_members",
    "stand_down",
    "stored",
    "unwatch",
    "watch",
    "weigh_hypothesis",
    "why_not_reroute",
    "why_not_staff",
    "with_past",
]
