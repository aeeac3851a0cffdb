"""The desk in a real browser: accessible, within the policy, and never wider than the screen."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from incidents.models import Calendar, Service
from tests.browser.conftest import log_in
from tests.browser.looking import WIDTHS, faults
from tests.factories.desk_rows import add_rows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.fixture
def chief(db: None) -> User:
    add_rows(1)
    return User.objects.create_superuser(
        "chief", "chief@example.com", "pw", first_name="Charlie", last_name="Chief"
    )


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    yield context.new_page()
    context.close()


def addresses() -> list[str]:
    service, calendar = Service.objects.get(), Calendar.objects.latest("pk")
    person = User.objects.get(username="reporter1")
    return [
        reverse("admin:index"),
        reverse("admin:password_change"),
        reverse("admin:incidents_service_changelist"),
        reverse("admin:incidents_service_changelist") + "?q=zzz",
        reverse("admin:incidents_service_change", args=[service.pk]),
        reverse("admin:incidents_service_delete", args=[service.pk]),
        reverse("admin:incidents_service_history", args=[service.pk]),
        reverse("admin:incidents_team_import"),
        reverse("admin:incidents_calendar_change", args=[calendar.pk]),
        reverse("admin:incidents_priorityrule_changelist"),
        reverse("admin:incidents_target_changelist"),
        reverse("admin:incidents_maintenancewindow_add"),
        reverse("admin:auth_user_changelist"),
        reverse("admin:auth_user_add"),
        reverse("admin:auth_user_change", args=[person.pk]),
    ]


def test_pages_are_accessible_and_obey_the_policy(page: Page, live_server: LiveServer, chief: User) -> None:
    log_in(page.context, live_server, chief)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))

    wrong: dict[str, list[str]] = {}
    for address in addresses():
        page.goto(live_server.url + address)
        if bad := faults(page) + said:
            wrong[address] = bad
        said.clear()

    assert wrong == {}


def test_log_in_page_is_accessible(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url + reverse("admin:login"))

    assert faults(page) == []


def test_navigation_opens_on_a_narrow_page_without_script(
    browser: Browser, live_server: LiveServer, chief: User
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    log_in(context, live_server, chief)
    page = context.new_page()
    page.goto(live_server.url + reverse("admin:index"))

    page.get_by_role("button", name="Open navigation").click()
    page.get_by_role("link", name="Reviews").click()

    expect(page.get_by_role("heading", name="Reviews", level=1)).to_be_visible()
    context.close()


def test_first_load_of_the_home_page_is_light(live_server: LiveServer, chief: User) -> None:
    client = Client()
    client.force_login(chief)

    page = client.get(reverse("admin:index"))

    assert len(page.content) < 60_000
