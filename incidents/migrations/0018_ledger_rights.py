"""Who may read the pages of the ledger and what its checks found."""

from django.contrib.auth.management import create_permissions
from django.db import migrations


def give_rights(apps, schema_editor):
    config = apps.get_app_config("incidents")
    config.models_module = True  # historical apps have none, and would be passed over
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    rights = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="incidents", codename__in=["view_anchor", "view_ledgercheck"]
    )
    for group in apps.get_model("auth", "Group").objects.filter(name__in=["Administrator", "Auditor"]):
        group.permissions.add(*rights)


class Migration(migrations.Migration):
    dependencies = [("incidents", "0017_hash_by_digest")]

    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
