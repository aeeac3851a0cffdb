"""Whoever names an address does not lead the desk to what only it can reach."""

import socket
from http.client import HTTPSConnection

import pytest
from django.contrib.auth.models import User
from django.test import Client

from notifications.channels.base import Call, TransportError
from notifications.channels.webhook import transport
from notifications.channels.webhook.addresses import is_public, plain_https, public_address, target_of
from notifications.enums import Outcome
from notifications.models import Endpoint
from tests.factories import NOON

INSIDE = [
    "0.0.0.0",  # noqa: S104 -- named, not bound to
    "0.0.0.1", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
    "192.0.0.1", "192.0.0.8", "192.0.0.9", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::c058:6301",
    "64:ff9b:1::808:808", "100::1", "100:0:0:1::1", "2001::1", "2001:0:7f00:1::", "2001:2::1", "2001:10::1",
    "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::", "3fff::1", "3fff:fff::1", "5f00::1",
    "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "feff::1", "ff02::1",
    "ff0e::1", "4000::1", "no address",
]  # fmt: skip
OUTSIDE = [
    "1.1.1.1", "8.8.8.8", "192.0.1.1", "192.88.98.1", "198.17.255.255", "198.20.0.1", "2001:200::1",
    "2001:4860:4860::8888", "2606:4700::1111", "2a00:1450::1", "3ffe::1", "64:ff9b::808:808",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_address_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_address_outside_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "https://user@example.com/", "https://user:word@example.com/", "https://@example.com/",
        "file:///etc/passwd", "gopher://example.com/", "ftp://example.com/", "//example.com/", "https:///x", "https://",
        "https://example.com:99999/", "https://example.com:0/", "https://example.com:x/", "https://[::1/", "https://[x]/",
        f"https://{'a' * 64}.example.com/", f"https://{'é' * 64}.example.com/", "https://.example.com/",
        "https://a..example.com/", f"https://{'a.' * 200}com/", "https://exam\0ple.com/", "https://[fec0::1]/",
        "https://127.0.0.1/", "https://[::ffff:127.0.0.1]/", "https://[fe80::1%25eth0]/", "https://192.0.0.8/",
    ],
)  # fmt: skip
def test_what_is_no_plain_https_address_outside_is_refused_for_good(url: str) -> None:
    with pytest.raises(TransportError) as refusal:
        public_address(url)

    assert refusal.value.outcome == Outcome.PERMANENT


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "127。0。0。1",
        "①27.0.0.1",
    ],
)
def test_name_of_this_machine_is_refused_before_any_connection(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("connected"))

    with pytest.raises(TransportError) as refusal:
        public_address(f"https://{host}/")

    assert "open internet" in refusal.value.text


@pytest.mark.parametrize("found", [["8.8.8.8", "10.0.0.1"], ["fec0::1"], []])
def test_name_with_one_address_inside_is_refused(found: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(socket.AF_INET, 1, 6, "", (address, 443)) for address in found]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)

    with pytest.raises(TransportError):
        public_address("https://rebinding.example/")


def test_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name server says another one the second time: nobody asks it a second time."""
    told = iter(["8.8.8.8", "127.0.0.1"])
    asked: list[object] = []

    def connect(address: object, *_: object, **__: object) -> None:
        asked.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (next(told), 443))])
    monkeypatch.setattr(socket, "create_connection", connect)

    with pytest.raises(TransportError):
        transport.WebhookTransport().send(
            Call(Endpoint().uuid, NOON, "https://rebinding.example/", (b"x",)), before_handover=lambda: None
        )

    assert asked == [("8.8.8.8", 443)]


def test_odd_characters_in_an_address_make_no_second_header() -> None:
    target = target_of(plain_https("https://example.com/ä b\r\nX-Evil: 1?q=ü%20&x=y"))

    connection = HTTPSConnection("example.com")
    connection.putrequest("POST", target)
    assert target == "/%C3%A4%20bX-Evil:%201?q=%C3%BC%20&x=y"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.com/", "Only https"),
        ("https://10.0.0.5/hook", "not on the open internet"),
        ("https://[fec0::1]/", "not on the open internet"),
    ],
)
def test_form_of_a_webhook_says_what_is_never_called(
    admin_client: Client, admin_user: User, url: str, why: str
) -> None:
    page = admin_client.post(
        "/admin/notifications/endpoint/add/", {"name": "a", "url": url, "owner": admin_user.pk}
    )

    assert why in page.content.decode()
    assert not Endpoint.objects.exists()
