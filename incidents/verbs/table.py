"""Each verb, once. Buttons, forms, bulk actions, REST interface and refusals are made from this table.

What a verb does is a function of its name in `workflow`; what its entry says is in `entry_kinds`.
"""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from incidents import limits
from incidents.enums import (
    CHOOSABLE_CODES,
    DONE_OUTCOMES,
    LIVE_STATES,
    OPEN_STATES,
    ActionKind,
    EntryKind,
    EvidenceKind,
    HoldReason,
    Impact,
    Priority,
    Severity,
    State,
    Urgency,
    Verb,
    Verdict,
)
from incidents.rights import LEAD_MAJOR, OVERRIDE, REDACT
from incidents.verbs.definition import Definition, Page, Who
from incidents.verbs.inputs import Choice, Flag, Input, Moment, Number, Row, Text

_OPEN = frozenset(OPEN_STATES)
_LIVE = frozenset(LIVE_STATES)
_ANY = frozenset(State)
_NEW, _WORK, _HELD, _DONE = State.NEW, State.IN_PROGRESS, State.ON_HOLD, State.RESOLVED

_FOLLOWS = _("Left out: stays. Priority and clocks follow.")
_ACTION: dict[str, Input] = {
    "kind": Choice(among=tuple(ActionKind), refusal=_("Choose what kind of action this is.")),
    "summary": Text(limit=limits.PARAGRAPH, refusal=_("Say in at most %(limit)d characters what is done.")),
    "reference": Text(limit=limits.REFERENCE),
    "configuration_item": Row(of="item", may_be_none=True),
}
_SEVERITY = Choice(among=tuple(Severity), refusal=_("Choose a severity from SEV1 to SEV4."))

