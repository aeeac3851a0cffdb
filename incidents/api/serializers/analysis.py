"""Evidence, hypotheses, actions and the review, as the desk reads them."""

from rest_framework import serializers

from incidents.api.serializers.catalogue import NameSerializer, PersonSerializer
from incidents.models import Action, Evidence, Hypothesis, Review


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    collected_by: object = PersonSerializer(read_only=True, allow_null=True)
    attachment: object = serializers.PrimaryKeyRelatedField(allow_null=True, read_only=True)

    class Meta:
        model = Evidence
        fields = [
            "id", "kind", "title", "source", "content", "covers_from", "covers_until", "attachment",
            "collected_by", "collected_at", "sha256",
        ]  # fmt: skip
        read_only_fields = fields


class HypothesisSerializer(serializers.ModelSerializer[Hypothesis]):
    proposed_by: object = PersonSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Hypothesis
        fields = ["id", "text", "verdict", "reason", "proposed_by", "proposed_at"]
        read_only_fields = fields


class ActionSerializer(serializers.ModelSerializer[Action]):
    configuration_item = NameSerializer(read_only=True, allow_null=True)
    recorded_by: object = PersonSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Action
        fields = [
            "id", "kind", "summary", "outcome", "reference", "configuration_item", "planned_for", "done_at",
            "recorded_by",
        ]  # fmt: skip
        read_only_fields = fields


class ReviewSerializer(serializers.ModelSerializer[Review]):
    written_by: object = PersonSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Review
        fields = [
            "summary", "impact", "root_cause", "contributing_factors", "went_well", "went_badly",
            "written_by", "published_at", "version",
        ]  # fmt: skip
        read_only_fields = fields
