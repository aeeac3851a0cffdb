"""What an agent types stays in the browser until the server has it, as what it was and for nobody else."""

import re

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from incidents import workflow
from incidents.models import Incident, TimelineEntry
from tests.browser.conftest import log_in
from tests.factories import agent_actor, make_incident

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

STORED = "Object.keys(localStorage).filter((key) => key.startsWith('desk.draft.'))"


def page_of(server: LiveServer, incident: Incident, slug: str = "change") -> str:
    return f"{server.url}/admin/incidents/incident/{incident.pk}/{slug}/"


def write(page: Page, kind: str, text: str) -> None:
    page.locator(f"#composer input[value={kind}]").check(force=True)
    page.locator("#text").fill(text)
    expect(page.locator("[data-draft-hint]")).to_contain_text("Draft saved")


@pytest.fixture
def at_desk(context: BrowserContext, page: Page, live_server: LiveServer, alice: User) -> Page:
    cache.clear()
    log_in(context, live_server, alice)
    return page


def test_note_comes_back_as_a_note_with_a_button_that_discards_it(
    at_desk: Page, live_server: LiveServer, incident: Incident
) -> None:
    at_desk.goto(page_of(live_server, incident))
    write(at_desk, "note", "Between us: the firewall again")

    at_desk.goto(f"{live_server.url}/admin/incidents/incident/")
    at_desk.goto(page_of(live_server, incident))

    expect(at_desk.get_by_text("Restored draft")).to_be_visible()
    expect(at_desk.locator("#text")).to_have_value("Between us: the firewall again")
    expect(at_desk.locator("#composer input[value=note]")).to_be_checked()
    at_desk.get_by_role("button", name="Discard").click()
    expect(at_desk.locator("#text")).to_have_value("")
    assert at_desk.evaluate(STORED) == []
    at_desk.reload()
    expect(at_desk.get_by_text("Restored draft")).to_be_hidden()


def test_action_and_evidence_come_back_with_every_field(
    at_desk: Page, live_server: LiveServer, incident: Incident
) -> None:
    at_desk.goto(page_of(live_server, incident))
    write(at_desk, "action", "Restarted the gateway")
    at_desk.get_by_label("Type").select_option("restart")
    at_desk.get_by_label("Reference").fill("CHG0001234")
    at_desk.get_by_label("Tell the requester").check()
    at_desk.get_by_label("Source").evaluate("(el) => { el.value = 'gw-1'; }")

    at_desk.reload()

    expect(at_desk.locator("#composer input[value=action]")).to_be_checked()
    expect(at_desk.get_by_label("Type")).to_have_value("restart")
    expect(at_desk.get_by_label("Reference")).to_have_value("CHG0001234")
    expect(at_desk.get_by_label("Tell the requester")).to_be_checked()
    expect(at_desk.get_by_label("Source")).to_have_value("gw-1")
    expect(at_desk.locator("#text")).to_have_value("Restarted the gateway")


def test_draft_of_one_incident_is_not_shown_at_another(
    at_desk: Page, live_server: LiveServer, incident: Incident
) -> None:
    other = make_incident(title="Another one")
    at_desk.goto(page_of(live_server, other))
    write(at_desk, "note", "For this one only")

    at_desk.goto(page_of(live_server, incident))

    at_desk.wait_for_timeout(1500)
    expect(at_desk.locator("#text")).to_have_value("")


def slow_to_post(page: Page) -> None:
    """The server takes two seconds with what is sent: longer than any timer of the page."""

    def wait(route: Route) -> None:
        if route.request.method == "POST":
            page.wait_for_timeout(2000)
        route.continue_()

    page.route("**/change/", wait)


def test_sent_note_is_gone_even_when_the_server_is_slow(
    at_desk: Page, live_server: LiveServer, incident: Incident
) -> None:
    at_desk.goto(page_of(live_server, incident))
    slow_to_post(at_desk)

    at_desk.locator("#composer input[value=note]").check(force=True)
    at_desk.locator("#text").fill("Only for the desk")
    at_desk.keyboard.press("Control+Enter")
    expect(at_desk.locator(".entry.note")).to_contain_text("Only for the desk", timeout=15_000)
    at_desk.reload()
    at_desk.wait_for_timeout(1500)

    expect(at_desk.locator("#text")).to_have_value("")
    assert at_desk.evaluate(STORED) == []
    assert TimelineEntry.objects.filter(incident=incident, kind="noted").count() == 1


def test_words_stay_when_the_server_dies_while_they_are_sent(
    at_desk: Page, live_server: LiveServer, incident: Incident
) -> None:
    at_desk.goto(page_of(live_server, incident))
    at_desk.locator("#composer input[value=note]").check(force=True)
    at_desk.locator("#text").fill("Not lost")
    at_desk.route(
        "**/change/", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )

    at_desk.keyboard.press("Control+Enter")
    at_desk.wait_for_timeout(500)
    at_desk.unroute("**/change/")
    at_desk.goto(page_of(live_server, incident))

    expect(at_desk.locator("#text")).to_have_value("Not lost")
    expect(at_desk.locator("#composer input[value=note]")).to_be_checked()


