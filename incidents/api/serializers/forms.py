"""What is sent: the shape of each body. Rules are the verbs' matter."""

from datetime import UTC
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request

from incidents import limits, policies
from incidents.api.serializers.strict import (
    IncidentNumberField,
    ProblemNumberField,
    StrictSerializer,
    row_field,
)
from incidents.enums import (
    CHOOSABLE_CODES,
    DONE_OUTCOMES,
    ActionKind,
    EvidenceKind,
    HoldReason,
    Impact,
    Priority,
    Severity,
    Urgency,
    Verdict,
    Visibility,
)
from incidents.models import Category, ConfigurationItem, Location, Service, Team


def _team(**kwargs: Any) -> Any:
    return row_field(lambda _request: Team.objects.filter(is_active=True), **kwargs)


def _service(**kwargs: Any) -> Any:
    return row_field(lambda _request: Service.objects.filter(is_active=True).select_related("team"), **kwargs)


def _category(**kwargs: Any) -> Any:
    return row_field(lambda _request: Category.objects.filter(is_active=True), **kwargs)


def _item(**kwargs: Any) -> Any:
    return row_field(lambda _request: ConfigurationItem.objects.filter(is_active=True), **kwargs)


def _location(**kwargs: Any) -> Any:
    return row_field(lambda _request: Location.objects.all(), **kwargs)


def _people(request: Request) -> QuerySet[User]:
    """The desk names anybody; everybody else only themselves, so that nobody else's log-in is confirmed."""
    rows = User.objects.filter(is_active=True)
    return rows if policies.sees_internal(request.user) else rows.filter(pk=request.user.pk or 0)


def _person(**kwargs: Any) -> Any:
    return row_field(_people, by="username", **kwargs)


def _text(**kwargs: Any) -> serializers.CharField:
    return serializers.CharField(max_length=limits.TEXT, **kwargs)


class MomentField(serializers.DateTimeField):
    """A moment says its offset: in autumn an hour comes twice."""

    default_error_messages = {
        "no_offset": _("This time has no offset. Write it as 2026-10-25T02:30:00+02:00, or with Z.")
    }

    def enforce_timezone(self, value: Any) -> Any:
        if value.tzinfo is None:
            self.fail("no_offset")
        return super().enforce_timezone(value)

    def default_timezone(self) -> Any:
        return UTC


class RequesterReportSerializer(StrictSerializer):
    """What somebody who needs help may say."""

    title = serializers.CharField(max_length=limits.LINE)
    description = _text(required=False, allow_blank=True)
    impact = serializers.ChoiceField(Impact.choices, required=False)
    urgency = serializers.ChoiceField(Urgency.choices, required=False)
    service = _service(required=False, allow_null=True)
    category = _category(required=False, allow_null=True)
    location = _location(required=False, allow_null=True)
    started_at = MomentField(required=False, allow_null=True)
    follows_up = IncidentNumberField(required=False, allow_null=True)


class ReportSerializer(RequesterReportSerializer):
    """What the desk may say on top: for whom, and where it goes."""

    requester = _person(required=False, allow_null=True)
    configuration_item = _item(required=False, allow_null=True)
    team = _team(required=False, allow_null=True)
    detected_at = MomentField(required=False, allow_null=True)
    is_confidential = serializers.BooleanField(required=False)


class EditSerializer(StrictSerializer):
    """Corrections. Only what is sent changes; the rest has verbs of its own."""

    title = serializers.CharField(max_length=limits.LINE, required=False)
    description = _text(required=False, allow_blank=True)
    impact = serializers.ChoiceField(Impact.choices, required=False)
    urgency = serializers.ChoiceField(Urgency.choices, required=False)
    service = _service(required=False, allow_null=True)
    category = _category(required=False, allow_null=True)
    configuration_item = _item(required=False, allow_null=True)
    location = _location(required=False, allow_null=True)
    requester = _person(required=False, allow_null=True)
    is_confidential = serializers.BooleanField(required=False)
    started_at = MomentField(required=False, allow_null=True)
    detected_at = MomentField(required=False, allow_null=True)


class NothingSerializer(StrictSerializer):
    """No body, or an empty object."""


class AssignSerializer(StrictSerializer):
    team = _team(required=False, allow_null=True, help_text=_("Left out: stays. Null: taken away."))
    assignee = _person(
        required=False,
        allow_null=True,
        help_text=_("Left out: stays, unless a team is named that they are not in. Null: taken away."),
    )
    note = _text(required=False, allow_blank=True)


class HoldSerializer(StrictSerializer):
    reason = serializers.ChoiceField(HoldReason.choices)
    note = _text(
        required=False,
        allow_blank=True,
        help_text=_("With the reason `caller`: the question to the requester."),
    )


class NoteSerializer(StrictSerializer):
    """An internal remark that comes along."""

    note = _text(required=False, allow_blank=True)


