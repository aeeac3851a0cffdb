"""What is sent: the shape of each body. Rules are the verbs' matter."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from incidents import limits
from incidents.api.serializers.fields import (
    MomentField,
    category_field,
    item_field,
    location_field,
    person_field,
    service_field,
    team_field,
    text_field,
)
from incidents.api.serializers.strict import IncidentNumberField, StrictSerializer
from incidents.api.serializers.verb_bodies import body_of
from incidents.enums import Impact, Urgency, Verb, Visibility


class RequesterReportSerializer(StrictSerializer):
    """What somebody who needs help may say."""

    title = serializers.CharField(max_length=limits.LINE)
    description = text_field(required=False, allow_blank=True)
    impact = serializers.ChoiceField(Impact.choices, required=False)
    urgency = serializers.ChoiceField(Urgency.choices, required=False)
    service = service_field(required=False, allow_null=True)
    category = category_field(required=False, allow_null=True)
    location = location_field(required=False, allow_null=True)
    started_at = MomentField(required=False, allow_null=True)
    follows_up = IncidentNumberField(required=False, allow_null=True)


class ReportSerializer(RequesterReportSerializer):
    """What the desk may say on top: for whom, and where it goes."""

    requester = person_field(required=False, allow_null=True)
    configuration_item = item_field(required=False, allow_null=True)
    team = team_field(required=False, allow_null=True)
    detected_at = MomentField(required=False, allow_null=True)
    is_confidential = serializers.BooleanField(required=False)


class EditSerializer(StrictSerializer):
    """Corrections. Only what is sent changes; the rest has verbs of its own."""

    title = serializers.CharField(max_length=limits.LINE, required=False)
    description = text_field(required=False, allow_blank=True)
    impact = serializers.ChoiceField(Impact.choices, required=False)
    urgency = serializers.ChoiceField(Urgency.choices, required=False)
    service = service_field(required=False, allow_null=True)
    category = category_field(required=False, allow_null=True)
    configuration_item = item_field(required=False, allow_null=True)
    location = location_field(required=False, allow_null=True)
    requester = person_field(required=False, allow_null=True)
    is_confidential = serializers.BooleanField(required=False)
    started_at = MomentField(required=False, allow_null=True)
    detected_at = MomentField(required=False, allow_null=True)


class ReviewFormSerializer(StrictSerializer):
    summary = text_field(required=False, allow_blank=True)
    impact = text_field(required=False, allow_blank=True)
    root_cause = text_field(required=False, allow_blank=True)
    contributing_factors = text_field(required=False, allow_blank=True)
    went_well = text_field(required=False, allow_blank=True)
    went_badly = text_field(required=False, allow_blank=True)


class EvidenceUploadSerializer(body_of(Verb.ADD_EVIDENCE)):  # type: ignore[misc]  # made from the table
    attachment = serializers.FileField(required=False, max_length=255)


class AttachmentsSerializer(StrictSerializer):
    """Files that come with a reply or, where the desk says so, with an internal note."""

    file = serializers.ListField(
        child=serializers.FileField(max_length=255), allow_empty=False, max_length=limits.FILES
    )
    text = text_field(required=False, allow_blank=True, default="")
    visibility = serializers.ChoiceField(
        Visibility.choices,
        required=False,
        help_text=_("The desk's default is internal; a requester's is public."),
    )
