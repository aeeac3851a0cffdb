"""The catalogue and people, as they are read."""

from typing import Any

from django.contrib.auth.models import User
from rest_framework import serializers

from incidents.api.serializers.read_only import ReadSerializer
from incidents.models import Category, ConfigurationItem, Location, Problem, Service, Team
from itsm.ui.names import person_name


class NameSerializer(serializers.Serializer[object]):
    """A row as it stands inside another."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(read_only=True)


class PublicPersonSerializer(ReadSerializer[User]):
    """What everybody may know of somebody who acts."""

    name = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields: list[str] = ["name"]
        read_only_fields = fields

    def get_name(self, user: User) -> str:
        return person_name(user)


class PersonSerializer(PublicPersonSerializer):
    class Meta(PublicPersonSerializer.Meta):
        fields = ["id", "username", "name"]
        read_only_fields = fields


class TeamSerializer(serializers.ModelSerializer[Team]):
    class Meta:
        model = Team
        fields = ["id", "name", "is_active"]
        read_only_fields = fields


class ServiceSerializer(serializers.ModelSerializer[Service]):
    team = NameSerializer(allow_null=True, read_only=True)
    depends_on: object = serializers.PrimaryKeyRelatedField(many=True, read_only=True)

    class Meta:
        model = Service
        fields = ["id", "name", "description", "team", "criticality", "depends_on", "is_active"]
        read_only_fields = fields


class CategorySerializer(serializers.ModelSerializer[Category]):
    parent: Any = serializers.PrimaryKeyRelatedField(allow_null=True, read_only=True)

    class Meta:
        model = Category
        fields = ["id", "name", "parent", "is_active"]
        read_only_fields = fields


class ConfigurationItemSerializer(serializers.ModelSerializer[ConfigurationItem]):
    service = NameSerializer(allow_null=True, read_only=True)
    location = NameSerializer(allow_null=True, read_only=True)

    class Meta:
        model = ConfigurationItem
        fields = ["id", "name", "kind", "service", "location", "serial_number", "is_active"]
        read_only_fields = fields


class LocationSerializer(serializers.ModelSerializer[Location]):
    class Meta:
        model = Location
        fields = ["id", "name", "country", "time_zone"]
        read_only_fields = fields


class ProblemRecordSerializer(serializers.ModelSerializer[Problem]):
    number = serializers.CharField(read_only=True)
    is_known_error = serializers.SerializerMethodField()

    class Meta:
        model = Problem
        fields = [
            "number",
            "title",
            "description",
            "root_cause",
            "workaround",
            "is_known_error",
            "opened_at",
            "removed_at",
        ]
        read_only_fields = fields

    def get_is_known_error(self, problem: Problem) -> bool:
        return bool(problem.root_cause and problem.workaround and problem.removed_at is None)
