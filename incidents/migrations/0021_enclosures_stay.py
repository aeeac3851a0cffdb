"""The ledger seals the files of sent mails, so no sweep takes them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0020_source_met_sla"),
    ]

    operations = [
        migrations.AlterField(
            model_name="removal",
            name="kind",
            field=models.CharField(
                choices=[
                    ("events", "Received alerts"),
                    ("mail", "Received mails as they came"),
                    ("sent", "Words of sent mails"),
                    ("keys", "Answers to repeated requests"),
                    ("drafts", "Unsent forms"),
                    ("files", "Files of unsent forms"),
                    ("orphans", "Files that no row names, set aside"),
                    ("aside", "Files that were set aside"),
                ],
                max_length=40,
                primary_key=True,
                serialize=False,
                verbose_name="kind",
            ),
        ),
    ]
