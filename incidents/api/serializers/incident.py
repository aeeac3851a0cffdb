"""Incidents as they are read: all of it for the desk, the requester's side of it for everybody else."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from incidents import kinship, workflow
from incidents.api.serializers.catalogue import NameSerializer, PersonSerializer, PublicPersonSerializer
from incidents.api.serializers.read_only import ReadSerializer
from incidents.enums import HoldReason, ResolutionCode, Verb, Via
from incidents.models import Clock, Incident
from incidents.models.incident import format_number
from incidents.models.review import PROBLEM_PREFIX
from incidents.policies import Actor


class ClockSerializer(ReadSerializer[Clock]):
    is_running = serializers.BooleanField(read_only=True)
    is_paused = serializers.BooleanField(read_only=True)

    class Meta:
        model = Clock
        fields = [
            "metric",
            "target_minutes",
            "due_at",
            "stopped_at",
            "is_running",
            "is_paused",
            "breached",
            "business_seconds",
            "elapsed_seconds",
        ]
        read_only_fields = fields


class PartialSerializer(ReadSerializer[Any]):
    """`?fields=number,title` answers only those; a name that is not offered is refused."""

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        request = self.context.get("request")
        asked = (
            request.query_params.get("fields")
            if request is not None and self.context.get("partial")
            else None
        )
        if asked is None:
            return fields
        names = [name for name in asked.split(",") if name]
        if not names or set(names) - set(fields):
            text = _("Name fields of this list, with commas between them: %(names)s.") % {
                "names": ", ".join(fields)
            }
            raise serializers.ValidationError({"fields": text})
        return {name: fields[name] for name in dict.fromkeys(names)}


def drawn_by(serializer: Any) -> Iterable[Any]:
    """The rows of its whole list; of one that draws no list its own."""
    return [serializer.instance] if serializer.parent is None else serializer.parent.instance


class IncidentSerializer(PartialSerializer):
    """Everything of an incident, for the desk."""

    number = serializers.CharField(read_only=True)
    hold_reason = serializers.ChoiceField(HoldReason.choices, allow_blank=True, read_only=True)
    resolution_code = serializers.ChoiceField(ResolutionCode.choices, allow_blank=True, read_only=True)
    requester: Any = PersonSerializer(read_only=True, allow_null=True)
    opened_by: object = PersonSerializer(read_only=True, allow_null=True)
    assignee: object = PersonSerializer(read_only=True, allow_null=True)
    team = NameSerializer(read_only=True, allow_null=True)
    service = NameSerializer(read_only=True, allow_null=True)
    category = NameSerializer(read_only=True, allow_null=True)
    configuration_item = NameSerializer(read_only=True, allow_null=True)
    location = NameSerializer(read_only=True, allow_null=True)
    parent: Any = serializers.SerializerMethodField()
    duplicate_of = serializers.SerializerMethodField()
    follows_up = serializers.SerializerMethodField()
    problem = serializers.SerializerMethodField()
    clocks = ClockSerializer(many=True, read_only=True)
    verbs = serializers.SerializerMethodField(help_text=_("What you may do to it now."))

    class Meta:
        model = Incident
        fields = [
            "number",
            "version",
            "title",
            "description",
            "state",
            "hold_reason",
            "impact",
            "urgency",
            "priority",
            "priority_overridden",
            "severity",
            "is_major",
            "is_confidential",
            "requester",
            "opened_by",
            "channel",
            "team",
            "assignee",
            "service",
            "category",
            "configuration_item",
            "location",
            "parent",
            "duplicate_of",
            "follows_up",
            "problem",
            "resolution_code",
            "resolution",
            "root_cause",
            "started_at",
            "detected_at",
            "opened_at",
            "acknowledged_at",
            "first_assigned_at",
            "mitigated_at",
            "resolved_at",
            "closed_at",
            "updated_at",
            "reopen_count",
            "reassignment_count",
            "source_name",
            "source_number",
            "source_met_sla",
            "clocks",
            "verbs",
        ]
        read_only_fields = fields

    @cached_property
    def hidden(self) -> set[int]:
        """Asked once for a whole list."""
        named = {pk for incident in drawn_by(self) for pk in kinship.kin_of(incident)}
        return kinship.hidden_from(self.context["request"].user, named)

    def _number_of(self, pk: int | None) -> str | None:
        return None if pk is None or pk in self.hidden else format_number(pk)

    def get_parent(self, incident: Incident) -> str | None:
        return self._number_of(incident.parent_id)

    def get_duplicate_of(self, incident: Incident) -> str | None:
        return self._number_of(incident.duplicate_of_id)

    def get_follows_up(self, incident: Incident) -> str | None:
        return self._number_of(incident.follows_up_id)

    def get_problem(self, incident: Incident) -> str | None:
        return None if incident.problem_id is None else format_number(incident.problem_id, PROBLEM_PREFIX)

    def get_verbs(self, incident: Incident) -> list[Verb]:
        actor = Actor(self.context["request"].user, Via.API)
        barred = workflow.barred_by_past(incident, actor)
        return [verb for verb in workflow.allowed_verbs(incident, actor) if verb not in barred]


class PublicIncidentSerializer(IncidentSerializer):
    """What the requester's side may read: nothing that the desk keeps to itself."""

    requester: object = PublicPersonSerializer(read_only=True, allow_null=True)
    assignee: object = PublicPersonSerializer(read_only=True, allow_null=True)
    opened_by: object = None
    clocks: Any = None
    configuration_item: Any = None
    parent: Any = None
    duplicate_of: Any = None
    follows_up: Any = None
    problem: Any = None

    class Meta(IncidentSerializer.Meta):
        fields = [
            "number",
            "version",
            "title",
            "description",
            "state",
            "hold_reason",
            "impact",
            "urgency",
            "priority",
            "is_major",
            "requester",
            "channel",
            "team",
            "assignee",
            "service",
            "category",
            "location",
            "resolution_code",
            "resolution",
            "opened_at",
            "acknowledged_at",
            "mitigated_at",
            "resolved_at",
            "closed_at",
            "updated_at",
            "verbs",
        ]
        read_only_fields = fields
