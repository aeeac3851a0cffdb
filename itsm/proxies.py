"""Who is calling: the forwarding headers of a listed proxy are believed, everyone else's are dropped."""

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
)


SOCKET = "unix"  # a proxy on this machine that calls through a socket file has no address


@lru_cache
def networks(listed: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(text, strict=False) for text in listed if text != SOCKET)


def address_of(text: str) -> IPv4Address | IPv6Address:
    """Of a peer or a hop, some of which name their port or write IPv4 as IPv6; ValueError if it is none."""
    if text.count(":") == 1 or text.startswith("["):
        text = text.rpartition(":")[0] if not text.endswith("]") else text
        text = text.strip("[]")
    ip = ip_address(text)
    return (ip.ipv4_mapped or ip) if isinstance(ip, IPv6Address) else ip


def is_trusted(address: str) -> bool:
    if not address:
        return SOCKET in settings.TRUSTED_PROXIES
    try:
        ip = address_of(address)
    except ValueError:
        return False
    return any(ip in network for network in networks(tuple(settings.TRUSTED_PROXIES)))


class TrustedProxies:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        peer = request.META.get("REMOTE_ADDR", "")
        hops = request.META.get("HTTP_X_FORWARDED_FOR", "")
        scheme = request.META.get("HTTP_X_FORWARDED_PROTO", "")
        for name in FORWARDED:
            request.META.pop(name, None)
        if is_trusted(peer):
            request.META["REMOTE_ADDR"] = client_behind(peer, hops)
            if scheme in {"http", "https"}:
                request.META["wsgi.url_scheme"] = scheme
        return self.get_response(request)


def client_behind(peer: str, hops: str) -> str:
    """The last address in the chain that no proxy of ours has: anything before it could be made up."""
    for hop in reversed([hop.strip() for hop in hops.split(",")]):
        try:
            peer = str(address_of(hop))
        except ValueError:
            break
        if not is_trusted(peer):
            break
    return peer
