"""Full-text search, by what each database has for it. `incidents.search` reads what stands here."""

from django.db import migrations

COLUMNS = "title, source_number, resolution, description"
FORGET = (
    f"INSERT INTO incidents_search(incidents_search, rowid, {COLUMNS}) "  # noqa: S608 -- constants only
    "VALUES ('delete', old.id, old.title, old.source_number, old.resolution, old.description);"
)
LEARN = (
    f"INSERT INTO incidents_search(rowid, {COLUMNS}) "  # noqa: S608 -- constants only
    "VALUES (new.id, new.title, new.source_number, new.resolution, new.description);"
)
WORDS = "to_tsvector('simple', regexp_replace({}, '[[:punct:][:space:]]+', ' ', 'g'))"
VECTOR = " || ".join(
    f"setweight({WORDS.format(name)}, '{weight}')"
    for name, weight in (("title", "A"), ("source_number", "A"), ("resolution", "B"), ("description", "C"))
)

INSTALL = {
    "sqlite": (
        f"""
        CREATE VIRTUAL TABLE IF NOT EXISTS incidents_search USING fts5(
            {COLUMNS}, content='incidents_incident', content_rowid='id', tokenize='unicode61 remove_diacritics 0'
        )""",
        f"CREATE TRIGGER incidents_search_insert AFTER INSERT ON incidents_incident BEGIN {LEARN} END",
        f"CREATE TRIGGER incidents_search_delete AFTER DELETE ON incidents_incident BEGIN {FORGET} END",
        f"CREATE TRIGGER incidents_search_update AFTER UPDATE OF {COLUMNS} ON incidents_incident BEGIN {FORGET} {LEARN} END",
        "INSERT INTO incidents_search(incidents_search) VALUES ('rebuild')",
    ),
    "postgresql": (
        f"ALTER TABLE incidents_incident ADD COLUMN search tsvector GENERATED ALWAYS AS ({VECTOR}) STORED",
        "CREATE INDEX incident_search ON incidents_incident USING gin (search) WITH (fastupdate = off)",
    ),
}
REMOVE = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS incidents_search_insert",
        "DROP TRIGGER IF EXISTS incidents_search_delete",
        "DROP TRIGGER IF EXISTS incidents_search_update",
        "DROP TABLE IF EXISTS incidents_search",
    ),
    "postgresql": ("ALTER TABLE incidents_incident DROP COLUMN search",),
}


def install(apps, schema_editor):
    for statement in INSTALL[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    for statement in REMOVE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("incidents", "0003_api")]

    operations = [migrations.RunPython(install, remove)]
