"""Who may read and order reports from the start."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

READ = ["view_report", "add_report"]
SCHEDULE = ["view_schedule", "add_schedule", "change_schedule", "delete_schedule"]
ROLES = {
    "Team lead": READ,
    "Incident manager": [*READ, *SCHEDULE],
    "Auditor": ["view_report", "view_schedule"],
    "Administrator": [*READ, *SCHEDULE],
}


def let_roles_read(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    config = apps.get_app_config("reports")
    config.models_module = True  # historical apps have none, and would be passed over
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    ours = Permission.objects.filter(content_type__app_label="reports")
    for role, codenames in ROLES.items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.add(*ours.filter(codename__in=codenames))


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial"), ("incidents", "0002_desk_defaults")]
    operations = [migrations.RunPython(let_roles_read, migrations.RunPython.noop)]
