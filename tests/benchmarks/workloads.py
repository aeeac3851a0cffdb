"""What people and programs do all day, each with its budget of queries."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.models import ApiToken, Incident, Scope
from tests.benchmarks.seeding import Company

QUEUE = "/admin/incidents/incident/"
API = "/api/v1/incidents/"


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
    body: Mapping[str, str] | None = None

    def run(self, stage: Stage) -> tuple[int, int, int]:
        """(status, queries, bytes). Transaction statements count as queries."""
        path = self.path.format(number=stage.number, pk=stage.pk)
        client = self.who(stage)
        with CaptureQueriesContext(connection) as queries:
            if self.body is None:
                response = client.get(path)
            else:
                response = client.post(path, self.body, content_type="application/json")
        return response.status_code, len(queries), len(response.content)


def _agent(stage: Stage) -> Client:
    return stage.agent


def _requester(stage: Stage) -> Client:
    return stage.requester


def _program(stage: Stage) -> Client:
    return stage.program


WORKLOADS = (
    Workload("queue, my incidents", 12, QUEUE, _agent),
    Workload("queue, all open", 12, f"{QUEUE}?view=open", _agent),
    Workload("queue, all", 12, f"{QUEUE}?view=all", _agent),
    Workload("queue, search for a word", 14, f"{QUEUE}?view=all&q=printer", _agent),
    Workload("queue, search for a number", 14, f"{QUEUE}?q={{number}}", _agent),
    Workload("incident page", 30, f"{QUEUE}{{pk}}/change/", _agent),
    Workload("portal, my incidents", 10, "/", _requester),
    Workload("API, list", 6, API, _program),
    Workload("API, one", 6, f"{API}{{number}}/", _program),
    Workload("API, search", 8, f"{API}?search=printer", _program),
    Workload("API, create", 14, API, _program, {"title": "Printer on fire", "description": "It burns"}),
)
