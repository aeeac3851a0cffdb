"""What a desk starts with: roles, the priority matrix, a calendar and SLA targets. All of it editable."""

from datetime import date

from django.contrib.auth.management import create_permissions
from django.db import migrations

START = date(2000, 1, 1)
CATALOGUE = ["category", "configurationitem", "location", "service", "team"]
PROMISES = ["calendar", "calendarhours", "closedday", "priorityrule", "target"]
DESK = ["followup", "maintenancewindow", "problem", "review"]

WORK = ["work_incident", "see_all_incidents"]
LEAD = [*WORK, "override_priority", *(f"{act}_{model}" for act in ("add", "change") for model in CATALOGUE)]
MANAGE = [*LEAD, "lead_major_incident", "see_confidential_incidents"]

#: role: permissions of `incidents` beside viewing everything; None: all of them
ROLES = {
    "Agent": [*WORK, *(f"{act}_{model}" for act in ("add", "change") for model in DESK)],
    "Team lead": [*LEAD, *(f"{act}_{model}" for act in ("add", "change") for model in DESK)],
    "Incident manager": [
        *MANAGE,
        *(f"{act}_{model}" for act in ("add", "change", "delete") for model in DESK),
    ],
    "Auditor": ["see_all_incidents", "see_confidential_incidents"],
    "Administrator": None,
}
PEOPLE = ["add_user", "change_user", "view_user", "view_group", "change_group", "add_group"]

#: ServiceNow's default matrix: (impact, urgency): priority
MATRIX = {
    (1, 1): 1, (1, 2): 2, (1, 3): 3,
    (2, 1): 2, (2, 2): 3, (2, 3): 4,
    (3, 1): 3, (3, 2): 4, (3, 3): 5,
}  # fmt: skip
#: priority: minutes to acknowledge, minutes to resolve
TARGETS = {1: (15, 240), 2: (30, 480), 3: (120, 1440), 4: (480, 4320), 5: (960, 14400)}


def make_roles(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for label in ("auth", "incidents"):
        config = apps.get_app_config(label)
        config.models_module = True  # historical apps have none, and would be passed over
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
    ours = Permission.objects.filter(content_type__app_label="incidents")
    people = Permission.objects.filter(content_type__app_label="auth", codename__in=PEOPLE)
    for role, codenames in ROLES.items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.add(*ours.filter(codename__startswith="view_"), people.get(codename="view_user"))
        group.permissions.add(*(ours if codenames is None else ours.filter(codename__in=codenames)))
        if codenames is None:
            group.permissions.add(*people)


def make_promises(apps, schema_editor):
    Calendar = apps.get_model("incidents", "Calendar")
    PriorityRule = apps.get_model("incidents", "PriorityRule")
    Target = apps.get_model("incidents", "Target")
    calendar = Calendar.objects.create(name="Around the clock", time_zone="UTC")
    whole_day = [["00:00", "24:00"]]
    calendar.hours.create(
        valid_from=START,
        week=dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), whole_day),
    )
    PriorityRule.objects.bulk_create(
        PriorityRule(impact=impact, urgency=urgency, priority=priority, valid_from=START)
        for (impact, urgency), priority in MATRIX.items()
    )
    Target.objects.bulk_create(
        Target(metric=metric, priority=priority, minutes=minutes, calendar=calendar, valid_from=START)
        for priority, pair in TARGETS.items()
        for metric, minutes in zip(("acknowledge", "resolve"), pair, strict=True)
    )


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunPython(make_roles, migrations.RunPython.noop),
        migrations.RunPython(make_promises, migrations.RunPython.noop),
    ]
