"""Mails that came in are kept as they came, and can be filed by hand; their senders get an answer."""

import django.db.models.deletion
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

FILE_BY_HAND = ("Team lead", "Incident manager", "Administrator")


def name_incidents(apps, schema_editor):
    InboundMail = apps.get_model("notifications", "InboundMail")
    for mail in InboundMail.objects.exclude(entry=None).select_related("entry").defer("raw").iterator():
        InboundMail.objects.filter(pk=mail.pk).update(incident=mail.entry.incident_id)


def give_rights(apps, schema_editor):
    config = apps.get_app_config("notifications")
    config.models_module = True  # historical apps have none, and would be passed over
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    right = apps.get_model("auth", "Permission").objects.get(
        content_type__app_label="notifications", codename="change_inboundmail"
    )
    for role in FILE_BY_HAND:
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
        group.permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0010_review_version"),
        ("notifications", "0003_reasons_and_purposes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="inboundmail",
            options={
                "default_permissions": ("view", "change"),
                "verbose_name": "received mail",
                "verbose_name_plural": "received mails",
            },
        ),
        migrations.AddField(
            model_name="inboundmail",
            name="answer",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="answers",
                to="notifications.delivery",
                verbose_name="answer to the sender",
            ),
        ),
        migrations.AddField(
            model_name="inboundmail",
            name="digest",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="inboundmail",
            name="handled_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="handled"),
        ),
        migrations.AddField(
            model_name="inboundmail",
            name="handled_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="handled by",
            ),
        ),
        migrations.AddField(
            model_name="inboundmail",
            name="incident",
            field=models.ForeignKey(
                blank=True,
                help_text="Where it is filed, or which one the mail was about that it answers.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="mails",
                to="incidents.incident",
                verbose_name="incident",
            ),
        ),
        migrations.AddField(
            model_name="inboundmail",
            name="text",
            field=models.TextField(
                blank=True, help_text="All of it, with what it quotes.", verbose_name="text"
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("news", "News of an incident"),
                    ("service", "Public news of a service"),
                    ("parent", "News of the parent"),
                    ("report", "Report"),
                    ("answer", "Answer to a mail that could not be filed"),
                ],
                default="news",
                max_length=20,
                verbose_name="purpose",
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="reason",
            field=models.CharField(
                choices=[
                    ("requester", "requester"),
                    ("assignee", "assignee"),
                    ("resolver", "who resolved it"),
                    ("watcher", "watcher"),
                    ("team", "team"),
                    ("lead", "lead, as nobody else is in reach"),
                    ("subscriber", "subscriber"),
                    ("reader", "reader of the report"),
                    ("endpoint", "webhook"),
                    ("sender", "sender of a mail"),
                ],
                max_length=20,
                verbose_name="told as",
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="target",
            field=models.CharField(
                help_text="user:12, endpoint:3 or sender.", max_length=80, verbose_name="target"
            ),
        ),
        migrations.AlterField(
            model_name="inboundmail",
            name="message_id",
            field=models.CharField(max_length=255, verbose_name="Message-ID"),
        ),
        migrations.AlterField(
            model_name="inboundmail",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("commented", "On its incident"),
                    ("filed", "Filed by hand"),
                    ("ignored", "Left alone: a machine wrote it"),
                    ("refused", "Waits for a person"),
                    ("discarded", "Discarded"),
                ],
                max_length=12,
                verbose_name="outcome",
            ),
        ),
        migrations.AlterField(
            model_name="optout",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("requester", "requester"),
                    ("assignee", "assignee"),
                    ("resolver", "who resolved it"),
                    ("watcher", "watcher"),
                    ("team", "team"),
                    ("lead", "lead, as nobody else is in reach"),
                    ("subscriber", "subscriber"),
                    ("reader", "reader of the report"),
                    ("endpoint", "webhook"),
                    ("sender", "sender of a mail"),
                ],
                help_text="Empty: for whatever reason.",
                max_length=20,
                verbose_name="as",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("purpose", "answer")), fields=["created_at"], name="delivery_answers"
            ),
        ),
        migrations.AddIndex(
            model_name="inboundmail",
            index=models.Index(fields=["sender", "received_at"], name="inbound_of_sender"),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("purpose", "answer"), _negated=True),
                    models.Q(
                        ("endpoint", None),
                        ("entry", None),
                        ("recipient", None),
                        models.Q(("address", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="answer_goes_to_an_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="inboundmail",
            constraint=models.UniqueConstraint(fields=("message_id", "digest"), name="mail_received_once"),
        ),
        migrations.RunPython(name_incidents, migrations.RunPython.noop),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
