"""What the doors to one incident share: finding it as its reader may, and answering with it."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import policies, workflow
from incidents.api import concurrency
from incidents.api.serializers.incident import IncidentSerializer, PublicIncidentSerializer
from incidents.enums import Verb, Via
from incidents.errors import NotAllowed
from incidents.models import Clock, Incident, Watcher
from incidents.policies import Actor
from itsm import timekeeping

CLOCKS = Prefetch("clocks", Clock.objects.order_by("metric"))


class IncidentDoor(APIView):
    """Mixed into each view that starts from incidents."""

    def person(self) -> User:
        user: User = self.request.user  # type: ignore[assignment]  # HasScope has let nobody else in
        return user

    def sees_internal(self) -> bool:
        return policies.sees_internal(self.person())

    def doing(self) -> dict[str, Any]:
        """Who and when, for a verb."""
        return {"actor": Actor(self.person(), Via.API), "at": timekeeping.now()}

    def check_may(self, verb: Verb, incident: Incident) -> None:
        """Before the body is looked at: who may not use the verb learns nothing of what it names."""
        if refusal := policies.why_not(Actor(self.person(), Via.API), verb, incident):
            raise NotAllowed(refusal)

    def visible_incidents(self) -> QuerySet[Incident]:
        """With everything a representation shows: two queries, whatever their number."""
        rows = workflow.with_past(Incident.objects.visible_to(self.person()).for_list())
        if not self.sees_internal():
            return rows.select_related("requester", "assignee", "location")
        rows = rows.select_related("opened_by", "configuration_item", "location").prefetch_related(CLOCKS)
        if policies.is_agent(self.person()):
            return rows
        # `verbs` of who reads everything depends on what they watch.
        return rows.prefetch_related(Prefetch("watchers", Watcher.objects.current(self.person())))

    def incident(self, rows: object = None) -> Incident:
        """The one the address names. Unknown and forbidden are the same answer."""
        visible: Any = self.visible_incidents() if rows is None else rows
        found: Incident | None = visible.with_number(self.kwargs["number"]).first()
        if found is None:
            raise NotFound(_("There is no such incident, or it is not yours to see."))
        return found

    def bare_incident(self) -> Incident:
        """The same without what only a representation needs."""
        return self.incident(Incident.objects.visible_to(self.person()))

    def shown(self, incident: Incident | list[Incident], *, many: bool = False) -> object:
        serializer_class = IncidentSerializer if self.sees_internal() else PublicIncidentSerializer
        context = {"request": self.request, "partial": self.request.method == "GET"}
        return serializer_class(incident, many=many, context=context).data

    def answer(self, incident: Incident, **kwargs: Any) -> Response:
        response = Response(self.shown(incident), **kwargs)
        response["ETag"] = concurrency.etag(incident)
        return response

    def answer_afresh(self, incident: Incident) -> Response:
        """After a verb. Whoever handed it to where they cannot follow gets 204."""
        again = self.visible_incidents().filter(pk=incident.pk).first()
        return Response(status=204) if again is None else self.answer(again)
