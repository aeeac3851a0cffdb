"""What a stranger writes stays words: in a log, in a header, in a template."""

import io
import logging

import pytest
import structlog
from django.contrib.auth.models import User
from django.test import Client

from incidents.models import Incident, Service
from itsm.logs import SHARED, renderer
from notifications.rendering.words import plain, prose
from tests.factories import make_incident

FORGED = "x\r\nSet-Cookie: admin=1\r\nlevel='error' event='forged'"
TEMPLATE = "{{ 7|add:'0' }}{% debug %}{{ user.password }}${7*7}"


@pytest.mark.parametrize("form", ["text", "json"])
def test_line_of_the_log_is_one_line_whatever_a_browser_calls_itself(form: str) -> None:
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer(form)],
            foreign_pre_chain=SHARED,
        )
    )
    seen = {"request": f"GET /{FORGED}", "user_agent": FORGED, "user": FORGED}

    with structlog.contextvars.bound_contextvars(**seen):
        handler.handle(logging.LogRecord("desk", logging.INFO, __file__, 1, FORGED, (), None))

    assert lines.getvalue().count("\n") == 1
    assert "\r" not in lines.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("/login/", {"next": "/\r\nSet-Cookie: admin=1"}),
        ("/admin/login/", {"next": "//evil.example\r\nSet-Cookie: admin=1"}),
        ("/incidents/x\r\nSet-Cookie: admin=1/", {}),
        ("/admin/incidents/team/", {"q": FORGED}),
    ],
)
def test_address_makes_no_header(admin_client: Client, address: str, asked: dict[str, str]) -> None:
    answer = admin_client.get(address, asked)

    assert answer.status_code < 500
    assert not any("\r" in value or "\n" in value for value in answer.headers.values())
    assert "admin" not in answer.cookies


def test_title_is_no_template(alice: User, carol: User, vpn: Service, client: Client) -> None:
    incident: Incident = make_incident(requester=carol, title=TEMPLATE, service=vpn)
    client.force_login(alice)

    page = client.get(f"/admin/incidents/incident/{incident.pk}/change/").content.decode()

    assert "{{ 7|add:" in page
    assert "{{ user.password }}" in page
    assert "{{ user.password }}" in prose(TEMPLATE)
    assert plain(FORGED).splitlines() == [plain(FORGED)]
