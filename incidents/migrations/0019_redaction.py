"""Who may remove words for good."""

from django.contrib.auth.management import create_permissions
from django.db import migrations, models


def give_rights(apps, schema_editor):
    config = apps.get_app_config("incidents")
    config.models_module = True  # historical apps have none, and would be passed over
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    right = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="incidents", codename="redact_incident"
    )
    for group in apps.get_model("auth", "Group").objects.filter(
        name__in=["Administrator", "Incident manager"]
    ):
        group.permissions.add(*right)


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0018_ledger_rights"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="incident",
            options={
                "permissions": [
                    ("work_incident", "Can work incidents (agent)"),
                    ("see_all_incidents", "Can read all incidents that are not confidential"),
                    ("see_confidential_incidents", "Can read confidential incidents of all teams"),
                    ("override_priority", "Can override the priority of an incident"),
                    ("lead_major_incident", "Can lead major incidents and publish their reviews"),
                    ("redact_incident", "Can remove words from incidents for good"),
                ],
                "verbose_name": "incident",
                "verbose_name_plural": "incidents",
            },
        ),
        migrations.AlterField(
            model_name="timelineentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "Opened"),
                    ("acknowledged", "Acknowledged"),
                    ("assigned", "Assigned"),
                    ("held", "Put on hold"),
                    ("resumed", "Resumed"),
                    ("mitigated", "Service is back"),
                    ("resolved", "Resolved"),
                    ("reopened", "Reopened"),
                    ("closed", "Closed"),
                    ("cancelled", "Cancelled"),
                    ("merged", "Merged"),
                    ("absorbed", "Joined by a duplicate"),
                    ("commented", "Reply"),
                    ("noted", "Internal note"),
                    ("edited", "Changed"),
                    ("priority_overridden", "Priority overridden"),
                    ("severity_assessed", "Severity assessed"),
                    ("major_declared", "Declared a major incident"),
                    ("stood_down", "Stood down"),
                    ("evidence_added", "Evidence added"),
                    ("hypothesis_added", "Hypothesis added"),
                    ("hypothesis_weighed", "Hypothesis weighed"),
                    ("root_cause_recorded", "Root cause recorded"),
                    ("action_planned", "Action planned"),
                    ("action_taken", "Action taken"),
                    ("watcher_added", "Watcher added"),
                    ("watcher_removed", "Watcher removed"),
                    ("linked", "Linked"),
                    ("review_published", "Review published"),
                    ("redacted", "Words removed"),
                    ("alerted", "Alert"),
                    ("worsened", "Alert got worse"),
                    ("still_firing", "Alert goes on"),
                    ("sla_warned", "SLA warning"),
                    ("sla_breached", "SLA breached"),
                    ("imported", "Recorded elsewhere"),
                ],
                max_length=30,
                verbose_name="kind",
            ),
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
