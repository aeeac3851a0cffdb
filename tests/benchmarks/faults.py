"""`python -m tests.benchmarks.faults`: each fault in turn on real sockets, and what it cost.

Two workers send mails and calls while the fault lasts. Nobody waits in vain: when no worker has
anything to do the clock leaps to what is due next, so delays are as a desk would see them. Exits with 1
when a message is lost or arrives more often than is on record. On a scratch database of the configured kind.
"""

import argparse
import json
import logging
import os
import socket
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import django
from django.conf import settings
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
if __name__ == "__main__":
    django.setup()

from django.contrib.auth.models import User
from django.utils import timezone

from incidents.sweeping import spent_after
from notifications import ledger
from notifications.channels.email import smtp
from notifications.channels.registry import Lines
from notifications.channels.webhook import transport
from notifications.delivery import pool, send
from notifications.delivery.announce import announce_pending
from notifications.delivery.claim import claim_due
from notifications.delivery.queue import enqueue_mail
from notifications.delivery.recheck import LEFT
from notifications.delivery.worker import tidy_up
from notifications.enums import Lane, Status
from notifications.models import Delivery, Endpoint, Worker
from tests.factories import make_incident
from tests.notifications.hooks import Hooks
from tests.notifications.sink import Sink

WORKERS = 2
LASTS = timedelta(minutes=3)
NEVER_LONGER = timedelta(days=6)
ONE = "m0@"
DEAD = "dead"
PROGRAMS = (DEAD, "wall", "chat")


