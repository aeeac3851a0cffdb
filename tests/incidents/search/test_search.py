"""The same words find the same incidents on both databases: this file runs on each."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection

from incidents import workflow
from incidents.models import Incident
from incidents.search import postgresql, search_incidents, sqlite
from incidents.search.finding import words_of
from tests.factories import NOON, agent_actor, make_incident

TEXTS = {
    "switch": ("Core switch melts", "The switches in Hamburg are down: db-03, error 502."),
    "mouse": ("Mouse is slow", "It stops at the edge of the screen. Grüße aus Köln!"),
    "mail": (
        "E-mail does not arrive",
        "user@example.com writes to team_network, see https://example.com/a/b.html",
    ),
    "odd": (
        "100% CPU & 'quotes' \"double\" (brackets) -minus *star",
        "50 % off; SELECT 1; -- x:* OR NOT <b>bold</b>",
    ),
}


@pytest.fixture
def incidents(db: None) -> dict[str, Incident]:
    return {
        name: make_incident(title=title, description=text, at=NOON + timedelta(minutes=n))
        for n, (name, (title, text)) in enumerate(TEXTS.items())
    }


def found(text: str, incidents: dict[str, Incident]) -> set[str]:
    names = {incident.pk: name for name, incident in incidents.items()}
    return {names[pk] for pk in search_incidents(Incident.objects.all(), text).values_list("pk", flat=True)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("switch", {"switch"}),
        ("SWITCH", {"switch"}),
        ("swit", {"switch"}),
        ("witch", set()),
        ("switches hamburg", {"switch"}),
        ("hamburg switch", {"switch"}),
        ("switch mouse", set()),
        ("db-03", {"switch"}),
        ("db", {"switch"}),
        ("502 03", {"switch"}),
        ("502", {"switch"}),
        ("50", {"odd"}),
        ("error, 502!", {"switch"}),
        ("köln", {"mouse"}),
        ("KÖLN", {"mouse"}),
        ("koln", set()),
        ("grüße", {"mouse"}),
        ("e-mail", {"mail"}),
        ("mail", {"mail"}),
        ("user@example.com", {"mail"}),
        ("example", {"mail"}),
        ("team_network", {"mail"}),
        ("network", {"mail"}),
        ("b.html", {"mail"}),
        ("https://example.com/a/b", {"mail"}),
        ("100%", {"odd"}),
        ("'quotes'", {"odd"}),
        ('"double"', {"odd"}),
        ("(brackets)", {"odd"}),
        ("-minus", {"odd"}),
        ("*star", {"odd"}),
        ("NOT", {"odd", "mail"}),
        ("select OR bold", {"odd"}),
        ("is", {"mouse"}),
        ("in", {"switch"}),
        ("the", {"switch", "mouse"}),
        ("nothing", set()),
        ("", set()),
        ("   ", set()),
        ("!?&|():*", set()),
        ("'; DROP TABLE x; --", set()),
        ("\\", set()),
        ("😀", set()),
        ("x" * 5000, set()),
        (" ".join("abc" for _ in range(500)), set()),
    ],
)
def test_words_find(incidents: dict[str, Incident], text: str, expected: set[str]) -> None:
    assert found(text, incidents) == expected


def test_number_finds_its_incident(incidents: dict[str, Incident]) -> None:
    mouse = incidents["mouse"]

    assert found(mouse.number, incidents) == {"mouse"}
    assert found(f" {mouse.number.lower()} ", incidents) == {"mouse"}
    assert found(f"INC{mouse.pk}", incidents) == {"mouse"}
    assert "mouse" in found(str(mouse.pk), incidents)
    assert found("INC0999999", incidents) == set()


def test_number_elsewhere_finds_what_was_imported(incidents: dict[str, Incident]) -> None:
    Incident.objects.filter(pk=incidents["mail"].pk).update(
        source_name="servicenow", source_number="INC0777777"
    )

    assert found("INC0777777", incidents) == {"mail"}


def test_what_changes_is_found_by_its_new_words(incidents: dict[str, Incident], alice: User) -> None:
    mouse = incidents["mouse"]
    agent: dict[str, Any] = {"actor": agent_actor(alice), "at": NOON + timedelta(hours=1)}
    workflow.edit(mouse, changes={"title": "Keyboard is slow"}, **agent)
    workflow.resolve(mouse, code="fixed", text="New batteries", **agent)

    assert [found(text, incidents) for text in ("mouse", "keyboard", "batteries")] == [
        set(),
        {"mouse"},
        {"mouse"},
    ]


def test_search_keeps_filters_and_order(incidents: dict[str, Incident]) -> None:
    rows = Incident.objects.newest_first().exclude(pk=incidents["odd"].pk)

    assert [row.title for row in search_incidents(rows, "the")] == ["Mouse is slow", "Core switch melts"]


def test_search_may_stand_inside_another_query(incidents: dict[str, Incident]) -> None:
    inner = search_incidents(Incident.objects.all(), "switch").values("pk")

    assert [row.title for row in Incident.objects.filter(pk__in=inner)] == ["Core switch melts"]


def test_common_words_are_found_as_rare_ones_are(incidents: dict[str, Incident], monkeypatch: Any) -> None:
    monkeypatch.setattr(postgresql, "COMMON", -1)

    assert found("the", incidents) == {"switch", "mouse"}
    inner = search_incidents(Incident.objects.all(), "switch").values("pk")
    assert Incident.objects.filter(pk__in=inner).count() == 1


def test_words_are_few_short_and_plain() -> None:
    assert words_of("A a_b, C'D " + "w" * 100) == ["a", "b", "c", "d", "w" * 60]
    assert len(words_of(" ".join(str(n) for n in range(100)))) == 12


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="triggers are SQLite's")
def test_triggers_lost_with_a_rebuilt_table_are_put_back(incidents: dict[str, Incident]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER incidents_search_insert")
    late = make_incident(title="Zebra")
    missed = list(search_incidents(Incident.objects.all(), "zebra"))

    call_command("migrate", verbosity=0)

    assert (missed, list(search_incidents(Incident.objects.all(), "zebra"))) == ([], [late])
    assert sqlite.TRIGGERS
