"""A mail server that does what it is told, on a real socket."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.urls import reverse

from tests.notifications.sink import Hand, Sink


@pytest.fixture
def sink(settings: LazySettings) -> Iterator[Sink]:
    """Mail goes to it for the length of the test. Addresses are made once: with the settings as they are."""
    reverse("admin:index")
    with Sink() as server:
        point_mail_to(settings, server.port)
        yield server


def point_mail_to(settings: LazySettings, port: int) -> None:
    settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False


@pytest.fixture
def clock() -> Hand:
    return Hand()
