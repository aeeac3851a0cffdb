"""Every way tried by everybody, once, each in a transaction that is taken back."""

import logging
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client

from notifications.models import Delivery
from notifications.rendering.mail import render
from tests.access import table
from tests.access.desk import CALLERS, PEOPLE, PROGRAMS, SharedDesk
from tests.access.naming import naming
from tests.access.ways import Way, every_way

#: Written by reading, or of the writer alone.
OWN = {
    "django_session",
    "desk_cache",
    "incidents_stagedfile",
    "incidents_heldform",
    "incidents_idempotencykey",
}
WRITE = re.compile(r"^(?:INSERT (?:OR IGNORE )?INTO|UPDATE|DELETE FROM) \"(\w+)\"")
#: Who tries what a list offers beside its rows; the list itself is tried by all.
BY_LISTS = {"olga", "alice", "audrey", "ada"}
#: Who may not know of the confidential incident.
STRANGERS = ("rita", "alice", "lea")
REFUSED = {"401", "403", "404", "405", "login"}
ONLY_FOR_ONE = re.compile(
    r'name="(?:csrfmiddlewaretoken" value|server-time" content)="\w+"'
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)
HEADS = re.compile(r"(?im)^(set-cookie|content-length|x-request-id|ratelimit-\w+|date|expires): .*$")


@dataclass(slots=True)
class Answer:
    cell: str
    seen: set[str]
    cache: str
    text: str = ""
    wrote: set[str] = field(default_factory=set)


@dataclass
class Sweep:
    """`is_whole`: every cell. Else few of them, see `is_daily`."""

    desk: SharedDesk
    is_whole: bool
    ways: list[Way] = field(default_factory=list)
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    twins: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    named: dict[str, tuple[str, str]] = field(default_factory=dict)
    mails: list[tuple[str, str]] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clients = {login: Client(raise_request_exception=False) for login in ("nobody", *PEOPLE)}
        for login, user in self.desk.people.items():
            self.clients[login].force_login(user)
        for name in PROGRAMS:
            headers = {"authorization": f"Bearer {self.desk.keys[name]}"}
            self.clients[name] = Client(headers=headers, raise_request_exception=False)
        User.objects.filter(username="left").update(is_active=False)
        self.root = Client()
        self.root.force_login(User.objects.create_superuser("root"))

    def run(self) -> None:
        page = self.page if self.is_whole else lambda _path: ""
        self.ways = every_way(self.desk, page)
        known = table.read()
        with overheard(self.logged):
            for way in self.ways:
                for caller in CALLERS:
                    cell = known.get(way.label, {}).get(caller, "")
                    if self.is_whole or is_daily(way, caller, cell):
                        self.try_out(way, caller)
            self.name_hidden_rows()
        self.mails = [
            (mail.recipient.username, f"{letter.subject}\n{letter.text}\n{letter.html}")
            for mail in Delivery.objects.filter(
                entry__isnull=False, recipient__isnull=False, status="pending"
            )
            if (letter := render(mail)) and mail.recipient
        ]

    def try_out(self, way: Way, caller: str) -> None:
        if caller in PROGRAMS and "/api/" not in way.path:
            return
        if way.is_of_a_list and caller not in BY_LISTS:
            return
        found = self.ask(way, caller, way.path)
        self.answers[way.label, caller] = found
        if way.twin and caller in STRANGERS and not found.cell.startswith("2"):
            nowhere = self.ask(way, caller, way.twin)
            self.twins[way.label, caller] = plain(found.text, way.path), plain(nowhere.text, way.twin)
        found.text = ""

    def name_hidden_rows(self) -> None:
        """Ways that name another row: the hidden one, and one that nobody has."""
        for way, caller, hidden, nowhere in naming(self.desk):
            there, none = (self.ask(each, caller, each.path).text for each in (hidden, nowhere))
            self.named[way] = (
                plain(there, hidden.path, *hidden.names),
                plain(none, nowhere.path, *nowhere.names),
            )

    @property
    def by_key(self) -> set[str]:
        return {way.label for way in self.ways if way.is_by_key}

    def page(self, path: str) -> str:
        with transaction.atomic():
            answer = self.root.get(path)
            transaction.set_rollback(True)
        return b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()

    def ask(self, way: Way, caller: str, path: str) -> Answer:
        with transaction.atomic():
            if way.prepare:
                row = self.desk.incidents[way.variant or "plain"]
                row.refresh_from_db()
                way.prepare(self.desk, row)
            wrote: set[str] = set()
            with connection.execute_wrapper(noting(wrote)):
                answer = self.send(way, caller, path)
            transaction.set_rollback(True)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        heads = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        text = f"{answer.status_code}\n{heads}\n\n{body.decode(errors='replace')}"
        wrote -= OWN | ({"incidents_apitoken"} if caller in PROGRAMS else set())
        seen = self.desk.canaries.seen_in(text)
        return Answer(cell_of(answer, wrote), seen, answer.headers.get("Cache-Control", ""), text, wrote)

    def send(self, way: Way, caller: str, path: str) -> Any:
        client = self.clients[caller]
        client.cookies.pop("messages", None)  # said by the way before
        if way.body is None:
            return client.get(path)
        for part in way.body.values():
            if hasattr(part, "seek"):
                part.seek(0)
        kind = {"content_type": "application/json"} if way.as_json else {}
        send = getattr(client, way.method.lower())
        return send(path, way.body, **kind, headers={"If-Match": "*"})