class Leaping:
    """A clock that runs as any other, and can be put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return timezone.now() + self.ahead

    def leap_to(self, moment: datetime) -> None:
        self.ahead += max(moment - self(), timedelta(0))


@dataclass
class Wire:
    mail: Sink
    hooks: dict[str, Hooks]


def one_recipient(answer: str) -> Callable[[Wire], None]:
    return lambda wire: wire.mail.refusals.update({ONE: answer})


def server(mode: str) -> Callable[[Wire], None]:
    return lambda wire: wire.mail.fail(mode)


def program(mode: str) -> Callable[[Wire], None]:
    return lambda wire: setattr(wire.hooks[DEAD], "mode", mode)


def mended(wire: Wire) -> None:
    wire.mail.fail("")
    wire.mail.refusals = {}
    for hook in wire.hooks.values():
        hook.mode = "200"


#: fault: how it begins, and which targets have it; all others are its neighbours
FAULTS: dict[str, tuple[Callable[[Wire], None], str]] = {
    "none": (mended, "-"),
    "454 for one recipient": (one_recipient("454 4.7.0 not now"), ONE),
    "530 for one recipient": (one_recipient("530 5.7.0 log in"), ONE),
    "450 for one recipient": (one_recipient("450 4.2.0 later"), ONE),
    "530 for every recipient": (lambda wire: wire.mail.refusals.update({"@example.com": "530 no"}), "@"),
    "server refuses at the door (421)": (server("421 at banner"), "@"),
    "server refuses us (554)": (server("554 at banner"), "@"),
    "refused after the dot (451)": (server("451 at dot"), "@"),
    "connection dropped in DATA": (server("drop in data"), "@"),
    "content filter restarts (drop after dot)": (server("drop after dot"), "@"),
    "content filter hangs after the dot": (server("hang after dot"), "@"),
    "worker killed before the dot": (mended, "killed"),
    "worker killed after the dot": (mended, "killed after"),
    "webhook does not answer": (program("no answer"), DEAD),
    "webhook answers 503": (program("503"), DEAD),
}


@dataclass
class Line:
    fault: str
    messages: int = 0
    sent: int = 0
    lost: int = 0
    duplicates: int = 0
    in_doubt: int = 0
    given_up: int = 0
    longest: float = 0
    neighbours: float = 0
    urgent: float = 0
    breaches: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return not (self.lost or self.breaches or self.duplicates > self.in_doubt)


def play(name: str, clock: Leaping, *, mails: int, calls: int) -> Line:
    begin, target = FAULTS[name]
    with wires() as wire:
        rows = prepared(clock, mails, calls)
        begin(wire)
        if target.startswith("killed"):
            hit = {row.pk for row in abandoned(clock, after_dot="after" in target)}
        else:
            hit = {row.pk for row in rows if target in whose(row)}
        began = clock()
        carry(clock, until=began + LASTS)
        mended(wire)
        carry(clock, until=began + NEVER_LONGER)
        return judged(name, wire, [row.pk for row in rows], hit, began, clock)


def prepared(clock: Leaping, mails: int, calls: int) -> list[Delivery]:
    """So many mails, every fourth urgent, and so many incidents of which three programs hear."""
    boss = User.objects.get_or_create(username="boss", is_superuser=True)[0]
    people = [
        User.objects.get_or_create(username=f"m{n}", email=f"m{n}@example.com")[0] for n in range(mails)
    ]
    before = Delivery.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for lane, some in (
        (Lane.URGENT, people[1::4]),
        (Lane.NORMAL, [*people[0::4], *people[2::4], *people[3::4]]),
    ):
        key = f"report:{lane}.{clock().timestamp()}"
        enqueue_mail(key=key, recipients=some, subject="News", text="x", html="", at=clock(), lane=lane)
    for name in PROGRAMS:
        Endpoint.objects.update_or_create(name=name, url=f"https://{name}.example.com/", owner=boss)
    for n in range(calls):
        make_incident(title=f"Matter {n}", at=clock())
    announce_pending(clock)
    made = Delivery.objects.filter(pk__gt=before)
    made.filter(channel="email").exclude(incident=None).update(
        status=Status.CANCELLED, status_reason=LEFT.reason
    )
    return list(made.filter(status=Status.PENDING).select_related("endpoint", "recipient"))


def whose(row: Delivery) -> str:
    return row.endpoint.name if row.endpoint else row.recipient.email if row.recipient else ""


def abandoned(clock: Leaping, *, after_dot: bool) -> list[Delivery]:
    """What a worker had in hand when it was killed: just taken, or handed over and not yet written down."""
    Worker.objects.create(name=f"killed {clock()}", seen_at=clock())
    name = Worker.objects.latest("seen_at").name
    rows = [row for _ in range(2) if (row := claim_due(clock(), takes=pool.MAIL.takes, by=name))]
    with Lines() as lines, patch.object(send, "finish"):
        for row in rows if after_dot else ():
            send.send(row, clock, lines)
    return rows


def carry(clock: Leaping, *, until: datetime) -> None:
    """Both workers, until it is that late or nothing waits any more."""
    while clock() < until and Delivery.objects.filter(status__in=(Status.PENDING, Status.SENDING)).exists():
        turns = [threading.Thread(target=turn, args=(clock,)) for _ in range(WORKERS)]
        for worker in turns:
            worker.start()
        for worker in turns:
            worker.join()
        clock.leap_to(min(next_moment(clock), until))


def turn(clock: Leaping) -> None:
    tidy_up(clock)
    pool.Shift(clock, stop=spent_after(40)).run()
    connections.close_all()


def next_moment(clock: Leaping) -> datetime:
    """When the next sweep would find something: fifteen seconds on, or what is due after that."""
    waits = Delivery.objects.filter(status=Status.PENDING).order_by("due_at").values_list("due_at", flat=True)
    return max(waits.first() or clock(), clock() + timedelta(seconds=15))


def judged(name: str, wire: Wire, numbers: list[int], hit: set[int], began: datetime, clock: Leaping) -> Line:
    rows = list(Delivery.objects.filter(pk__in=numbers))
    heard = Counter(wire.mail.ids())
    for hook in wire.hooks.values():
        heard.update(hook.heard)
        heard.subtract(hook.refused)
    line = Line(name, messages=len(rows), breaches=list(ledger.breaches(clock())))
    for row in rows:
        arrived = heard[row.message_id] + heard[str(row.uuid)]
        is_sent = row.status == Status.SENT
        line.sent += is_sent
        line.given_up += row.status == Status.DEAD
        line.in_doubt += row.ambiguous
        line.lost += (is_sent and not arrived) or row.status not in {Status.SENT, Status.DEAD, Status.FAILED}
        line.duplicates += max(arrived - 1, 0)
        delay = round((row.sent_at - began).total_seconds(), 1) if row.sent_at else 0
        line.longest = max(line.longest, delay)
        if row.pk not in hit:
            line.neighbours = max(line.neighbours, delay)
        if row.lane == Lane.URGENT and not row.endpoint_id:
            line.urgent = max(line.urgent, delay)
    return line


@contextmanager
def wires() -> Iterator[Wire]:
    """Real sockets on this machine; only TLS and the names of the programs are left out."""
    with ExitStack() as stack:
        mail = stack.enter_context(Sink(hang_seconds=3))
        hooks = {name: stack.enter_context(Hooks()) for name in PROGRAMS}

        def connect(self: transport.CheckedConnection) -> None:
            hook = hooks[self.host.partition(".")[0]]
            self.sock = socket.create_connection(("127.0.0.1", hook.port), timeout=transport.TOTAL_SECONDS)
            self.start_clock(self.sock)

        stack.enter_context(patch.object(transport, "public_address", lambda _url: "127.0.0.1"))
        stack.enter_context(patch.object(transport.CheckedConnection, "connect", connect))
        stack.enter_context(patch.object(smtp, "END_OF_DATA_SECONDS", 1))
        settings.EMAIL_URL = f"smtp://127.0.0.1:{mail.port}"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        for hook in hooks.values():
            hook.hang_seconds = transport.TOTAL_SECONDS
        yield Wire(mail, hooks)


HEAD = ("messages", "sent", "lost", "duplicates", "in doubt", "given up", "longest", "neighbours", "urgent")


def run(names: Iterable[str], *, mails: int, calls: int, as_json: bool = False) -> int:
    clock, bad = Leaping(), 0
    if not as_json:
        print(f"{connection.vendor}, {WORKERS} workers, each fault lasts {LASTS}; delays in seconds")
        print(f"{'fault':42}" + "".join(f"{title:>12}" for title in HEAD))
    for name in names:
        line = play(name, clock, mails=mails, calls=calls)
        clock.leap_to(clock() + timedelta(days=1))
        bad += not line.is_sound
        if as_json:
            print(json.dumps(asdict(line)))
        else:
            facts = [value for value in asdict(line).values() if not isinstance(value, str | list)]
            print(f"{name:42}" + "".join(f"{value:12}" for value in facts), *line.breaches[:3], flush=True)
    return 1 if bad else 0


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.faults", description=__doc__)
    parser.add_argument("--mails", type=int, default=40)
    parser.add_argument("--calls", type=int, default=10, help="Incidents of which three webhooks hear.")
    parser.add_argument("--call-seconds", type=int, default=transport.TOTAL_SECONDS)
    parser.add_argument("--faults", default=";".join(FAULTS), help="Their names, with ; between them.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--as-is", action="store_true", help="On the configured database, which is a scratch one."
    )
    given = parser.parse_args(argv)
    logging.disable(logging.CRITICAL)
    transport.TOTAL_SECONDS = given.call_seconds
    sizes = {"mails": given.mails, "calls": given.calls, "as_json": given.json}
    if given.as_is:
        return run(given.faults.split(";"), **sizes)
    with tempfile.TemporaryDirectory() as folder:  # threads share a file, not a database in memory
        connection.settings_dict["TEST"]["NAME"] = (
            str(Path(folder) / "faults.sqlite3") if connection.vendor == "sqlite" else "faults"
        )
        databases = setup_databases(verbosity=0, interactive=False)
        try:
            return run(given.faults.split(";"), **sizes)
        finally:
            teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
