"""What people and programs do all day, each with its budget of queries."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.models import ApiToken, Incident, Scope, Source, hash_of_key
from tests.benchmarks.seeding import Company

QUEUE = "/admin/incidents/incident/"
API = "/api/v1/incidents/"
SOURCE_KEY = "benchmark-source"
NUMBERS = count(1)


class Stage:
    """Who looks, and at what."""

    def __init__(self, company: Company) -> None:
        self.agent = self._signed_in(company.agents[0])
        self.requester = self._signed_in(company.requesters[0])
        token, key = ApiToken.objects.create(
            user=company.agents[0], name="benchmark", scopes=[Scope.READ.value, Scope.WRITE.value]
        )
        del token
        self.program = Client(headers={"authorization": f"Bearer {key}"})
        Source.objects.create(name="Benchmark", kind="generic", key_hash=hash_of_key(SOURCE_KEY))
        newest = Incident.objects.newest_first().values_list("pk", flat=True)
        self.number = f"INC{newest[0]:07d}"
        self.pk = newest[0]

    def _signed_in(self, user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client


@dataclass(frozen=True)
class Workload:
    name: str
    budget: int
    path: str
    who: Callable[[Stage], Client]
    #: What is sent; `{n}` in it is another number each time.
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def run(self, stage: Stage) -> tuple[int, int, int]:
        """(status, queries, bytes). Transaction statements count as queries."""
        path = self.path.format(number=stage.number, pk=stage.pk)
        client = self.who(stage)
        with CaptureQueriesContext(connection) as queries:
            if not self.body:
                response = client.get(path)
            else:
                sent = self.body.replace("@n", str(next(NUMBERS)))
                headers = {name: value.replace("@n", sent[-8:]) for name, value in self.headers.items()}
                response = client.post(path, sent, content_type="application/json", headers=headers)
        return response.status_code, len(queries), len(response.content)


def _agent(stage: Stage) -> Client:
    return stage.agent


def _requester(stage: Stage) -> Client:
    return stage.requester


def _program(stage: Stage) -> Client:
    return stage.program


def alerts(number: int, key: str) -> str:
    return json.dumps(
        [{"dedup_key": f"{key}-{n}", "status": "firing", "title": "CPU is hot"} for n in range(number)]
    )


REPORT = json.dumps({"title": "Printer on fire", "description": "It burns, @n"})
INTAKE = f"/api/v1/intake/{SOURCE_KEY}/"

#: Name, budget of statements, path, who. The budgets hold at any number of rows.
WORKLOADS = (
    *(
        Workload(f"queue, {view}", 11, f"{QUEUE}?view={view}", _agent)
        for view in (
            "mine",
            "unassigned",
            "teams",
            "due",
            "late",
            "majors",
            "hold",
            "open",
            "resolved",
            "all",
        )
    ),
    Workload("queue, by owner", 11, f"{QUEUE}?view=open&o=4", _agent),
    Workload("queue, page 20", 11, f"{QUEUE}?view=all&p=20", _agent),
    Workload("queue, search a common word", 12, f"{QUEUE}?view=all&q=printer", _agent),
    Workload("queue, search nothing", 11, f"{QUEUE}?view=all&q=zzzz", _agent),
    Workload("queue, search a number", 12, f"{QUEUE}?q={{number}}", _agent),
    Workload("home", 17, "/admin/", _agent),
    Workload("incident page", 19, f"{QUEUE}{{pk}}/change/", _agent),
    Workload("portal, my incidents", 5, "/", _requester),
    Workload("API, list", 5, API, _program),
    Workload("API, by priority", 5, f"{API}?ordering=-priority", _program),
    Workload("API, one", 5, f"{API}{{number}}/", _program),
    Workload("API, search", 6, f"{API}?search=printer", _program),
    Workload("API, create", 8, API, _program, REPORT),
    Workload("API, create with a key", 13, API, _program, REPORT, {"Idempotency-Key": "@n"}),
    Workload("intake, a new alert", 16, INTAKE, _program, alerts(1, "@n")),
    Workload("intake, a hundred new alerts", 25, INTAKE, _program, alerts(100, "@n")),
    Workload("intake, the same again", 5, INTAKE, _program, alerts(1, "same")),
)
