import hashlib

from django.db import migrations, models


def mark(apps, schema_editor):
    """Tokens that are there end with the next new password, not with this release."""
    ApiToken = apps.get_model("incidents", "ApiToken")
    for token in ApiToken.objects.select_related("user").iterator():
        token.password_mark = hashlib.sha256(token.user.password.encode()).hexdigest()
        token.save(update_fields=["password_mark"])


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0014_brakes"),
    ]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="outlives_password",
            field=models.BooleanField(
                default=False,
                db_default=False,
                help_text="Otherwise it ends when its person gets a new password, as their log-ins do.",
                verbose_name="goes on after a new password",
            ),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="password_mark",
            field=models.CharField(default="", db_default="", editable=False, max_length=64),
        ),
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
                    ("enclosures", "Files of sent mails"),
                    ("orphans", "Files that no row names, set aside"),
                    ("aside", "Files that were set aside"),
                ],
                max_length=40,
                primary_key=True,
                serialize=False,
                verbose_name="kind",
            ),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
