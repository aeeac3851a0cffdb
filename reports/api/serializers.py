"""A report as programs read it: the facts of the row, and its content as it was made."""

from rest_framework import serializers

from reports.documents.reading import Reading
from reports.models import Report


class ReportSerializer(serializers.ModelSerializer[Report]):
    name = serializers.CharField(
        source="period.name", read_only=True, help_text="2026-W47, 2026-11 or 2026-03-05..2026-03-14"
    )
    last = serializers.DateField(source="period.last", read_only=True)
    team = serializers.StringRelatedField[Report](allow_null=True)
    service = serializers.StringRelatedField[Report](allow_null=True)
    schedule = serializers.StringRelatedField[Report](allow_null=True)

    class Meta:
        model = Report
        fields: tuple[str, ...] = (
            "id", "kind", "name", "first", "last", "zone", "team", "service", "with_confidential", "schedule",
            "slot", "late", "requested_at", "made_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields


class WholeReportSerializer(ReportSerializer):
    headline = serializers.SerializerMethodField(
        help_text="What really changed and by how much, in one line, or that nothing could be compared. "
        "Empty until it is made."
    )
    content = serializers.DictField(
        read_only=True,
        help_text="All numbers, each with definition, population, unit and verdict, what is usual "
        "(`usual`, between `usual_low` and `usual_high` when nothing happens) and by how much it differs "
        "(`amount`). `compared` of the measures could be tested. Empty until it is made.",
    )

    def get_headline(self, report: Report) -> str:
        return Reading(report.content).headline if report.made_at else ""

    class Meta(ReportSerializer.Meta):
        fields = (*ReportSerializer.Meta.fields, "headline", "content")
        read_only_fields = fields
