"""The whole story on a whole desk: reported, worked, told, confirmed, counted, and nothing lost."""

import csv
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import ONE_DESK, PASSWORD, entries_in, letters_about, wait_until
from tests.notifications.sink import Sink
from tests.running import Desk

pytestmark = [pytest.mark.browser, pytest.mark.processes, ONE_DESK]


def sign_in(browser: Browser, desk: Desk, name: str, path: str, faults: list[str]) -> Page:
    """A browser of their own, logged in by the page that asks for it. Faults are what its console says."""
    page = browser.new_context(base_url=f"http://127.0.0.1:{desk.port}").new_page()
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto(path)
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    return page


def opened_in(report: str) -> int:
    """The week's incidents, by the first line of the sheet."""
    first = next(row for row in csv.DictReader(report.splitlines()) if row["name"] == "opened")
    return int(first["value"])


def write(page: Page, kind: str, text: str) -> None:
    """Send something from the composer of the incident page."""
    composer = page.get_by_role("form", name="Write")
    composer.get_by_text(kind).click()
    composer.get_by_label("Text").fill(text)
    if kind == "Action taken":
        composer.get_by_label("Tell the requester").check()
    composer.get_by_role("button", name="Send", exact=False).first.click()
    expect(page.get_by_text(text).first).to_be_visible()


def test_a_ticket_is_reported_worked_told_confirmed_and_counted(
    browser: Browser, desk: Desk, sink: Sink, tmp_path: Path
) -> None:
    week = f"{datetime.now(UTC):%G-W%V}"
    opened_before = opened_in(desk.manage("make_report", "--week", week, "--csv"))
    faults: list[str] = []
    log = tmp_path / "vpn.log"
    log.write_text("tunnel 4 down")

    carol = sign_in(browser, desk, "carol", "/incidents/new/", faults)
    carol.get_by_label("What is not working?").fill("VPN drops every few minutes")
    carol.get_by_label("What is it about?").select_option("VPN")
    carol.get_by_label("Pictures or files").set_input_files(log)
    carol.get_by_role("button", name="Send report").click()
    expect(carol.get_by_role("heading", name="VPN drops every few minutes")).to_be_visible()
    expect(carol.get_by_role("link", name="vpn.log")).to_be_visible()

    alice = sign_in(browser, desk, "alice", "/admin/incidents/incident/?view=unassigned", faults)
    alice.get_by_role("link", name="VPN drops every few minutes").first.click()
    alice.get_by_role("link", name="Assign", exact=True).click()
    alice.get_by_label("Person").select_option(label="Alice")
    alice.get_by_role("button", name="Assign").click()
    write(alice, "Internal note", "The gateway in Lisbon again, the user cannot help it")
    write(alice, "Action taken", "Moved the address pool to the second gateway")
    alice.get_by_role("link", name="Resolve").first.click()
    alice.get_by_label("Configuration corrected").check()
    alice.get_by_label("What did you do?").fill("You are on the second gateway now.")
    alice.get_by_role("button", name=re.compile("Resolve")).click()
    expect(alice.get_by_text("Resolved").first).to_be_visible()

    carol.reload()
    expect(carol.get_by_text("The gateway in Lisbon again")).to_have_count(0)
    carol.get_by_role("button", name="Yes, it works").click()
    expect(carol.get_by_text("Closed").first).to_be_visible()

    found = re.search(r"INC\d{7}", carol.url)
    assert found
    number = found[0]
    wait_until(lambda: len(letters_about(sink, number, "carol")) >= 4)
    time.sleep(2)  # a mail too many would come now
    letters = letters_about(sink, number, "carol")
    told = ["We have your report", "In progress", "Something was done", "Resolved"]
    assert [str(letter["Subject"]) for letter in letters] == [
        f"[{number}] {what}: VPN drops every few minutes" for what in told
    ]
    assert len({taken.message_id for taken in sink.taken}) == len(sink.taken)
    assert not any("Lisbon" in letter.as_string() for letter in letters)
    to_alice = [str(letter["Subject"]) for letter in letters_about(sink, number, "alice")]
    assert to_alice[0] == f"[{number}] New: VPN drops every few minutes"
    assert [subject.partition(":")[0] for subject in to_alice[1:]] == [f"[{number}] It works, Carol says"]

    assert opened_in(desk.manage("make_report", "--week", week, "--csv")) == opened_before + 1
    assert entries_in(desk.manage("check_ledger")) > 0
    assert faults == []
