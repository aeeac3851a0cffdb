"""A search of 1,500 words costs what one of twelve does, in every list of the desk."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents.search.finding import MAX_WORDS
from itsm.desk.searching import shortened
from tests.incidents.api.conftest import caller

MANY = " ".join(f"word{n}" for n in range(1500))
FIRST_TOO_MANY = f"word{MAX_WORDS}"
TOLD = "Only the first 12 words and 200 letters are looked for."


@pytest.mark.django_db
def test_no_list_of_the_desk_looks_for_more_than_twelve_words(admin_client: Client) -> None:
    searched = 0
    for model, room in admin.site._registry.items():
        if not room.search_fields:
            continue
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

        with CaptureQueriesContext(
            connection,
        ) as asked:
            page = admin_client.get(address, {"q": MANY})

        assert page.status_code == 200, address
        assert TOLD in page.content.decode(), address
        assert not any(FIRST_TOO_MANY in query["sql"] for query in asked), address
        searched += 1
    assert searched > 20


@pytest.mark.django_db
def test_choice_that_is_looked_up_while_typing_is_bounded_as_well(admin_client: Client) -> None:
    asked = {"app_label": "incidents", "model_name": "service", "field_name": "team", "term": MANY}

    with CaptureQueriesContext(connection) as queries:
        answer = admin_client.get(reverse("admin:autocomplete"), asked)

    assert answer.status_code == 200
    assert any("word1" in query["sql"] for query in queries)
    assert not any(FIRST_TOO_MANY in query["sql"] for query in queries)


def test_program_that_asks_for_too_many_words_is_told(alice: User) -> None:
    as_alice = caller(alice)

    short = as_alice.get("/api/v1/incidents/", {"search": " ".join("abcdefghijkl")})
    long = as_alice.get("/api/v1/incidents/", {"search": " ".join("abcdefghijklm")})

    assert (short.status_code, long.status_code) == (200, 400)
    assert long.json()["errors"] == [
        {"parameter": "search", "code": "invalid", "detail": "Search for at most 12 words."}
    ]


@pytest.mark.parametrize(
    ("asked", "looked_for"),
    [
        ("printer", "printer"),
        ("  two  words ", "  two  words "),
        ("a b c d e f g h i j k l", "a b c d e f g h i j k l"),
        ("a b c d e f g h i j k l m", "a b c d e f g h i j k l"),
        ("x" * 201, "x" * 200),
    ],
)
def test_only_what_is_too_long_is_shortened(asked: str, looked_for: str) -> None:
    assert shortened(asked) == looked_for
