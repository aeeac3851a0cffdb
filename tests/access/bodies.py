"""What is sent: for the interface by verb, for forms what stands in no page and has to be chosen."""

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from import_export.tmp_storages import CacheStorage

from incidents import workflow
from incidents.enums import HoldReason, ResolutionCode
from incidents.models import Incident
from tests.access.desk import SharedDesk

TEXT = {"text": "Said by the sweep"}
REASON = {"reason": "Because the sweep says so"}
EVIDENCE = {"kind": "log", "title": "A log", "content": "line"}
ACTION = {"kind": "patch", "summary": "Patched", "outcome": "succeeded"}


def a_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("sweep.txt", b"bytes of the sweep")


def by_verb(desk: SharedDesk, last: str, variant: str) -> dict[str, Any] | None:
    """The body of a call, by the last part of its address; None where nothing is sent."""
    incident = desk.incidents.get(variant or "plain")
    hypothesis = incident.hypotheses.get().pk if incident else 0
    into = desk.incidents["plain" if variant == "secret" else "third"].number
    return {
        "incidents": {"title": "Opened by the sweep", "description": "x"},
        "<str:number>": {"title": "Renamed by the sweep"},
        "attachments": {"file": a_file(), "text": "see", "visibility": "public"},
        "evidence": {**EVIDENCE, "attachment": a_file()},
        "add_evidence": EVIDENCE,
        "actions": ACTION,
        "record_action": ACTION,
        "review": {"summary": "By the sweep"},
        "acknowledge": {},
        "assign": {"assignee": "mary", "team": None},
        "hold": {"reason": "vendor"},
        "resume": {},
        "mitigate": {},
        "resolve": {"code": "fixed", **TEXT},
        "reopen": TEXT,
        "close": {},
        "cancel": REASON,
        "merge": {"into": into, "confirm": True},
        "comment": TEXT,
        "note": TEXT,
        "override_priority": {"priority": 1, **REASON},
        "assess_severity": {"severity": 3},
        "declare_major": {"severity": 1, **REASON},
        "stand_down": REASON,
        "add_hypothesis": TEXT,
        "weigh_hypothesis": {"hypothesis": hypothesis, "verdict": "likely"},
        "record_root_cause": TEXT,
        "plan_action": {"kind": "patch", "summary": "To do"},
        "watch": {},
        "unwatch": {},
        "link_parent": {"parent": desk.incidents["third"].number},
        "link_problem": {"problem": desk.rows["problem"].number},
        "publish_review": {},
        "redact": {"words": "as told at once", **REASON},
        "<str:key>": {"key": "sweep", "title": "Alert of the sweep"},
    }.get(last)


#: Chosen in a form of the desk whatever page it stands on, by the name of the field.
def given(desk: SharedDesk, variant: str) -> dict[str, Any]:
    incident = desk.incidents.get(variant or "secret", desk.incidents["secret"])
    people = desk.people
    return {
        "incident": incident.pk, "review": desk.rows[f"review {variant or 'secret'}"].pk,
        "user": people["rita"].pk, "owner": people["mary"].pk, "requester": people["rita"].pk,
        "into": desk.incidents["third"].number, "service": desk.rows["service"].pk,
        "assignee": people["mary"].pk, "address": "somebody.else@example.com", "name": "Named by the sweep",
        "username": "sweep", "usable_password": "false", "url": "https://example.com/other",
        "title": "Titled by the sweep", "text": "Said by the sweep", "reason": "Because the sweep says so",
        "description": "Described by the sweep", "summary": "Summed up", "email": "new@example.com",
        "kind": "reply", "country": "NO", "workaround": "Wait", "login": "", "minutes": "90", "code": "fixed",
        "old_password": "wrong", "new_password1": "long enough 1", "new_password2": "long enough 1",
    }  # fmt: skip


#: What an address wants besides the fields of its page.
EXTRA: dict[str, dict[str, Any]] = {
    "delete": {"post": "yes"},
    "first-steps": {"do": "hide"},
    "keep": {"period": "1w", "zone": "UTC"},
    "import": {"format": "0", "import_file": SimpleUploadedFile("rows.csv", b"name\nBrought by the sweep\n")},
    "setlang": {"language": "en"},
    "publish": {"version": "1"},
    "watch": {},
    "file": {"text": "Filed by the sweep"},
    "merge": {"confirm": "on"},
    "parent": {"parent": ""},
    "problem": {"problem": ""},
    "done": {"outcome": "succeeded"},
    "priority": {"priority": "1"},
    "redact": {"words": "as told at once", **REASON},
    "process_import": {"import_file_name": "kept", "original_file_name": "rows.csv", "format": "0"},
    "reopen": {"reason": "No"},
    "cancel": {"reason": "No"},
}

Prepare = Callable[[SharedDesk, Incident], object]


def _resolved(desk: SharedDesk, incident: Incident) -> None:
    workflow.resolve(incident, code=ResolutionCode.FIXED, text="Done", **desk.by("mary"))


def _new(desk: SharedDesk, incident: Incident) -> None:
    Incident.objects.filter(pk=incident.pk).update(state="new", assignee=None)


def _looked_at(_desk: SharedDesk, _incident: Incident) -> None:
    CacheStorage(name="kept").save(b"name\nBrought by the sweep\n")


#: What has to be so before the verb is possible at all.
PREPARE: dict[str, Prepare] = {
    "acknowledge": _new,
    "resume": lambda desk, row: workflow.hold(row, reason=HoldReason.VENDOR, **desk.by("mary")),
    "reopen": _resolved,
    "close": _resolved,
    "confirm": _resolved,
    "process_import": _looked_at,
    "stand_down": lambda desk, row: workflow.declare_major(row, severity=1, reason="All", **desk.by("mary")),
    "unwatch": lambda desk, row: workflow.watch(row, user=desk.people["rita"], **desk.by("mary")),
}
