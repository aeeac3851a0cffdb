"""The queue in a real browser: keys, bulk bar, no violation of the policy, nothing for axe to find."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from incidents.models import Incident, Service
from tests.browser.conftest import log_in
from tests.browser.looking import WIDTHS, faults
from tests.factories import make_incident

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
LIST = "/admin/incidents/incident/?view=unassigned"


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser writes to its console as an error: a refused style or script among it."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def test_queue_is_worked_by_keys(
    context: BrowserContext,
    page: Page,
    live_server: LiveServer,
    alice: User,
    vpn: Service,
    complaints: list[str],
) -> None:
    for number in range(3):
        make_incident(title=f"VPN drops {number}", service=vpn)
    log_in(context, live_server, alice)

    page.goto(live_server.url + LIST)
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    bar = page.locator(".actions")
    expect(bar).to_be_visible()
    page.keyboard.press("a")

    expect(page.locator(".messagelist")).to_contain_text("2 incidents: assign to me.")
    assert Incident.objects.filter(assignee=alice).count() == 2
    assert complaints == []


@pytest.mark.parametrize("width", WIDTHS)
def test_queue_satisfies_axe(
    context: BrowserContext,
    page: Page,
    live_server: LiveServer,
    alice: User,
    vpn: Service,
    width: int,
) -> None:
    make_incident(title="VPN drops", service=vpn)
    log_in(context, live_server, alice)
    page.set_viewport_size({"width": width, "height": 900})

    page.goto(live_server.url + LIST)
    found = faults(page)
    page.goto(live_server.url + "/admin/incidents/incident/?view=majors")

    assert found + faults(page) == []
