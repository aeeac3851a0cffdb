"""The shape of errors, for the schema (RFC 9457)."""

from typing import Any

from rest_framework import serializers


class FieldErrorSerializer(serializers.Serializer[object]):
    pointer = serializers.CharField(required=False, help_text="Where in the body, as a JSON pointer.")
    parameter = serializers.CharField(required=False, help_text="Or which query parameter.")
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[object]):
    type = serializers.CharField(help_text="Stable; answers what it means at its own address.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors: Any = FieldErrorSerializer(many=True, required=False)


class ProblemTypeSerializer(serializers.Serializer[Any]):
    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
