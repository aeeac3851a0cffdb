"""A requester's way through the portal, in a real browser."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from incidents import workflow
from incidents.enums import HoldReason, ResolutionCode, State
from incidents.models import Attachment, Incident, Service
from incidents.tracking import tracking_token
from tests.browser.looking import WIDTHS, faults
from tests.factories import agent_actor, make_incident

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "right-7-horses"


@pytest.fixture
def carol(carol: User) -> User:
    cache.clear()
    carol.set_password(PASSWORD)
    carol.save()
    return carol


def log_in(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/")
    page.get_by_label("Username").fill("carol")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Hello Carol, what can we do for you?")).to_be_visible()


def resolved_by(incident: Incident, alice: User) -> None:
    workflow.resolve(
        incident,
        actor=agent_actor(alice),
        at=timezone.now(),
        code=ResolutionCode.FIXED,
        text="You are on the second firewall now.",
    )


def test_requester_reports_follows_reopens_and_confirms(
    page: Page, live_server: LiveServer, carol: User, alice: User, vpn: Service, tmp_path: Path
) -> None:
    blocked: list[str] = []
    page.on("console", lambda message: blocked.append(message.text) if message.type == "error" else None)
    proof = tmp_path / "screen.png"
    proof.write_bytes(b"\x89PNG")
    log_in(page, live_server)

    page.get_by_label("What does not work?").fill("VPN throws me out")
    page.get_by_role("button", name="Report").click()
    page.get_by_label("What is it about?").select_option("VPN")
    page.get_by_label("My team").check()
    page.get_by_label("Pictures or files").set_input_files(proof)
    page.get_by_role("button", name="Send report").click()
    expect(page.get_by_role("heading", name="VPN throws me out")).to_be_visible()
    incident = Incident.objects.get()
    assert Attachment.objects.get().name == "screen.png"

    resolved_by(incident, alice)
    page.reload()
    page.get_by_text("No, still broken").click()
    page.get_by_label("What still does not work?").fill("It drops every hour")
    page.get_by_role("button", name="Open it again").click()
    expect(page.get_by_text("The incident is open again")).to_be_visible()
    incident.refresh_from_db()
    assert incident.state == State.IN_PROGRESS

    resolved_by(incident, alice)
    page.reload()
    page.get_by_role("button", name="Yes, it works").click()
    expect(page.get_by_role("link", name="Report again")).to_be_visible()
    incident.refresh_from_db()
    assert incident.state == State.CLOSED
    assert blocked == []


def test_report_works_without_script(
    browser: Browser, live_server: LiveServer, carol: User, vpn: Service
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, live_server)

    page.goto(f"{live_server.url}/incidents/new/")
    page.get_by_label("What is not working?").fill("Scanner is dead")
    page.get_by_role("button", name="Send report").click()

    expect(page.get_by_role("heading", name="Scanner is dead")).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_are_accessible_and_fit(  # one browser for all pages: starting one costs more than looking
    browser: Browser, live_server: LiveServer, carol: User, alice: User, vpn: Service, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    addresses = pages_worth_a_look(carol, alice, vpn)
    check(page, f"{live_server.url}/login/")
    log_in(page, live_server)

    for address in addresses:
        check(page, live_server.url + address)
    page.get_by_role("button", name="Send report").click()  # comes back: the title is missing
    assert faults(page) == []
    context.close()


def pages_worth_a_look(carol: User, alice: User, vpn: Service) -> list[str]:
    at = timezone.now()
    asked = make_incident(requester=carol, title="VPN drops every few minutes", service=vpn, at=at)
    workflow.hold(asked, actor=agent_actor(alice), at=at, reason=HoldReason.CALLER, note="Which office?")
    solved = make_incident(requester=carol, title="Second screen stays dark", at=at)
    resolved_by(solved, alice)
    fresh = make_incident(requester=carol, title="Label printer prints blank labels", at=at)
    numbers = [incident.number for incident in (asked, solved, fresh)]
    return [
        "/",
        "/?show=closed",
        *(f"/incidents/{number}/" for number in numbers),
        "/password/",
        "/nowhere/",
        "/incidents/new/",
    ]


def check(page: Page, address: str) -> None:
    """Axe finds nothing, and nothing sticks out to the side."""
    page.goto(address)
    assert faults(page) == [], address


def test_private_link_reads_only(
    page: Page, live_server: LiveServer, carol: User, incident: Incident
) -> None:
    page.goto(f"{live_server.url}/track/{tracking_token(incident, carol, at=timezone.now())}/")

    expect(page.get_by_role("heading", name="VPN drops every few minutes")).to_be_visible()
    expect(page.get_by_role("link", name="Log in to answer")).to_be_visible()
    expect(page.locator("textarea")).to_have_count(0)
