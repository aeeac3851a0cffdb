"""A key is written with its answer: one without an answer is of a request that died, and may go."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def forget_unanswered(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("incidents", "IdempotencyKey").objects.filter(status=None).delete()


class Migration(migrations.Migration):
    dependencies = [("incidents", "0023_problems_opened_by_the_database")]

    operations = [
        migrations.RunPython(forget_unanswered, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="idempotencykey", name="status", field=models.PositiveSmallIntegerField()
        ),
    ]
