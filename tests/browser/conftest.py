"""A real Chromium (tests/chromium.py) against a real server."""

from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import BrowserContext
from pytest_django.live_server_helper import LiveServer


def log_in(context: BrowserContext, server: LiveServer, user: User) -> None:
    """A session as the log-in page would give it, without typing."""
    client = Client()
    client.force_login(user)
    cookies = [
        {"name": name, "value": cookie.value, "url": server.url} for name, cookie in client.cookies.items()
    ]
    context.add_cookies(cookies)  # type: ignore[arg-type]