class MitigateSerializer(NoteSerializer):
    mitigated_at = MomentField(required=False, allow_null=True)


class TextSerializer(StrictSerializer):
    text = _text()


class ReasonSerializer(StrictSerializer):
    reason = _text()


class RedactSerializer(ReasonSerializer):
    words = _text()


class ResolveSerializer(TextSerializer):
    code = serializers.ChoiceField([(code.value, code.label) for code in CHOOSABLE_CODES])


class ReopenSerializer(TextSerializer):
    children = serializers.BooleanField(
        required=False, help_text=_("Reopen the children that were resolved along with it, too.")
    )


class OverridePrioritySerializer(ReasonSerializer):
    priority = serializers.ChoiceField(
        Priority.choices, allow_null=True, help_text=_("Null gives it back to the matrix.")
    )


class SeveritySerializer(StrictSerializer):
    severity = serializers.ChoiceField(Severity.choices)
    reason = _text(required=False, allow_blank=True)


class MajorSerializer(ReasonSerializer):
    severity = serializers.ChoiceField(Severity.choices)
    impact = serializers.ChoiceField(
        Impact.choices, required=False, help_text=_("Left out: stays. Priority and clocks follow.")
    )
    urgency = serializers.ChoiceField(
        Urgency.choices, required=False, help_text=_("Left out: stays. Priority and clocks follow.")
    )


class MergeSerializer(StrictSerializer):
    into = IncidentNumberField()
    confirm = serializers.BooleanField(
        required=False,
        help_text=_(
            "Yes to what the problem `confirmation-needed` names: a major incident merged away, "
            "something confidential shown to more people."
        ),
    )


class ParentSerializer(StrictSerializer):
    parent: Any = IncidentNumberField(allow_null=True)


class ProblemLinkSerializer(StrictSerializer):
    problem = ProblemNumberField(allow_null=True)


class WatcherSerializer(StrictSerializer):
    user = _person(required=False, help_text=_("Left out: yourself."))


class EvidenceFormSerializer(StrictSerializer):
    kind = serializers.ChoiceField(EvidenceKind.choices)
    title = serializers.CharField(max_length=limits.LINE)
    source: Any = serializers.CharField(max_length=limits.LINE, required=False, allow_blank=True)
    content = serializers.CharField(
        max_length=limits.EXCERPT, required=False, allow_blank=True, trim_whitespace=False
    )
    covers_from = MomentField(required=False, allow_null=True)
    covers_until = MomentField(required=False, allow_null=True)


class HypothesisFormSerializer(StrictSerializer):
    text = serializers.CharField(max_length=limits.SENTENCES)


class WeighSerializer(StrictSerializer):
    hypothesis = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    verdict = serializers.ChoiceField(Verdict.choices)
    reason = serializers.CharField(max_length=limits.PARAGRAPH, required=False, allow_blank=True)


class ActionFormSerializer(StrictSerializer):
    kind = serializers.ChoiceField(ActionKind.choices)
    summary = serializers.CharField(max_length=limits.PARAGRAPH)
    reference = serializers.CharField(max_length=limits.REFERENCE, required=False, allow_blank=True)
    configuration_item = _item(required=False, allow_null=True)


class PlanSerializer(ActionFormSerializer):
    planned_for = MomentField(required=False, allow_null=True)


class RecordSerializer(ActionFormSerializer):
    outcome = serializers.ChoiceField([(outcome.value, outcome.label) for outcome in DONE_OUTCOMES])
    done_at = MomentField(required=False, allow_null=True)
    tell = serializers.BooleanField(required=False, help_text=_("Public: the requester reads the summary."))
    planned = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, allow_null=True,
        help_text=_("The id of the planned action that this completes."),
    )  # fmt: skip


class PublishSerializer(StrictSerializer):
    version = serializers.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        help_text=_("The version of the review as you read it. Left out: what is there is published."),
    )


class ReviewFormSerializer(StrictSerializer):
    summary = _text(required=False, allow_blank=True)
    impact = _text(required=False, allow_blank=True)
    root_cause = _text(required=False, allow_blank=True)
    contributing_factors = _text(required=False, allow_blank=True)
    went_well = _text(required=False, allow_blank=True)
    went_badly = _text(required=False, allow_blank=True)


class EvidenceUploadSerializer(EvidenceFormSerializer):
    attachment = serializers.FileField(required=False, max_length=255)


class AttachmentsSerializer(StrictSerializer):
    """Files that come with a reply or, where the desk says so, with an internal note."""

    file = serializers.ListField(
        child=serializers.FileField(max_length=255), allow_empty=False, max_length=limits.FILES
    )
    text = _text(required=False, allow_blank=True, default="")
    visibility = serializers.ChoiceField(
        Visibility.choices,
        required=False,
        help_text=_("The desk's default is internal; a requester's is public."),
    )
