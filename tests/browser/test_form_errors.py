"""A form that comes back: the first wrong field has the focus and says what is wrong, without script too."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from incidents.models import Incident
from tests.browser.conftest import log_in
from tests.browser.looking import WIDTHS, faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Any:
    cache.clear()
    context = browser.new_context(java_script_enabled=request.param)
    yield context.new_page()
    context.close()


def unchecked(page: Page, address: str) -> None:
    """The page, with its forms in the hands of a browser that checks nothing by itself."""
    page.route(
        address, lambda route: route.fulfill(response=(got := route.fetch()), body=without_checks(got.text()))
    )
    page.goto(address)
    page.unroute(address)


def without_checks(html: str) -> str:
    return html.replace(" required", "").replace("<form ", "<form novalidate ")


def description_of(page: Page, focused: Any) -> str:
    names = focused.get_attribute("aria-describedby").split()
    return " ".join(page.locator(f"#{name}").inner_text() for name in names)


def test_portal_report_points_at_the_first_wrong_field(
    page: Page, live_server: LiveServer, carol: User
) -> None:
    log_in(page.context, live_server, carol)
    unchecked(page, f"{live_server.url}/incidents/new/")

    page.get_by_role("button", name="Send report").click()

    focused = page.locator("*:focus")
    expect(focused).to_have_attribute("name", "title")
    expect(focused).to_have_attribute("aria-invalid", "true")
    assert "Say in one line what is wrong." in description_of(page, focused)
    expect(page.get_by_role("alert")).to_contain_text("Please mend what is marked below")


def test_portal_reason_points_at_its_field(page: Page, live_server: LiveServer, incident: Incident) -> None:
    assert incident.requester is not None
    log_in(page.context, live_server, incident.requester)
    unchecked(page, f"{live_server.url}/incidents/{incident.number}/")

    page.get_by_text("Not needed any more?", exact=True).click()
    page.get_by_role("button", name="Withdraw the report").click()

    focused = page.locator("*:focus")
    expect(focused).to_have_attribute("id", "cancel_reason")
    assert "Write a few words" in description_of(page, focused)


def test_verb_page_points_at_the_first_wrong_choice(
    page: Page, live_server: LiveServer, alice: User, incident: Incident
) -> None:
    log_in(page.context, live_server, alice)
    unchecked(page, f"{live_server.url}/admin/incidents/incident/{incident.pk}/hold/")

    page.get_by_role("button", name="Put on hold").click()

    focused = page.locator("*:focus")
    expect(focused).to_have_js_property("tagName", "FIELDSET")
    assert "Say what it waits for." in description_of(page, focused)


def test_telephone_points_at_the_person_who_is_missing(
    page: Page, live_server: LiveServer, alice: User
) -> None:
    log_in(page.context, live_server, alice)
    unchecked(page, f"{live_server.url}/admin/incidents/incident/add/")

    page.get_by_role("button", name="Open the incident").click()

    expect(page.locator("#id_requester")).to_have_attribute("aria-invalid", "true")
    expect(
        page.locator("select#id_requester:focus, .field:has(#id_requester) .select2-selection:focus")
    ).to_have_count(1)
    assert "Say who is affected" in page.locator("#id_requester_error").inner_text()


def test_composer_points_at_the_text_or_file_that_is_wrong(
    page: Page, live_server: LiveServer, alice: User, incident: Incident, tmp_path: Path
) -> None:
    empty, good = tmp_path / "empty.txt", tmp_path / "good.txt"
    empty.write_text("")
    good.write_text("good")
    log_in(page.context, live_server, alice)
    page.goto(f"{live_server.url}/admin/incidents/incident/{incident.pk}/change/")

    page.get_by_role("button", name="Send", exact=False).first.click()
    expect(page.locator("*:focus")).to_have_attribute("name", "text")
    assert "Write something" in description_of(page, page.locator("*:focus"))
    page.locator("#composer input[type=file]").set_input_files([empty, good])
    page.get_by_role("button", name="Send", exact=False).first.click()

    focused = page.locator("*:focus")
    expect(focused).to_have_attribute("name", "attachments")
    assert description_of(page, focused) == "empty.txt is empty."
    expect(page.get_by_label("good.txt")).to_be_checked()


@pytest.mark.parametrize("width", WIDTHS)
def test_forms_that_came_back_satisfy_axe_and_fit(
    browser: Browser,
    live_server: LiveServer,
    alice: User,
    incident: Incident,
    tmp_path: Path,
    width: int,
) -> None:
    empty, good = tmp_path / "empty.txt", tmp_path / "good.txt"
    empty.write_text("")
    good.write_text("good")
    context = browser.new_context(viewport={"width": width, "height": 900})
    log_in(context, live_server, alice)
    page = context.new_page()
    found = {}

    for place, form in (
        (f"/admin/incidents/incident/{incident.pk}/change/", "#composer"),
        ("/admin/incidents/incident/add/", ".confirm-cols"),
        ("/incidents/new/", "form.form"),
    ):
        page.goto(live_server.url + place)
        page.locator(f"{form} details").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
        page.locator(f"{form} input[type=file]").set_input_files([empty, good])
        page.locator(form).evaluate("(form) => { form.noValidate = true; }")
        page.locator(f"{form} button.primary:not([type])").last.click()
        expect(page.get_by_label("good.txt")).to_be_checked()
        found[place] = faults(page)

    assert {place: hits for place, hits in found.items() if hits} == {}
    context.close()
