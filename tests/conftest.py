"""People and places that tests share. Settings are in tests/settings.py."""

import signal
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as profiles
from pytest_django.plugin import DjangoDbBlocker, blocking_manager_key

from incidents.models import Incident, Service, Team
from itsm import timekeeping
from tests.factories import AgentFactory, RequesterFactory, ServiceFactory, TeamFactory, make_incident
from tests.insider import let_tests_empty_tables
from tests.migrated_database import migrated_file, put_in_place
from tests.migrated_rows import remember_migrated_rows, restore
from tests.running import migrated_folder
from tests.thoroughness import EVERYDAY

pytest_plugins = ["tests.chromium"]

# `make test` tries the same examples each time. `make fuzz` tries new ones, for longer; what it finds
# becomes an `@example` of its test. A test that costs more takes a share of `settings().max_examples`.
COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}
profiles.register_profile("repeatable", max_examples=EVERYDAY, derandomize=True, database=None, **COMMON)
profiles.register_profile("fuzz", max_examples=2000, print_blob=True, **COMMON)
profiles.load_profile("repeatable")

# Started in the background of a script we ignore Ctrl-C, and every process of a test would inherit that.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

COMMITS = pytest.StashKey[bool]()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("loadgroup", default=False):
        for item in items:
            if item.get_closest_marker("xdist_group") and "@" not in item.nodeid:
                raise pytest.UsageError(f"{item.nodeid} lost its group: does pytest-xdist know this pytest?")
        spread_waiting(items)
    mark_commits(items)


def spread_waiting(items: list[pytest.Item]) -> None:
    """Tests of processes and pages take long and mostly wait: evenly among the others, none at the end."""
    place: dict[pytest.Item, float] = {}
    waits = {item: any(map(item.get_closest_marker, ("processes", "browser"))) for item in items}
    for waiting, until in ((True, 0.7), (False, 1)):
        those = [item for item in items if waits[item] is waiting]
        place |= {item: until * nth / len(those) for nth, item in enumerate(those)}
    items.sort(key=place.__getitem__)


def mark_commits(items: list[pytest.Item]) -> None:
    """A test that commits empties the tables afterwards; give it the migrations' rows to begin with."""
    for item in items:
        marker = item.get_closest_marker("django_db")
        commits = bool(marker and marker.kwargs.get("transaction"))
        if commits or not {"live_server", "transactional_db"}.isdisjoint(item.fixturenames):  # type: ignore[attr-defined]
            asked = marker.kwargs if marker else {}
            restored = {**asked, "transaction": True, "serialized_rollback": True}
            item.add_marker(pytest.mark.django_db(**restored), append=False)
            item.stash[COMMITS] = True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None]:
    """And give them to whatever runs next: workers do not keep the order in which those tests come last.

    After the last test of all the database is gone, and the connection leads to the one outside the tests.
    """
    yield
    if nextitem is not None and item.stash.get(COMMITS, False):
        with item.config.stash[blocking_manager_key].unblock():
            restore(connection, connection._test_serialized_contents)  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The file is in place before; on PostgreSQL it is a copy that goes with the run."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def migrated_once(django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        put_in_place()


@pytest.fixture(scope="session")
def django_db_setup(migrated_once: None, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        remember_migrated_rows()
    let_tests_empty_tables()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """For tests that start processes: a data folder to copy, with every table and nothing in it."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if hasattr(request.config, "workerinput") else own
    return migrated_folder(shared, migrated_file())


@pytest.fixture
def databases_time(settings: LazySettings) -> Iterator[None]:
    """As in life; else a test turns the hands of its process. Nothing measured is left for other tests."""
    settings.TIME_FROM_DATABASE = True
    timekeeping._watch.measured = None
    yield
    timekeeping._watch.measured = None


@pytest.fixture
def network(db: None) -> Team:
    return TeamFactory.create(name="Network")


@pytest.fixture
def workplace(db: None) -> Team:
    return TeamFactory.create(name="Workplace")


@pytest.fixture
def vpn(network: Team) -> Service:
    return ServiceFactory.create(name="VPN", team=network)


@pytest.fixture
def alice(network: Team) -> User:
    """An agent of the network team."""
    user = AgentFactory.create(
        username="alice", first_name="Alice", last_name="Ames", email="alice@example.com"
    )
    network.members.add(user)
    return user


@pytest.fixture
def bob(workplace: Team) -> User:
    """An agent of another team."""
    user = AgentFactory.create(username="bob", first_name="Bob", last_name="Burr", email="bob@example.com")
    workplace.members.add(user)
    return user


@pytest.fixture
def carol(db: None) -> User:
    """A requester."""
    return RequesterFactory.create(
        username="carol", first_name="Carol", last_name="Cole", email="carol@example.com"
    )


@pytest.fixture
def incident(carol: User, vpn: Service) -> Incident:
    """New, opened by Carol in the portal on the VPN service, for the network team."""
    return make_incident(requester=carol, title="VPN drops every few minutes", service=vpn)