def is_daily(way: Way, caller: str, cell: str) -> bool:
    """Whether `make test` tries the cell too, the same ones each time; `make fuzz` tries all.

    Of every other way one caller, picked by its name; of each to a confidential row one who may not know of
    it; of what writes only refusals, and each of the auditor's.
    """
    number = zlib.crc32(way.label.encode())
    picked = {CALLERS[number % len(CALLERS)]} if number & 64 else set()
    if way.twin:
        picked.add(STRANGERS[number % len(STRANGERS)])
    if way.body is not None:
        return cell in REFUSED and caller in picked | {"audrey"}
    return caller in picked


def noting(into: set[str]) -> Callable[..., Any]:
    """Every table that something is written to."""

    def run(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        # SQLite knows how many rows it returns only after they are fetched
        if (found := WRITE.match(sql)) and (" RETURNING " in sql or rest[-1]["cursor"].rowcount > 0):
            into.add(found[1])
        return result

    return run


def cell_of(answer: Any, wrote: set[str]) -> str:
    """The status; `login` for being sent there; with + where something was changed."""
    status = str(answer.status_code)
    if 300 <= answer.status_code < 400:
        status = "login" if "/login/?" in answer.headers["Location"] else status
    return status + ("+" if wrote else "")


def plain(text: str, path: str, *names: str) -> str:
    """Without what differs between any two answers, and without the address that was asked for.

    Nor the one above it: a verb that is only asked for leads to the page of its row, whether there is one.
    """
    text = ONLY_FOR_ONE.sub("", text)
    above = path.rstrip("/").rpartition("/")[0] + "/"
    for part in (
        path,
        *([above] if re.search(r"\d", above) else []),
        *names,
        *re.findall(r"INC\d+|\d{5,}", path),
    ):
        text = text.replace(part, "…")
    return HEADS.sub("", text)


class overheard:  # noqa: N801 -- reads as a word
    """Whatever is logged meanwhile."""

    def __init__(self, into: list[str]) -> None:
        self.handler = logging.Handler()
        self.handler.emit = lambda record: into.append(record.getMessage())  # type: ignore[method-assign]

    def __enter__(self) -> None:
        logging.getLogger().addHandler(self.handler)

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self.handler)


def lines(sweep: Sweep) -> Iterator[tuple[str, str]]:
    """Each way with its cells, in the order of the callers."""
    for way in sweep.ways:
        cells = (sweep.answers.get((way.label, caller)) for caller in CALLERS)
        yield way.label, " ".join(cell.cell if cell else "-" for cell in cells)
