import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from itsm.proxies import TrustedProxies

PROXY = "10.0.0.5"


def seen(**meta: str) -> HttpRequest:
    """The request as the desk sees it."""
    requests: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        requests.append(request)
        return HttpResponse()

    TrustedProxies(view)(RequestFactory().get("/", **meta))  # type: ignore[arg-type]
    return requests[0]


@pytest.fixture(autouse=True)
def proxies(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/24"]


def test_stranger_cannot_forge_an_address() -> None:
    request = seen(
        REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR="198.51.100.1", HTTP_X_FORWARDED_PROTO="https"
    )

    assert (request.META["REMOTE_ADDR"], request.scheme) == ("203.0.113.9", "http")
    assert "HTTP_X_FORWARDED_FOR" not in request.META


def test_trusted_proxy_is_believed() -> None:
    request = seen(REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_FOR="198.51.100.1", HTTP_X_FORWARDED_PROTO="https")

    assert (request.META["REMOTE_ADDR"], request.scheme) == ("198.51.100.1", "https")


def test_what_the_client_put_before_the_proxy_is_not_believed() -> None:
    request = seen(REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_FOR="1.2.3.4, 198.51.100.1, 10.0.0.7")

    assert request.META["REMOTE_ADDR"] == "198.51.100.1"


@pytest.mark.parametrize(
    ("hop", "address"),
    [
        ("198.51.100.1:4711", "198.51.100.1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
    ],
)
def test_hop_counts_as_one_address_however_it_is_written(hop: str, address: str) -> None:
    request = seen(REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_FOR=hop)

    assert request.META["REMOTE_ADDR"] == address


def test_proxy_is_known_by_its_address_on_a_socket_of_both_families() -> None:
    request = seen(REMOTE_ADDR=f"::ffff:{PROXY}", HTTP_X_FORWARDED_FOR="198.51.100.1")

    assert request.META["REMOTE_ADDR"] == "198.51.100.1"


@pytest.mark.parametrize(("trusted", "scheme"), [(["unix"], "https"), (["10.0.0.0/24"], "http")])
def test_caller_through_a_socket_file_is_believed_only_when_listed(
    settings: Settings, trusted: list[str], scheme: str
) -> None:
    settings.TRUSTED_PROXIES = trusted

    assert seen(REMOTE_ADDR="", HTTP_X_FORWARDED_PROTO="https").scheme == scheme


def test_garbage_in_the_chain_leaves_the_nearest_hop() -> None:
    request = seen(REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_FOR="<script>, 10.0.0.7")

    assert request.META["REMOTE_ADDR"] == "10.0.0.7"
