"""Rows that tests need. Incidents are made through the verbs, so that timeline and clocks hold."""

from tests.factories.catalogue import CategoryFactory, LocationFactory, ServiceFactory, TeamFactory
from tests.factories.incident import NOON, agent_actor, make_incident, requester_actor
from tests.factories.people import AgentFactory, RequesterFactory

__all__ = [
    "NOON",
    "AgentFactory",
    "CategoryFactory",
    "LocationFactory",
    "RequesterFactory",
    "ServiceFactory",
    "TeamFactory",
    "agent_actor",
    "make_incident",
    "requester_actor",
]
