"""Reports that count confidential incidents are for who may read all of these."""

from django.db import migrations, models


def mark_kept_reports(apps, schema_editor):
    """Until now they counted everything: where there is anything confidential, they may tell of it."""
    if apps.get_model("incidents", "Incident").objects.filter(is_confidential=True).exists():
        apps.get_model("reports", "Report").objects.update(with_confidential=True)


COUNTS = {"default": False, "db_default": False, "verbose_name": "with confidential incidents"}
SAYS = "Then only those get and see it who may read the confidential incidents of all teams."


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0002_readers"),
        ("incidents", "0013_team_email_is_looked_up"),
    ]

    operations = [
        migrations.AddField("report", "with_confidential", models.BooleanField(**COUNTS)),
        migrations.AddField("schedule", "with_confidential", models.BooleanField(**COUNTS, help_text=SAYS)),
        migrations.AddField(
            "historicalschedule", "with_confidential", models.BooleanField(**COUNTS, help_text=SAYS)
        ),
        migrations.RunPython(mark_kept_reports, migrations.RunPython.noop),
    ]
