"""What holds on every page of the portal."""

import re
from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import timezone
from django.views import defaults

from incidents.models import Incident
from incidents.tracking import tracking_token


class Forbidden(HTMLParser):
    """Collects what the policy of the page would block."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.found.append(f"inline {tag}")
        self.found += [
            f"{tag} {name}={value}"
            for name, value in given.items()
            if name in {"src", "href"} and re.match(r"(data|javascript|https?):", value or "")
        ]


def blocked(html: str) -> list[str]:
    parser = Forbidden()
    parser.feed(html)
    return parser.found


@pytest.mark.parametrize("address", ["/", "/?show=closed", "/incidents/new/", "/password/", "/nowhere/"])
def test_pages_hold_nothing_the_policy_blocks(carols: Client, address: str) -> None:
    response = carols.get(address)

    assert blocked(response.content.decode()) == []
    assert "default-src 'self'" in response["Content-Security-Policy"]


def test_login_incident_and_link_hold_nothing_the_policy_blocks(
    client: Client, carol: User, secretive: Incident
) -> None:
    link = f"/track/{tracking_token(secretive, carol, at=timezone.now())}/"
    pages = [client.get("/login/").content.decode(), client.get(link).content.decode()]
    client.force_login(carol)
    pages.append(client.get(f"/incidents/{secretive.number}/").content.decode())

    assert [blocked(page) for page in pages] == [[], [], []]


def test_error_pages_stand_on_their_own(rf: RequestFactory, db: None) -> None:
    request = rf.get("/")
    answers = [
        defaults.server_error(request),
        defaults.permission_denied(request, PermissionDenied()),
    ]

    assert [answer.status_code for answer in answers] == [500, 403]
    assert all(blocked(answer.content.decode()) == [] for answer in answers)
    assert "Please send it again" in render_to_string("403_csrf.html")
