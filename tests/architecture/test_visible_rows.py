"""Every page starts from `visible_to`: lists, choices, suggestions, previews, filters and single rows."""

import ast
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import models
from django.test import RequestFactory
from simple_history.admin import SimpleHistoryAdmin

from incidents.models import Incident
from itsm.ui.only_visible import ReadOnlyHistory, VisibleAdmin, VisibleRows
from tests.architecture.sources import place, python_files, tree

DOORS = (
    "incidents/admin",
    "incidents/api",
    "incidents/portal",
    "incidents/unsent",
    "itsm/desk/site.py",
    "itsm/desk/home.py",
    "itsm/desk/first_steps.py",
    "itsm/desk/navigation.py",
    "notifications/admin",
    "notifications/statuspage.py",
    "notifications/stopping.py",
    "reports/admin",
    "reports/api",
)
CUTS = {"visible_to", "none"}
#: What a door may ask of a table without the rule, each with its reason.
WITHOUT = {
    # of incidents that were reached through the rule, a line or two above
    "incidents/admin/entries.py": {"Attachment", "Evidence"},
    "incidents/admin/incident.py": {"TimelineEntry"},
    "incidents/admin/verb_forms/analysis.py": {"Action", "Hypothesis"},
    "incidents/api/views/analysis.py": {"Action", "Evidence", "Hypothesis", "Review"},
    "incidents/api/views/attachments.py": {"Attachment", "TimelineEntry"},
    "incidents/api/views/base.py": {"Clock", "Watcher"},
    "incidents/portal/reading.py": {"Incident", "TimelineEntry", "Watcher"},
    "incidents/portal/views/attachment.py": {"Attachment"},
    "incidents/portal/views/home.py": {"Watcher"},
    # figures beside rows that are cut already, or cut by `pk__in` of the same line
    "incidents/admin/catalogue.py": {"Incident"},
    "incidents/admin/queue.py": {"Clock", "Incident", "TimelineEntry"},
    "incidents/api/filters.py": {"Incident"},
    "itsm/desk/home.py": {"Clock", "Incident", "TimelineEntry"},
    # files of mails: of a delivery reached through the rule
    "notifications/admin/delivery.py": {"Enclosure"},
    # by the key of the source, as monitoring asks
    "incidents/api/views/opsgenie.py": {"IngestEvent"},
    # how much is open, never what; and by a signed address, the number alone
    "notifications/statuspage.py": {"Service"},
    "notifications/stopping.py": {"Incident"},
}


def of_incidents() -> set[type[models.Model]]:
    """Models whose rows belong to an incident, however many steps away; people and catalogue lead nowhere."""
    found: set[type[models.Model]] = {Incident}
    while True:
        more = {
            model
            for model in apps.get_models()
            if model not in found
            and model._meta.app_label in {"incidents", "notifications", "reports"}
            and any(field.related_model in found for field in model._meta.fields if field.is_relation)
        }
        if not more:
            return found
        found |= more


def uncut(module: ast.Module, names: set[str]) -> Iterator[tuple[int, str]]:
    """`Model.objects` whose next word is not the rule."""
    cut = {
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and node.attr in CUTS and is_manager(node.value, names)
    }
    for node in ast.walk(module):
        if is_manager(node, names) and id(node) not in cut:
            yield node.lineno, node.value.id  # type: ignore[attr-defined]


def is_manager(node: ast.AST, names: set[str]) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr in {"objects", "_default_manager"}
        and isinstance(node.value, ast.Name)
        and node.value.id in names
    )


def test_every_page_of_the_admin_goes_through_the_rule() -> None:
    pages = admin.site._registry.values()

    strangers = [type(page).__name__ for page in pages if not isinstance(page, VisibleAdmin)]
    strangers += [
        type(page).__name__
        for page in pages
        if isinstance(page, SimpleHistoryAdmin) and not isinstance(page, ReadOnlyHistory)
    ]
    strangers += [i.__name__ for page in pages for i in page.inlines if not issubclass(i, VisibleRows)]

    assert strangers == []


def test_every_table_of_incidents_that_has_a_page_knows_who_may_read_it() -> None:
    shown = set(admin.site._registry) & of_incidents()

    without = {model.__name__ for model in shown if not hasattr(model._default_manager.all(), "visible_to")}

    # The mail that probes a channel, or that came back, is shown on no page of them.
    assert without <= {"ChannelPause", "Suppression"}
    assert {"Incident", "Review", "FollowUp", "Alert", "Delivery", "InboundMail", "OptOut"} <= {
        model.__name__ for model in shown
    }


def test_no_page_replaces_the_rows_it_is_given() -> None:
    """Whoever narrows or decorates them starts from `super()`, or from the rule itself."""
    offenders = [
        place(path, node.lineno)
        for path in python_files("incidents/admin", "notifications/admin", "reports/admin")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and node.name in {"get_queryset", "get_field_queryset"}
        if not {"super", "visible_to"} & {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        and not any(isinstance(part, ast.Attribute) and part.attr == "visible_to" for part in ast.walk(node))
    ]

    assert offenders == []


def test_no_door_reads_rows_of_incidents_past_the_rule() -> None:
    names = {model.__name__ for model in of_incidents()}

    offenders = [
        f"{place(path, line)} {name}"
        for path in python_files(*DOORS)
        for line, name in uncut(tree(path), names)
        if name not in WITHOUT.get(place(path, 0).rpartition(":")[0], set())
    ]

    assert offenders == []


def test_no_form_shows_a_row_by_its_raw_key() -> None:
    """The stock box for keys looks its row up past every rule."""
    assert {type(page).__name__ for page in admin.site._registry.values() if page.raw_id_fields} == set()


def test_no_list_can_be_narrowed_by_a_column_it_does_not_offer() -> None:
    asked = RequestFactory().get("/")
    asked.user = User(is_superuser=True)

    open_to_guessing = [
        f"{model.__name__}.{field.name}"
        for model, page in admin.site._registry.items()
        for field in model._meta.fields
        if field.name
        not in {
            spec if isinstance(spec, str) else spec[0]
            for spec in page.list_filter
            if isinstance(spec, str | tuple)
        }
        and page.lookup_allowed(f"{field.name}__startswith", "a", asked)
    ]

    assert open_to_guessing == []


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("rows = Incident.objects.filter(pk=1)", [1]),
        ("rows = Review.objects.get(pk=pk)", [1]),
        ("rows = Incident._default_manager.all()", [1]),
        ("rows = Incident.objects.visible_to(user).filter(pk=1)", []),
        ("rows = Team.objects.all()", []),
    ],
)
def test_planted_row_is_found(planted: str, found: list[int]) -> None:
    assert [line for line, _name in uncut(ast.parse(planted), {"Incident", "Review"})] == found
