"""One address for each verb of the transition table: read the body, call the verb, answer the incident."""

from collections.abc import Callable, Mapping
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
from incidents.api.serializers.incident import IncidentSerializer
from incidents.api.serializers.verb_bodies import body_of
from incidents.api.views.base import IncidentDoor
from incidents.enums import Verb
from incidents.errors import Invalid
from incidents.models import Incident, TimelineEntry
from incidents.verbs import VERBS


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


#: Verbs that are asked for otherwise than their functions are called. All others are called as they are.
TRANSLATED: Mapping[Verb, Callable[..., object]] = {
    Verb.COMMENT: workflow.answer,
    Verb.WATCH: watch,
    Verb.UNWATCH: unwatch,
    Verb.WEIGH_HYPOTHESIS: weigh_hypothesis,
    Verb.RECORD_ACTION: record_action,
}
#: An edit is a PATCH of the incident.
OFFERED = tuple(verb for verb in VERBS if verb != Verb.EDIT)


class VerbDoor(IncidentDoor):
    """Does its verb to the incident the address names."""

    verb: Verb

    @idempotent
    def post(self, request: Request, number: str) -> Response:
        incident = self.bare_incident()
        self.check_may(self.verb, incident)
        concurrency.expect_match(request, incident)
        form = body_of(self.verb)(data=request.data or {}, context={"request": request})
        form.is_valid(raise_exception=True)
        do = TRANSLATED.get(self.verb) or getattr(workflow, self.verb.value)
        done = do(incident, **form.validated_data, **self.doing())
        # A comment on a duplicate, or on one that is over, lands elsewhere.
        return self.answer_afresh(done.incident if isinstance(done, TimelineEntry) else incident)


def verb_view(verb: Verb) -> Callable[..., HttpResponseBase]:
    """The view of one verb, with its own place in the schema."""
    described = extend_schema(
        operation_id=f"incidents_{verb.value}",
        summary=str(verb.value).replace("_", " ").capitalize(),
        description=VERBS[verb].about,
        request=body_of(verb),
        responses={200: IncidentSerializer, 204: None},  # 204: it went where the caller cannot follow
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
    )
    name = "".join(word.title() for word in verb.value.split("_")) + "Door"
    door: Any = extend_schema_view(post=described)(type(name, (VerbDoor,), {"verb": verb}))
    view: Callable[..., HttpResponseBase] = door.as_view()
    return view
