"""People who log in by the page, as browsers do: only so the log-in leaves its marks."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

PASSWORD = "right-7-horses"
LogIn = Callable[..., None]


@pytest.fixture(autouse=True)
def _fresh_cache(db: None) -> None:
    cache.clear()


@pytest.fixture
def visitor() -> Client:
    """A visitor, with the checks that the test client usually leaves out."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def log_in() -> LogIn:
    def enter(visitor: Client, user: User, *, page: str = "/login/") -> None:
        user.set_password(PASSWORD)
        user.save()
        token = form_token(visitor, page)
        answer = visitor.post(
            page, {"username": user.username, "password": PASSWORD, "csrfmiddlewaretoken": token}
        )
        assert answer.status_code == 302, answer.content.decode()[:2000]

    return enter


def form_token(visitor: Client, page: str) -> str:
    """The CSRF token in the forms of a page."""
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', visitor.get(page).content.decode())
    assert found is not None
    return found[1]


def session_ends(visitor: Client) -> None:
    del visitor.cookies[settings.SESSION_COOKIE_NAME]
