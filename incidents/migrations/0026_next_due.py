"""When the next clock of an incident runs out stands in its row, so that the queue is sorted by an index."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Min, OuterRef, Subquery


def fill(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    clocks = apps.get_model("incidents", "Clock").objects.filter(stopped_at=None, due_at__isnull=False)
    earliest = clocks.filter(incident=OuterRef("pk")).order_by().values("incident").annotate(at=Min("due_at"))
    incidents = apps.get_model("incidents", "Incident").objects.filter(pk__in=clocks.values("incident"))
    incidents.update(next_due_at=Subquery(earliest.values("at")))


class Migration(migrations.Migration):
    dependencies = [("incidents", "0025_choices_are_not_columns")]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="next_due_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="The earliest due time of its running clocks.",
                null=True,
                verbose_name="next due",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
