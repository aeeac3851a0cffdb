"""Full-text search, by what each database has for it."""

from django.db import migrations

from incidents.search import postgresql, sqlite

ENGINES = {"postgresql": postgresql, "sqlite": sqlite}


def install(apps, schema_editor):
    for statement in ENGINES[schema_editor.connection.vendor].INSTALL:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    for statement in ENGINES[schema_editor.connection.vendor].REMOVE:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("incidents", "0003_api")]

    operations = [migrations.RunPython(install, remove)]