def test_refused_reply_is_shown_as_sent_and_its_draft_goes_with_the_next_try(
    at_desk: Page, live_server: LiveServer, incident: Incident, bob: User
) -> None:
    at_desk.goto(page_of(live_server, incident))
    write(at_desk, "reply", "We are on it")
    workflow.note(incident, actor=agent_actor(bob), at=timezone.now(), text="Mine")

    at_desk.get_by_role("button", name=re.compile("^Send")).first.click()
    expect(at_desk.get_by_role("alert").first).to_contain_text("Changed by somebody else")
    expect(at_desk.locator("#text")).to_have_value("We are on it")
    assert len(at_desk.evaluate(STORED)) == 1
    at_desk.get_by_role("button", name=re.compile("^Send")).first.click()

    expect(at_desk.locator(".entry.public").first).to_contain_text("We are on it")
    assert at_desk.evaluate(STORED) == []


def test_two_tabs_do_not_take_each_others_words(
    context: BrowserContext, at_desk: Page, live_server: LiveServer, incident: Incident
) -> None:
    second = context.new_page()
    at_desk.goto(page_of(live_server, incident))
    write(at_desk, "note", "Words of the first tab")
    second.goto(page_of(live_server, incident))
    second.wait_for_timeout(1500)
    expect(second.locator("#text")).to_have_value("")
    write(second, "reply", "Words of the second tab")

    second.get_by_role("button", name=re.compile("^Send")).first.click()
    expect(second.locator(".entry.public").first).to_contain_text("Words of the second tab")
    at_desk.close()
    second.wait_for_timeout(300)
    second.goto(page_of(live_server, incident))

    expect(second.locator("#text")).to_have_value("Words of the first tab")
    expect(second.locator("#composer input[value=note]")).to_be_checked()


def test_logging_out_takes_drafts_along(at_desk: Page, live_server: LiveServer, incident: Incident) -> None:
    at_desk.goto(page_of(live_server, incident))
    write(at_desk, "note", "Between us")

    at_desk.get_by_role("button", name="Account of Alice Ames").click()
    at_desk.get_by_role("button", name="Log out").click()

    expect(at_desk.get_by_role("heading", name="Log in")).to_be_visible()
    assert at_desk.evaluate(STORED) == []


def test_another_person_in_the_same_browser_never_sees_a_draft(
    context: BrowserContext, at_desk: Page, live_server: LiveServer, incident: Incident, bob: User
) -> None:
    at_desk.goto(page_of(live_server, incident))
    write(at_desk, "note", "Between us")
    context.clear_cookies()

    log_in(context, live_server, bob)
    at_desk.goto(page_of(live_server, incident))
    at_desk.wait_for_timeout(1500)

    expect(at_desk.locator("#text")).to_have_value("")
    assert at_desk.evaluate(STORED) == []


def test_old_drafts_are_forgotten(at_desk: Page, live_server: LiveServer, incident: Incident) -> None:
    at_desk.goto(page_of(live_server, incident))
    write(at_desk, "note", "Long ago")
    at_desk.goto(f"{live_server.url}/admin/incidents/incident/")
    at_desk.evaluate(
        """() => {
          for (const key of Object.keys(localStorage)) {
            if (!key.startsWith('desk.draft.')) continue;
            const draft = JSON.parse(localStorage[key]);
            draft.at -= 31 * 86400000;
            localStorage[key] = JSON.stringify(draft);
          }
        }"""
    )

    at_desk.goto(page_of(live_server, incident, "hold"))
    at_desk.wait_for_timeout(300)

    assert at_desk.evaluate(STORED) == []


def test_verb_page_and_telephone_keep_drafts_too(
    at_desk: Page, live_server: LiveServer, incident: Incident, carol: User
) -> None:
    at_desk.goto(page_of(live_server, incident, "resolve"))
    at_desk.get_by_label("Fixed").check()
    at_desk.get_by_label("What did you do?").fill("Restarted it")
    expect(at_desk.locator("[data-draft-hint]")).to_contain_text("Draft saved")
    at_desk.goto(f"{live_server.url}/admin/incidents/incident/add/")
    at_desk.locator(".select2-selection").first.click()
    at_desk.keyboard.type("carol")
    at_desk.get_by_role("option", name="Carol Cole").click()
    at_desk.get_by_label("What is wrong, in one line?").fill("No tone")
    expect(at_desk.locator("[data-draft-hint]")).to_contain_text("Draft saved")

    at_desk.goto(page_of(live_server, incident, "resolve"))
    expect(at_desk.get_by_label("What did you do?")).to_have_value("Restarted it")
    expect(at_desk.get_by_label("Fixed")).to_be_checked()
    at_desk.goto(f"{live_server.url}/admin/incidents/incident/add/")

    expect(at_desk.get_by_label("What is wrong, in one line?")).to_have_value("No tone")
    expect(at_desk.locator("#id_requester")).to_have_value(str(carol.pk))
    expect(at_desk.locator(".select2-selection").first).to_contain_text("Carol Cole")
