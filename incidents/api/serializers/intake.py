"""What became of alerts."""

from rest_framework import serializers

from incidents.models.monitoring import IngestOutcome


class DecisionSerializer(serializers.Serializer[object]):
    key = serializers.CharField(help_text="The alert's key; made up where it brought none.")
    outcome = serializers.ChoiceField(IngestOutcome.choices)
    incident = serializers.CharField(allow_null=True, help_text="The number of its incident.")
    why = serializers.CharField(required=False, help_text="What is wrong with an alert that is refused.")


class DecisionsSerializer(serializers.Serializer[object]):
    decisions = DecisionSerializer(many=True)
