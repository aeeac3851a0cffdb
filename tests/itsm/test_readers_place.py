"""Each page in the reader's time and language."""

from collections.abc import Iterator

import pytest
import time_machine
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from incidents.models import Location, Profile
from tests.factories import NOON


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    with translation.override("en"):
        yield


def page_of(user: User, **headers: str) -> str:
    client = Client(headers=headers or None)
    client.force_login(user)
    return client.get(reverse("admin:index")).content.decode()


@pytest.fixture
def singapore(db: None) -> Location:
    return Location.objects.create(name="Singapore", time_zone="Asia/Singapore")


@time_machine.travel(NOON, tick=False)
def test_time_is_that_of_the_location(alice: User, singapore: Location) -> None:
    Profile.objects.create(user=alice, location=singapore)

    assert "Monday 2 March, 20:00 +08" in page_of(alice)


@time_machine.travel(NOON, tick=False)
def test_own_time_zone_comes_before_that_of_the_location(alice: User, singapore: Location) -> None:
    Profile.objects.create(user=alice, location=singapore, time_zone="America/Sao_Paulo")

    assert "Monday 2 March, 09:00 -03" in page_of(alice)


@time_machine.travel(NOON, tick=False)
def test_unknown_zone_falls_back_to_that_of_the_desk(alice: User) -> None:
    Profile.objects.create(user=alice, time_zone="Mars/Olympus")

    assert "Monday 2 March, 12:00 UTC" in page_of(alice)


def test_zone_does_not_leak_into_the_next_request(alice: User, singapore: Location) -> None:
    Profile.objects.create(user=alice, location=singapore)

    page_of(alice)

    assert timezone.get_current_timezone_name() == "UTC"


@pytest.fixture
def german_too(settings: LazySettings) -> None:
    """As if it were offered: Django brings its own words in German."""
    settings.LANGUAGES = [("en", "English"), ("de", "German")]


@pytest.mark.usefixtures("german_too")
def test_language_of_the_profile_comes_before_that_of_the_browser(alice: User) -> None:
    Profile.objects.create(user=alice, language="de")

    assert '<html lang="de"' in page_of(alice, accept_language="en")


@pytest.mark.usefixtures("german_too")
def test_without_a_profile_the_browser_decides(alice: User) -> None:
    assert '<html lang="de"' in page_of(alice, accept_language="de")


def test_language_that_is_not_offered_is_not_spoken(alice: User) -> None:
    Profile.objects.create(user=alice, language="de")

    assert '<html lang="en"' in page_of(alice, accept_language="de")
