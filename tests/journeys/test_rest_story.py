"""The same story over REST: opened with a file, worked, told by mail in order and once, confirmed."""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import ONE_DESK, entries_in, letters_about, wait_until
from tests.notifications.sink import Sink
from tests.running import Desk

pytestmark = [pytest.mark.processes, ONE_DESK]


class Program:
    """curl with somebody's token."""

    def __init__(self, desk: Desk, user: str) -> None:
        self.base = f"http://127.0.0.1:{desk.port}/api/v1/incidents/"
        self.key = desk.manage("create_token", user, "--scope", "read", "--scope", "write").strip()

    def call(self, path: str, *words: str) -> dict[str, Any]:
        """The answer's body, and its version as `etag`; fails the test on an error."""
        curl = ["curl", "-sS", "--fail-with-body", "-i", "-H", f"Authorization: Bearer {self.key}"]
        done = subprocess.run(
            [*curl, *words, self.base + path],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        head, _, body = done.stdout.rpartition("\n\n" if "\r\n\r\n" not in done.stdout else "\r\n\r\n")
        etags = [
            line.split(":", 1)[1].strip() for line in head.splitlines() if line.lower().startswith("etag:")
        ]
        answer: dict[str, Any] = json.loads(body)
        return {**answer, "etag": etags[0] if etags else ""}

    def do(self, number: str, verb: str, **details: Any) -> dict[str, Any]:
        version = self.call(f"{number}/")["etag"]
        sent = [
            "-H",
            "Content-Type: application/json",
            "-H",
            f"If-Match: {version}",
            "-d",
            json.dumps(details),
        ]
        return self.call(f"{number}/{verb}/", *sent)


def test_a_ticket_lives_over_rest_and_its_news_arrive_in_order_and_once(
    desk: Desk, sink: Sink, tmp_path: Path
) -> None:
    entries_before = entries_in(desk.manage("check_ledger"))
    carol, alice = Program(desk, "carol"), Program(desk, "alice")
    proof = tmp_path / "vpn.log"
    proof.write_text("tunnel 4 down")

    report = json.dumps({"title": "VPN drops every few minutes"})
    number = carol.call("", "-H", "Content-Type: application/json", "-d", report)["number"]
    version = carol.call(f"{number}/")["etag"]
    carol.call(f"{number}/attachments/", "-H", f"If-Match: {version}", "-F", f"file=@{proof}")
    alice.do(number, "acknowledge")
    alice.do(number, "note", text="The gateway in Lisbon again")
    action = {"kind": "configuration", "summary": "Moved the pool", "outcome": "succeeded", "tell": True}
    alice.do(number, "record_action", **action)
    alice.do(number, "resolve", code="configuration", text="You are on the second gateway now.")
    carol.do(number, "close")

    told = ["receipt", "acknowledged", "action", "resolved"]
    wait_until(lambda: len(letters_about(sink, number, "carol")) >= len(told))
    time.sleep(2)  # a mail too many would come now
    letters = letters_about(sink, number, "carol")
    texts = [letter.as_string() for letter in letters]
    assert len(texts) == len(told), [str(letter["Subject"]) for letter in letters]
    assert "Moved the pool" in texts[2]
    assert "second gateway" in texts[3]
    assert not any("Lisbon" in text for text in texts)
    assert entries_in(desk.manage("check_ledger")) == entries_before + 7