#: In the order of the menu.
VERBS: Mapping[Verb, Definition] = {
    Verb.ACKNOWLEDGE: Definition(
        sources=frozenset({State.NEW}),
        target=State.IN_PROGRESS,
        kind=EntryKind.ACKNOWLEDGED,
        in_front={_NEW: 1},
    ),
    Verb.ASSIGN: Definition(
        sources=_OPEN,  # a new one with an assignee goes to in_progress
        kind=EntryKind.ASSIGNED,
        inputs={
            "team": Row(of="team", may_be_none=True, help=_("Left out: stays. Null: taken away.")),
            "assignee": Row(
                of="person",
                may_be_none=True,
                help=_("Left out: stays, unless a team is named that they are not in. Null: taken away."),
            ),
            "note": Text(),
        },
        key="a",
        in_front={_NEW: 2, _WORK: 3, _HELD: 3},
        is_bulk=True,
    ),
    Verb.RESOLVE: Definition(
        sources=_OPEN,
        target=State.RESOLVED,
        kind=EntryKind.RESOLVED,
        inputs={
            "text": Text(refusal=_("Write what was done; the requester reads it.")),
            "code": Choice(among=CHOOSABLE_CODES, refusal=_("Choose how it was resolved.")),
        },
        key="s",
        in_front={_NEW: 3, _WORK: 1, _HELD: 2},
        is_bulk=True,
    ),
    Verb.HOLD: Definition(
        sources=frozenset({State.NEW, State.IN_PROGRESS}),
        target=State.ON_HOLD,
        kind=EntryKind.HELD,
        inputs={
            "reason": Choice(among=tuple(HoldReason), refusal=_("Say what it waits for.")),
            "note": Text(help=_("With the reason `caller`: the question to the requester.")),
        },
        in_front={_NEW: 4, _WORK: 2},
        is_bulk=True,
    ),
    Verb.RESUME: Definition(
        sources=frozenset({State.ON_HOLD}),
        target=State.IN_PROGRESS,
        kind=EntryKind.RESUMED,
        inputs={"note": Text()},
        in_front={_HELD: 1},
    ),
    Verb.CLOSE: Definition(
        sources=frozenset({State.RESOLVED}),
        target=State.CLOSED,
        kind=EntryKind.CLOSED,
        who=Who.OWN,
        inputs={"note": Text()},
        in_front={_DONE: 1},
        is_bulk=True,
    ),
    Verb.REOPEN: Definition(
        sources=frozenset({State.RESOLVED}),
        target=State.IN_PROGRESS,
        kind=EntryKind.REOPENED,
        who=Who.OWN,
        inputs={
            "text": Text(refusal=_("Write what still does not work.")),
            "children": Flag(help=_("Reopen the children that were resolved along with it, too.")),
        },
        in_front={_DONE: 2},
    ),
    Verb.EDIT: Definition(sources=_LIVE, kind=EntryKind.EDITED),
    Verb.MITIGATE: Definition(
        sources=_OPEN,
        kind=EntryKind.MITIGATED,
        unless=(
            lambda incident: incident.mitigated_at is not None,
            _("The service of %(number)s is back already. Write what is new as a reply."),
        ),
        inputs={"note": Text(), "mitigated_at": Moment(is_past=True)},
    ),
    Verb.DECLARE_MAJOR: Definition(
        sources=_LIVE,
        kind=EntryKind.MAJOR_DECLARED,
        unless=(
            lambda incident: incident.is_major,
            _("%(number)s is a major incident already. Write what is new as a reply."),
        ),
        inputs={
            "reason": Text(refusal=_("Say in plain words what stands still; stakeholders read it.")),
            "severity": _SEVERITY,
            "impact": Choice(among=tuple(Impact), is_required=False, help=_FOLLOWS),
            "urgency": Choice(among=tuple(Urgency), is_required=False, help=_FOLLOWS),
        },
        address="major",
    ),
    Verb.STAND_DOWN: Definition(
        sources=_LIVE,
        kind=EntryKind.STOOD_DOWN,
        needs=LEAD_MAJOR,
        unless=(lambda incident: not incident.is_major, _("%(number)s is no major incident.")),
        inputs={"reason": Text(refusal=_("Say why; stakeholders read it."))},
        address="stand-down",
    ),
    Verb.OVERRIDE_PRIORITY: Definition(
        sources=_OPEN,
        kind=EntryKind.PRIORITY_OVERRIDDEN,
        needs=OVERRIDE,
        inputs={
            "reason": Text(refusal=_("Say why; it is kept with the incident.")),
            "priority": Choice(
                among=tuple(Priority), may_be_none=True, help=_("Null gives it back to the matrix.")
            ),
        },
        address="priority",
    ),
    Verb.LINK_PARENT: Definition(
        sources=_LIVE,
        kind=EntryKind.LINKED,
        inputs={"parent": Row(of="incident", is_required=True, may_be_none=True)},
        address="parent",
    ),
    Verb.LINK_PROBLEM: Definition(
        sources=_ANY,
        kind=EntryKind.LINKED,
        inputs={"problem": Row(of="problem", is_required=True, may_be_none=True)},
        address="problem",
    ),
    Verb.MERGE: Definition(
        sources=_OPEN,
        target=State.CANCELLED,
        kind=EntryKind.MERGED,
        ends_a_major=True,
        inputs={
            "into": Row(of="incident", is_required=True),
            "confirm": Flag(
                help=_(
                    "Yes to what the problem `confirmation-needed` names: a major incident merged away, "
                    "something confidential shown to more people."
                )
            ),
        },
    ),
    Verb.CANCEL: Definition(
        sources=_OPEN,
        target=State.CANCELLED,
        kind=EntryKind.CANCELLED,
        who=Who.OWN,
        ends_a_major=True,
        for_requesters=(
            frozenset({State.NEW}),
            _("%(number)s is being worked on already. Write that you do not need it any more."),
        ),
        inputs={"reason": Text(refusal=_("Write why; everybody involved reads it."))},
    ),
    Verb.REDACT: Definition(
        sources=_ANY,
        kind=EntryKind.REDACTED,
        needs=REDACT,
        inputs={
            "reason": Text(
                limit=limits.PARAGRAPH,
                refusal=_("Say in at most %(limit)d characters why they have to go."),
            ),
            "words": Text(refusal=_("Give the words to be removed.")),
        },
        about=(
            "Removes these words for good, wherever they stand in the incident and in what came of it: "
            "entries, findings, review, alerts, mails sent and received, unsent forms. Not from files, "
            "addresses, related incidents, nor received mails that belong to no incident. The reason is kept."
        ),
    ),
    Verb.COMMENT: Definition(
        sources=_LIVE,
        kind=EntryKind.COMMENTED,
        who=Who.CONCERNED,
        inputs={"text": Text(refusal=_("Write something, or attach a file."))},
        page=Page.ASIDE,
        about=(
            "A reply that the requester reads. On a duplicate it lands on the incident it was joined with; "
            "what the requester's side says on one that is closed or cancelled opens a new incident that "
            "follows it up, and on a resolved one it may reopen it. The answer is the incident it landed on."
        ),
    ),
    Verb.NOTE: Definition(
        sources=_ANY,
        kind=EntryKind.NOTED,
        inputs={"text": Text(refusal=_("Write something, or attach a file."))},
        page=Page.ASIDE,
    ),
    Verb.ASSESS_SEVERITY: Definition(
        sources=_LIVE,
        kind=EntryKind.SEVERITY_ASSESSED,
        inputs={"severity": _SEVERITY, "reason": Text()},
        page=Page.ASIDE,
        address="severity",
    ),
    Verb.ADD_EVIDENCE: Definition(
        sources=_ANY,
        kind=EntryKind.EVIDENCE_ADDED,
        inputs={
            "kind": Choice(among=tuple(EvidenceKind), refusal=_("Choose what kind of evidence this is.")),
            "title": Text(limit=limits.LINE, refusal=_("Name it in at most %(limit)d characters.")),
            "source": Text(limit=limits.LINE),
            "content": Text(limit=limits.EXCERPT, is_verbatim=True),
            "covers_from": Moment(),
            "covers_until": Moment(),
        },
        page=Page.ASIDE,
    ),
    Verb.ADD_HYPOTHESIS: Definition(
        sources=_ANY,
        kind=EntryKind.HYPOTHESIS_ADDED,
        inputs={
            "text": Text(
                limit=limits.SENTENCES,
                refusal=_("Say in at most %(limit)d characters what the cause may be."),
            )
        },
        page=Page.ASIDE,
        address="hypothesis",
    ),
    Verb.WEIGH_HYPOTHESIS: Definition(
        sources=_ANY,
        kind=EntryKind.HYPOTHESIS_WEIGHED,
        inputs={
            "hypothesis": Row(of="hypothesis", is_required=True),
            "verdict": Choice(among=tuple(Verdict)),
            "reason": Text(limit=limits.PARAGRAPH),
        },
        page=Page.ASIDE,
        address="weigh",
    ),
    Verb.RECORD_ROOT_CAUSE: Definition(
        sources=_ANY,
        kind=EntryKind.ROOT_CAUSE_RECORDED,
        inputs={"text": Text(may_be_emptied=True)},
        page=Page.ASIDE,
        address="root-cause",
    ),
    Verb.PLAN_ACTION: Definition(
        sources=_LIVE,
        kind=EntryKind.ACTION_PLANNED,
        inputs={**_ACTION, "planned_for": Moment()},
        page=Page.ASIDE,
    ),
    Verb.RECORD_ACTION: Definition(
        sources=_ANY,
        kind=EntryKind.ACTION_TAKEN,
        inputs={
            **_ACTION,
            "outcome": Choice(among=DONE_OUTCOMES, refusal=_("Say how it went.")),
            "done_at": Moment(is_past=True),
            "tell": Flag(help=_("Public: the requester reads the summary.")),
            "planned": Row(
                of="action", may_be_none=True, help=_("The id of the planned action that this completes.")
            ),
        },
        page=Page.ASIDE,
        address="done",
    ),
    Verb.WATCH: Definition(
        sources=_LIVE,
        kind=EntryKind.WATCHER_ADDED,
        who=Who.CONCERNED,
        inputs={"user": Row(of="person", help=_("Left out: yourself."))},
        page=Page.ASIDE,
    ),
    Verb.UNWATCH: Definition(
        sources=_ANY,
        kind=EntryKind.WATCHER_REMOVED,
        who=Who.CONCERNED,
        inputs={"user": Row(of="person", help=_("Left out: yourself."))},
        page=Page.ASIDE,
    ),
    Verb.PUBLISH_REVIEW: Definition(
        sources=_ANY,
        kind=EntryKind.REVIEW_PUBLISHED,
        needs=LEAD_MAJOR,
        inputs={
            "version": Number(
                help=_("The version of the review as you read it. Left out: what is there is published.")
            )
        },
        page=Page.NOWHERE,
    ),
}


def verbs_where(holds: Callable[[Definition], bool]) -> frozenset[Verb]:
    return frozenset(verb for verb, definition in VERBS.items() if holds(definition))


def verbs_from(state: str) -> list[Verb]:
    """The verbs the table allows in this state, in the table's order."""
    return [verb for verb, definition in VERBS.items() if state in definition.sources]


def address_of(verb: Verb) -> str:
    """The name of its page at the desk."""
    return VERBS[verb].address or verb.value
