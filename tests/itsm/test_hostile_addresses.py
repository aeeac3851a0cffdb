"""Whatever an address is asked: no page breaks, and reading changes nothing. Lists: test_unwell.py."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from rest_framework.settings import api_settings
from rest_framework.test import APIClient

from incidents import workflow
from incidents.admin.new_incident import LINKED
from incidents.admin.transitions import CARRIED
from incidents.admin.verb_forms.pages import FORMS
from incidents.models import Incident
from itsm.desk.searching import NAMES
from reports.admin.choosing import ChoosingForm
from tests.architecture.sources import PACKAGES, python_files
from tests.factories import NOON, AgentFactory, agent_actor
from tests.incidents.api.conftest import caller
from tests.thoroughness import tries_all

# All of it in `make fuzz`; a part that meets each parameter and each value in `make test`.
pytestmark = [pytest.mark.hypothesis, pytest.mark.django_db]

HOSTILE = (
    *("%00", "", "-1", "0", "1e400", "NaN", "99999999999999999999", "-9223372036854775809", "1.5"),
    *("0001-01-01", "9999-12-31", "2026-02-30", "0001-01-01T00:00:00%2B14:00"),
    *("9999-12-31T23:59:59-12:00", "x" * 5000, "x+" * 2000, "%ED%A0%80", "%FF%FE", "%E2%80%AE", "%C2%B2"),
    *("%D9%A1", "%F0%9F%98%80", "[]", "{}", "[[[[", "null", "true", "nowhere", "..%2F..%2Fetc"),
    *("%27%22%3E%3Cscript%3E", "%", "a%2Cb", "1%3B2", "INC99999999999999999999", "INC0000001,"),
    *("Europe/Berlin%0A", "%2B14:00", "cD1hYmM%3D", "%0D%0A", "_", "%5C"),
)
#: Written while reading, and nobody's data: who is logged in, how often somebody asked.
KEPT_ASIDE = ("django_session", "incidents_tally", "incidents_apitoken", "desk_cache")
WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
IS_ASKED = (r'request\.GET\.get(?:list)?\("(\w+)"', r'"(\w+)" in request\.GET')


def part(asked: list[str], every: int) -> list[str]:
    """All in `make fuzz`. `every` has no divisor in common with the number of values: each comes up."""
    return asked if tries_all() else list(islice(asked, 0, None, every))


@contextmanager
def written() -> Iterator[list[str]]:
    """The tables that are written meanwhile."""
    tables: list[str] = []

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if (found := WRITES.match(sql)) and found.group(1) not in KEPT_ASIDE:
            tables.append(found.group(1))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield tables


def broken_by(client: Client, addresses: list[str]) -> list[str]:
    client.raise_request_exception = False
    found = []
    with written() as tables:
        for address in addresses:
            status = client.get(address).status_code
            if status >= 500 or tables:
                found.append(f"{status} {tables} {address[:300]}")
                tables.clear()
    return found


def asked(pages: dict[str, tuple[str, ...]]) -> list[str]:
    return [f"{page}?{name}={text}" for page, names in pages.items() for name in names for text in HOSTILE]


def portal(incident: Incident) -> dict[str, tuple[str, ...]]:
    page = reverse("portal:incident", args=[incident.number])
    return {
        "/": ("show", "page"),
        "/incidents/new/": ("again", "title", "service"),
        page: ("alone", "kept", "text"),
        f"{page}reopen/": ("reason",),
        "/login/": ("next",),
        "/password/": ("next",),
        "/status/": ("page", "service"),
        "/i18n/setlang/": ("next", "language"),
    }


def desk(incident: Incident) -> dict[str, tuple[str, ...]]:
    page = f"/admin/incidents/incident/{incident.pk}/"
    verbs = {f"{page}{slug}/": tuple(CARRIED) for slug in FORMS}
    return {
        "/admin/": ("view", "_popup"),
        "/admin/tables/": ("view",),
        "/admin/first-steps/": ("step",),
        "/admin/login/": ("next",),
        "/admin/incidents/incident/": (
            "view",
            "q",
            "p",
            "o",
            "all",
            "_popup",
            "state__exact",
            "team__id__exact",
        ),
        f"{page}change/": ("show", "order", "from", "view", "kept", "_changelist_filters"),
        f"{page}review/": ("view",),
        "/admin/incidents/incident/add/": (*LINKED, "view"),
        "/admin/incidents/review/add/": ("incident", "_changelist_filters"),
        "/admin/notifications/outbox/": ("p",),
        "/admin/autocomplete/": ("app_label", "model_name", "field_name", *NAMES, "page"),
        **verbs,
    }


def names_of_lists(api: APIClient) -> dict[str, tuple[str, ...]]:
    """From the document of the interface: each parameter of each address that is read."""
    paths = api.get("/api/v1/schema/", {"format": "json"}).json()["paths"]
    return {
        path: tuple(one["name"] for one in ways["get"].get("parameters", []) if one["in"] == "query")
        for path, ways in paths.items()
        if "get" in ways
    }


@pytest.fixture
def worked_on(incident: Incident, alice: User) -> Incident:
    workflow.note(incident, actor=agent_actor(alice), at=NOON, text="Looks like the gateway")
    return incident


def test_no_page_of_the_portal_breaks(worked_on: Incident, carol: User, client: Client) -> None:
    pages = portal(worked_on)
    places = [f"/incidents/{text}/" for text in HOSTILE if "/" not in text and text] + [
        f"/track/{text}/" for text in HOSTILE if "/" not in text and text
    ]

    open_to_all = broken_by(Client(), part(asked(pages), 7))
    client.force_login(carol)

    assert open_to_all == []
    assert broken_by(client, part([*asked(pages), *places], 5)) == []


def test_no_page_of_the_desk_breaks(worked_on: Incident, client: Client) -> None:
    client.force_login(AgentFactory.create(role="Incident manager"))

    assert broken_by(client, part(asked(desk(worked_on)), 40)) == []


def test_no_suggestions_break(client: Client, admin_user: User) -> None:
    client.force_login(admin_user)
    known = "/admin/autocomplete/?app_label=incidents&model_name=service&field_name=owner"
    addresses = [f"{known}&{name}={text}" for name in ("term", "page") for text in HOSTILE]

    assert broken_by(client, addresses) == []


def test_trends_break_by_nothing(client: Client, admin_user: User) -> None:
    client.force_login(admin_user)
    fields = (*ChoosingForm.base_fields, "csv")
    alone = [f"/admin/reports/trends/?{name}={text}" for name in fields for text in HOSTILE]
    both = [f"/admin/reports/trends/?period=days&first={text}&last={text}&zone=UTC" for text in HOSTILE]

    assert broken_by(client, part([*alone, *both], 9)) == []


def test_no_form_for_a_new_row_breaks_by_what_an_address_fills_in(
    client: Client, admin_user: User, rf: Any
) -> None:
    client.force_login(admin_user)
    request = rf.get("/")
    request.user = admin_user
    pages = {
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add"): tuple(
            field.name for field in (*model._meta.fields, *model._meta.many_to_many)
        )
        for model, page in admin.site._registry.items()
        if page.has_add_permission(request)
    }

    assert len(pages) > 12
    assert broken_by(client, part(asked(pages), 53)) == []


@pytest.mark.parametrize("role", ["requester", "agent", "Administrator"])
def test_no_list_of_the_interface_breaks(
    role: str, worked_on: Incident, alice: User, carol: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        api_settings, "DEFAULT_THROTTLE_RATES", dict.fromkeys(("person", "address", "source"), "1000000/min")
    )
    person = {"requester": carol, "agent": alice}.get(role) or AgentFactory.create(role=role)
    api = caller(person)
    lists = names_of_lists(api)
    there = {
        path.replace("{number}", worked_on.number): names
        for path, names in lists.items()
        if "{id}" not in path
    }
    one = [path for path in lists if "{" in path]
    places = [path.replace("{number}", text).replace("{id}", text) for path in one for text in HOSTILE]

    assert sum(map(len, there.values())) > 40
    assert broken_by(api, part([*asked(there), *places], 29)) == []


def test_whatever_a_page_asks_of_its_address_is_tried() -> None:
    """A page with a new parameter is added above."""
    code = "\n".join(path.read_text() for path in python_files(*PACKAGES))
    names = {name for pattern in IS_ASKED for name in re.findall(pattern, code)}
    row = Incident(pk=1)
    tried = {name for pages in (portal(row), desk(row)) for of in pages.values() for name in of}

    assert names - tried - {*ChoosingForm.base_fields, "csv"} == set()
    assert len(names) > 8


def test_values_are_what_a_browser_would_send() -> None:
    assert [text for text in HOSTILE if not text.isascii() or " " in text] == []
    assert quote("²") in HOSTILE
