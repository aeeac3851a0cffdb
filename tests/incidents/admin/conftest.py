"""Rows for the pages of the admin, and people in each role."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.factories import AgentFactory

Entered = Callable[[User], Client]


@pytest.fixture
def entered() -> Entered:
    """A browser in which somebody has logged in."""

    def enter(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return enter


@pytest.fixture
def administrator(db: None) -> User:
    return AgentFactory.create(username="ada", first_name="Ada", last_name="Min", role="Administrator")


@pytest.fixture
def auditor(db: None) -> User:
    return AgentFactory.create(username="audrey", role="Auditor")


@pytest.fixture
def lead(db: None) -> User:
    return AgentFactory.create(username="lea", role="Team lead")


@pytest.fixture
def manager(db: None) -> User:
    return AgentFactory.create(username="mary", role="Incident manager")
