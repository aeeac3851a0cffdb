"""One address for each verb of the transition table: read the body, call the verb, answer the incident."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from incidents import workflow
from incidents.api import concurrency
from incidents.api.idempotency import idempotent
from incidents.api.schema import IDEMPOTENCY_KEY, IF_MATCH
from incidents.api.serializers import forms
from incidents.api.serializers.incident import IncidentSerializer
from incidents.api.serializers.strict import StrictSerializer
from incidents.api.views.base import IncidentDoor
from incidents.enums import Verb
from incidents.errors import Invalid
from incidents.models import Incident, TimelineEntry


def watch(incident: Incident, **sent: Any) -> object:
    return workflow.watch(incident, **{"user": sent["actor"].user, **sent})


def unwatch(incident: Incident, **sent: Any) -> object:
    return workflow.unwatch(incident, **{"user": sent["actor"].user, **sent})


def weigh_hypothesis(incident: Incident, **sent: Any) -> object:
    hypothesis = incident.hypotheses.filter(pk=sent.pop("hypothesis")).first()
    if hypothesis is None:
        raise Invalid({"hypothesis": _("This incident has no such hypothesis.")})
    hypothesis.incident = incident
    return workflow.weigh_hypothesis(hypothesis, **sent)


def record_action(incident: Incident, **sent: Any) -> object:
    if sent.get("planned") is not None:
        sent["planned"] = incident.actions.filter(pk=sent["planned"]).first()
        if sent["planned"] is None:
            raise Invalid({"planned": _("This incident has no such planned action.")})
    return workflow.record_action(incident, **sent)


@dataclass(frozen=True, slots=True)
class Translation:
    """How a verb is asked for: the function, and the shape of the body that brings its arguments."""

    function: Callable[..., object]
    form: type[StrictSerializer]


VERBS: Mapping[Verb, Translation] = {
    Verb.ACKNOWLEDGE: Translation(workflow.acknowledge, forms.NothingSerializer),
    Verb.ASSIGN: Translation(workflow.assign, forms.AssignSerializer),
    Verb.HOLD: Translation(workflow.hold, forms.HoldSerializer),
    Verb.RESUME: Translation(workflow.resume, forms.NoteSerializer),
    Verb.MITIGATE: Translation(workflow.mitigate, forms.MitigateSerializer),
    Verb.RESOLVE: Translation(workflow.resolve, forms.ResolveSerializer),
    Verb.REOPEN: Translation(workflow.reopen, forms.ReopenSerializer),
    Verb.CLOSE: Translation(workflow.close, forms.NoteSerializer),
    Verb.CANCEL: Translation(workflow.cancel, forms.ReasonSerializer),
    Verb.MERGE: Translation(workflow.merge, forms.MergeSerializer),
    Verb.COMMENT: Translation(workflow.answer, forms.TextSerializer),
    Verb.NOTE: Translation(workflow.note, forms.TextSerializer),
    Verb.OVERRIDE_PRIORITY: Translation(workflow.override_priority, forms.OverridePrioritySerializer),
    Verb.ASSESS_SEVERITY: Translation(workflow.assess_severity, forms.SeveritySerializer),
    Verb.DECLARE_MAJOR: Translation(workflow.declare_major, forms.MajorSerializer),
    Verb.STAND_DOWN: Translation(workflow.stand_down, forms.ReasonSerializer),
    Verb.ADD_EVIDENCE: Translation(workflow.add_evidence, forms.EvidenceFormSerializer),
    Verb.ADD_HYPOTHESIS: Translation(workflow.add_hypothesis, forms.HypothesisFormSerializer),
    Verb.WEIGH_HYPOTHESIS: Translation(weigh_hypothesis, forms.WeighSerializer),
    Verb.RECORD_ROOT_CAUSE: Translation(workflow.record_root_cause, forms.TextSerializer),
    Verb.PLAN_ACTION: Translation(workflow.plan_action, forms.PlanSerializer),
    Verb.RECORD_ACTION: Translation(record_action, forms.RecordSerializer),
    Verb.WATCH: Translation(watch, forms.WatcherSerializer),
    Verb.UNWATCH: Translation(unwatch, forms.WatcherSerializer),
    Verb.LINK_PARENT: Translation(workflow.link_parent, forms.ParentSerializer),
    Verb.LINK_PROBLEM: Translation(workflow.link_problem, forms.ProblemLinkSerializer),
    Verb.PUBLISH_REVIEW: Translation(workflow.publish_review, forms.PublishSerializer),
    Verb.REDACT: Translation(workflow.redact, forms.RedactSerializer),
}


class VerbDoor(IncidentDoor):
    """Does its verb to the incident the address names."""

    verb: Verb

    @idempotent
    def post(self, request: Request, number: str) -> Response:
        incident = self.bare_incident()
        self.check_may(self.verb, incident)
        concurrency.expect_match(request, incident)
        translation = VERBS[self.verb]
        form = translation.form(data=request.data or {}, context={"request": request})
        form.is_valid(raise_exception=True)
        done = translation.function(incident, **form.validated_data, **self.doing())
        # A comment on a duplicate, or on one that is over, lands elsewhere.
        return self.answer_afresh(done.incident if isinstance(done, TimelineEntry) else incident)


#: What the name of a verb does not say.
DESCRIPTIONS = {
    Verb.REDACT: (
        "Removes these words for good, wherever they stand in the incident and in what came of it: entries, "
        "findings, review, alerts, mails sent and received, unsent forms. Not from files, addresses, related "
        "incidents, nor received mails that belong to no incident. The reason is kept."
    ),
    Verb.COMMENT: (
        "A reply that the requester reads. On a duplicate it lands on the incident it was joined with; what "
        "the requester's side says on one that is closed or cancelled opens a new incident that follows it "
        "up, and on a resolved one it may reopen it. The answer is the incident it landed on."
    ),
}


def verb_view(verb: Verb) -> Callable[..., HttpResponseBase]:
    """The view of one verb, with its own place in the schema."""
    described = extend_schema(
        operation_id=f"incidents_{verb.value}",
        summary=str(verb.value).replace("_", " ").capitalize(),
        description=DESCRIPTIONS.get(verb, ""),
        request=VERBS[verb].form,
        responses={200: IncidentSerializer, 204: None},  # 204: it went where the caller cannot follow
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
    )
    name = "".join(word.title() for word in verb.value.split("_")) + "Door"
    door: Any = extend_schema_view(post=described)(type(name, (VerbDoor,), {"verb": verb}))
    view: Callable[..., HttpResponseBase] = door.as_view()
    return view
