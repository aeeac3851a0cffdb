"""Who may see what was told, and who may mend it."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

SEE = [
    "view_delivery",
    "view_attempt",
    "view_subscription",
    "view_suppression",
    "view_channelpause",
    "view_inboundmail",
]
FOLLOW = ["add_subscription", "change_subscription"]
MEND = [
    "change_delivery",
    "add_suppression", "change_suppression", "delete_suppression",
    "add_channelpause", "change_channelpause", "delete_channelpause",
]  # fmt: skip
ROLES = {
    "Agent": SEE,
    "Team lead": [*SEE, *FOLLOW],
    "Incident manager": [*SEE, *FOLLOW, *MEND],
    "Auditor": [*SEE, "view_endpoint", "view_heartbeat"],
    "Administrator": None,
}


def give_rights(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    config = apps.get_app_config("notifications")
    config.models_module = True  # historical apps have none, and would be passed over
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    ours = Permission.objects.filter(content_type__app_label="notifications")
    for role, codenames in ROLES.items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.add(*(ours if codenames is None else ours.filter(codename__in=codenames)))


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial"), ("incidents", "0002_desk_defaults")]
    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
