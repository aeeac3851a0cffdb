"""Forms and bodies that name another row: once a hidden one, once one that nobody has."""

from collections.abc import Iterator
from typing import Any

from tests.access.desk import SharedDesk
from tests.access.ways import NOBODY_HAS, Way

Pair = tuple[str, str, Way, Way]


def naming(desk: SharedDesk) -> Iterator[Pair]:
    """What, by whom, and the two ways that must be answered alike."""
    plain = desk.incidents["plain"]
    number, review = desk.incidents["secret"].number, desk.rows["review secret"].pk
    nowhere = f"INC0{NOBODY_HAS}"
    page, call = f"/admin/incidents/incident/{plain.pk}", f"/api/v1/incidents/{plain.number}"
    report = {"title": "Again", "impact": "3", "urgency": "2"}
    telephone = {**report, "requester": desk.people["rita"].pk, "channel": "phone"}

    def sent(what: str, who: str, path: str, name: str, ids: tuple[Any, Any], **rest: Any) -> Pair:
        as_json = path.startswith("/api/")
        hidden, none = (Way(f"POST {what}", path, {**rest, name: one}, as_json=as_json) for one in ids)
        return what, who, hidden, none

    def asked(what: str, who: str, path: str) -> Pair:
        return what, who, Way(f"GET {what}", path + number), Way(f"GET {what}", path + nowhere)

    either = (number, nowhere)
    yield sent("merge at the desk", "alice", f"{page}/merge/", "into", either)
    yield sent("parent at the desk", "alice", f"{page}/parent/", "parent", either)
    yield sent("telephone", "alice", "/admin/incidents/incident/add/", "follows_up", either, **telephone)
    yield sent(
        "follow-up", "alice", "/admin/incidents/followup/add/", "review", (review, NOBODY_HAS), text="x"
    )
    mail = desk.rows["homeless mail"].pk
    yield sent("mail", "lea", f"/admin/notifications/inboundmail/{mail}/file/", "incident", either, text="x")
    yield sent("merge by REST", "alice", f"{call}/merge/", "into", either)
    yield sent("parent by REST", "alice", f"{call}/link_parent/", "parent", either)
    yield sent("follow-up by REST", "rita", "/api/v1/incidents/", "follows_up", either, title="Again")
    yield sent("somebody watches", "olga", f"{call}/watch/", "user", ("rita", "nobody-here"))
    yield sent("somebody by REST", "olga", call + "/assign/", "assignee", ("rita", "nobody-here"))
    yield asked("children of", "alice", "/api/v1/incidents/?parent=")
    yield asked("again in the portal", "rita", "/incidents/new/?again=")
    yield asked("search at the desk", "alice", "/admin/incidents/incident/?q=")
    yield asked("search by REST", "alice", "/api/v1/incidents/?search=")
