"""The chain covers a digest of `data` in place of the data, as it did of the text: both can be redacted.

Only chains that verify are hashed anew. One that does not stays as it is, and goes on to be reported.
"""

import hashlib
import json
from datetime import UTC

from django.db import migrations

CHUNK = 200
UNLOCKED = "incidents_unlocked"


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(data):
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def content(entry, uid, data, prev):
    return {
        "incident": str(uid),
        "seq": entry.seq,
        "kind": entry.kind,
        "visibility": entry.visibility,
        "actor": entry.actor_id,
        "via": entry.via,
        "at": entry.at.astimezone(UTC).isoformat(),
        "text": sha256(entry.text),
        "data": data,
        "state_after": entry.state_after,
        "source_state": entry.source_state,
        "prev": prev,
    }


def by_data(entry, uid, prev):
    return sha256(canonical(content(entry, uid, entry.data, prev)))


def by_digest(entry, uid, prev):
    return sha256(canonical(content(entry, uid, sha256(canonical(entry.data)), prev)))


def rechain(incident, entries, old, new):
    """The entries with new hashes and the new head, or nothing where the old chain does not verify."""
    before, after = "", ""
    for entry in entries:
        if entry.prev_hash != before or entry.hash != old(entry, incident.uid, before):
            return None
        before = entry.hash
        entry.prev_hash, entry.hash = after, new(entry, incident.uid, after)
        after = entry.hash
    return after if before == incident.chain_head else None


def open_lock(schema_editor):
    """Where entries are locked already: on the way back, or stopped on the way here."""
    connection = schema_editor.connection
    is_locked = UNLOCKED in connection.introspection.table_names()
    if is_locked:
        schema_editor.execute(f"INSERT INTO {UNLOCKED} (reason) VALUES ('migration')")  # noqa: S608 -- a constant
    return is_locked


def convert(apps, schema_editor, old, new):
    is_locked = open_lock(schema_editor)
    Incident = apps.get_model("incidents", "Incident")
    TimelineEntry = apps.get_model("incidents", "TimelineEntry")
    for incident in Incident.objects.only("uid", "chain_head").order_by("pk").iterator(chunk_size=CHUNK):
        entries = list(TimelineEntry.objects.filter(incident=incident).order_by("seq"))
        head = rechain(incident, entries, old, new)
        if head is not None:
            TimelineEntry.objects.bulk_update(entries, ["prev_hash", "hash"])
            Incident.objects.filter(pk=incident.pk).update(chain_head=head)
    if is_locked:
        schema_editor.execute(f"DELETE FROM {UNLOCKED}")  # noqa: S608 -- a constant


def forwards(apps, schema_editor):
    convert(apps, schema_editor, by_data, by_digest)


def backwards(apps, schema_editor):
    convert(apps, schema_editor, by_digest, by_data)


class Migration(migrations.Migration):
    dependencies = [("incidents", "0016_ledger")]

    operations = [migrations.RunPython(forwards, backwards)]
