"""The incident page in a real browser: write, resolve, drafts, no script, attacks, axe."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from incidents import workflow
from incidents.enums import EvidenceKind, HoldReason, State
from incidents.models import Incident
from tests.browser.conftest import log_in
from tests.browser.looking import WIDTHS, faults
from tests.factories import agent_actor, make_incident

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.fixture
def complaints(page: Page) -> list[str]:
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("dialog", lambda dialog: (found.append(dialog.message), dialog.dismiss()))
    return found


def page_of(server: LiveServer, incident: Incident, slug: str = "change") -> str:
    return f"{server.url}/admin/incidents/incident/{incident.pk}/{slug}/"


def test_agent_replies_notes_and_resolves(
    context: BrowserContext,
    page: Page,
    live_server: LiveServer,
    alice: User,
    incident: Incident,
    complaints: list[str],
    tmp_path: Path,
) -> None:
    log_in(context, live_server, alice)
    log = tmp_path / "vpn.log"
    log.write_text("session table full")

    page.goto(page_of(live_server, incident))
    page.keyboard.press("n")
    page.keyboard.type("Firewall again.")
    page.locator("input[type=file]").set_input_files(log)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".entry.note")).to_contain_text("Firewall again.")
    page.keyboard.press("r")
    page.keyboard.type("We are on it.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".entry.public").first).to_contain_text("We are on it.")
    page.keyboard.press("s")
    page.get_by_label("Fixed").check()
    page.get_by_label("What did you do?").fill("Restarted the gateway.")
    page.get_by_role("button", name="Resolve and tell the requester").click()

    expect(page.locator(".facts-line")).to_contain_text("Resolved")
    incident.refresh_from_db()
    assert (incident.state, incident.resolution) == (State.RESOLVED, "Restarted the gateway.")
    assert complaints == []


def test_draft_survives_leaving_the_page(
    context: BrowserContext, page: Page, live_server: LiveServer, alice: User, incident: Incident
) -> None:
    log_in(context, live_server, alice)

    page.goto(page_of(live_server, incident))
    page.locator("#text").fill("Half a thought")
    expect(page.locator("[data-draft-hint]")).to_contain_text("Draft saved")
    page.goto(f"{live_server.url}/admin/incidents/incident/")
    page.goto(page_of(live_server, incident))

    expect(page.locator("#text")).to_have_value("Half a thought")


def test_second_agent_is_told_and_loses_nothing(
    context: BrowserContext, page: Page, live_server: LiveServer, alice: User, bob: User, incident: Incident
) -> None:
    log_in(context, live_server, alice)
    page.goto(page_of(live_server, incident, "hold"))
    page.get_by_label("Waiting for a vendor").check()
    page.get_by_label("Question or note").fill("Case 4711 at the vendor")
    workflow.assign(incident, actor=agent_actor(bob), at=timezone.now(), team=None, assignee=bob)

    page.get_by_role("button", name="Put on hold").click()

    expect(page.get_by_role("alert").first).to_contain_text("Changed by somebody else")
    expect(page.get_by_label("Question or note")).to_have_value("Case 4711 at the vendor")
    page.get_by_role("button", name="Put on hold").click()
    expect(page.locator(".facts-line")).to_contain_text("On hold")


def test_everything_works_without_script(
    browser: Browser, live_server: LiveServer, alice: User, incident: Incident
) -> None:
    context = browser.new_context(java_script_enabled=False)
    log_in(context, live_server, alice)
    page = context.new_page()

    page.goto(page_of(live_server, incident))
    page.locator("label", has_text="Internal note").click()
    page.locator("#text").fill("Written without script")
    page.get_by_role("button", name="Send", exact=False).first.click()
    expect(page.locator(".entry.note")).to_contain_text("Written without script")
    page.get_by_role("link", name="Put on hold").click()
    page.get_by_label("Waiting for a vendor").check()
    page.get_by_role("button", name="Put on hold").click()

    expect(page.locator(".facts-line")).to_contain_text("On hold")
    context.close()


def test_attacks_in_texts_stay_texts(
    context: BrowserContext, page: Page, live_server: LiveServer, alice: User, complaints: list[str]
) -> None:
    attack = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    incident = make_incident(title=attack, description=attack)
    by, now = agent_actor(alice), timezone.now()
    workflow.note(incident, actor=by, at=now, text=attack)
    workflow.add_evidence(incident, actor=by, at=now, kind=EvidenceKind.LOG, title=attack, content=attack)
    log_in(context, live_server, alice)

    for slug in ("change", "resolve", "edit"):
        page.goto(page_of(live_server, incident, slug))
        expect(page.locator("#content")).to_contain_text("<img src=x")

    assert complaints == []


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_satisfy_axe(
    context: BrowserContext,
    page: Page,
    live_server: LiveServer,
    alice: User,
    incident: Incident,
    width: int,
) -> None:
    by, now = agent_actor(alice), timezone.now()
    workflow.note(incident, actor=by, at=now, text="Look.")
    workflow.add_evidence(incident, actor=by, at=now, kind=EvidenceKind.LOG, title="syslog", content="full")
    workflow.add_hypothesis(incident, actor=by, at=now, text="Session table")
    workflow.hold(incident, actor=by, at=now, reason=HoldReason.VENDOR, note="case 4711")
    log_in(context, live_server, alice)
    page.set_viewport_size({"width": width, "height": 900})

    found = {}
    for slug in ("change", "resolve", "assign", "edit", "../add"):
        page.goto(page_of(live_server, incident, slug))
        found[slug] = faults(page)

    assert {slug: hits for slug, hits in found.items() if hits} == {}
