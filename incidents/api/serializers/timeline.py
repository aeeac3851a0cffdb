"""The history of an incident. `data` is the desk's own: public readers get words, not mechanics."""

from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from incidents import kinship
from incidents.api.serializers.catalogue import PersonSerializer, PublicPersonSerializer
from incidents.api.serializers.incident import drawn_by
from incidents.api.serializers.read_only import ReadSerializer
from incidents.models import Attachment, TimelineEntry
from incidents.models.incident import format_number


class AttachmentSerializer(ReadSerializer[Attachment]):
    seq = serializers.IntegerField(source="entry.seq", read_only=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Attachment
        fields = ["id", "seq", "name", "content_type", "size", "sha256", "url"]
        read_only_fields = fields

    def get_url(self, attachment: Attachment) -> str:
        number = format_number(attachment.entry.incident_id)
        path = reverse("api:attachment-download", kwargs={"number": number, "pk": attachment.pk})
        absolute: str = self.context["request"].build_absolute_uri(path)
        return absolute


class PublicEntrySerializer(ReadSerializer[TimelineEntry]):
    actor: object = PublicPersonSerializer(read_only=True, allow_null=True)
    attachments = AttachmentSerializer(many=True, read_only=True)

    class Meta:
        model = TimelineEntry
        fields: list[str] = ["seq", "kind", "actor", "at", "text", "state_after", "attachments"]
        read_only_fields = fields


class EntrySerializer(PublicEntrySerializer):
    actor: object = PersonSerializer(read_only=True, allow_null=True)
    data: Any = serializers.SerializerMethodField(
        help_text=_("What changed, as [before, after]; null in place of an incident that you may not see.")
    )

    class Meta(PublicEntrySerializer.Meta):
        fields = [
            "seq",
            "kind",
            "visibility",
            "actor",
            "via",
            "at",
            "recorded_at",
            "text",
            "state_after",
            "source_state",
            "attachments",
            "data",
        ]
        read_only_fields = fields

    @cached_property
    def hidden(self) -> set[int]:
        """Asked once for a whole page."""
        named = {pk for entry in drawn_by(self) for pk in kinship.named_in(entry.data)}
        return kinship.hidden_from(self.context["request"].user, named)

    def get_data(self, entry: TimelineEntry) -> dict[str, Any]:
        return kinship.without(entry.data, self.hidden)
