"""No address of a page answers a link, a bookmark or a reload with "method not allowed"."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RoutePattern

from tests.factories import AgentFactory

#: For programs: they are told that they came the wrong way.
FOR_PROGRAMS = ("/api/", "/v2/")
A_VALUE = {"int": 1, "str": "1", "slug": "1", "path": "1", "uuid": "00000000-0000-0000-0000-000000000000"}


def addresses(patterns: list[URLPattern | URLResolver], names: tuple[str, ...] = ()) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            space = (pattern.namespace,) if pattern.namespace else ()
            yield from addresses(pattern.url_patterns, names + space)
        elif pattern.name and isinstance(pattern.pattern, RoutePattern):
            values = [A_VALUE[kind_of(converter)] for converter in pattern.pattern.converters.values()]
            yield reverse(":".join((*names, pattern.name)), args=values)


def kind_of(converter: object) -> str:
    return type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")


@pytest.fixture
def administrator(client: Client, db: None) -> User:
    user = AgentFactory.create(username="ada", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def test_every_page_can_be_reached_by_get(client: Client, administrator: User) -> None:
    pages = [
        address for address in addresses(get_resolver().url_patterns) if not address.startswith(FOR_PROGRAMS)
    ]
    client.raise_request_exception = False

    refused = [address for address in pages if client.get(address).status_code == 405]

    assert len(pages) > 150
    assert refused == []
