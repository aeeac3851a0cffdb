import pytest
from django.test import Client

POLICY = {"default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"}


@pytest.mark.parametrize("address", ["/healthz", "/nowhere", "/admin/login/"])
@pytest.mark.django_db
def test_every_page_carries_the_strict_headers(client: Client, address: str) -> None:
    headers = client.get(address).headers

    assert set(headers["Content-Security-Policy"].split("; ")) == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("address", ["/", "/admin/login/", "/api/v1/incidents/", "/healthz/"])
def test_forged_host_is_refused(client: Client, address: str) -> None:
    assert client.get(address, headers={"host": "evil.example"}).status_code == 400
