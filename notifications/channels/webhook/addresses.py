"""Which addresses the desk calls when somebody names them: those on the open internet, and no others."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, quote, urlsplit

from notifications.channels.base import TransportError
from notifications.enums import Outcome

HTTPS = 443
LONGEST_NAME = 253
#: The part of IPv6 that is given out (IANA, Global Unicast Address Space); all else is local or reserved.
GIVEN_OUT = ip_network("2000::/3")
#: By which a network reaches IPv4: the address inside is what counts.
NAT64 = ip_network("64:ff9b::/96")
#: In the special-purpose registries of IANA; Python's own table knows them in some releases only, or not
#: as closed. 2001::/23 holds Teredo and ORCHID, 2002::/16 wraps IPv4.
SPECIAL = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15",
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    )
)  # fmt: skip
#: Of a target that is encoded already; anything else in it is encoded on the way out.
PLAIN = "%/:?=&~+!$,;'@()*[]"


def plain_https(url: str) -> SplitResult:
    """Its parts. Raises TransportError, for good, when it is no such address whatever a name server says."""
    try:
        parts = urlsplit(url)
        is_plain = parts.scheme == "https" and is_name(parts.hostname or "") and parts.port != 0
    except ValueError as error:  # a port beyond 65535, half a bracket
        raise TransportError("This is no address of the web.", outcome=Outcome.PERMANENT) from error
    if not is_plain or parts.username is not None or parts.password is not None:
        raise TransportError(
            "Only https addresses without a user name are called.", outcome=Outcome.PERMANENT
        )
    if _is_literal(parts.hostname or "") and not is_public(parts.hostname or ""):
        raise _inside()
    return parts


def is_name(host: str) -> bool:
    return 0 < len(host) <= LONGEST_NAME and host.isprintable()


def public_address(url: str) -> str:
    """The one address to connect to. Refuses for good what is not https on the open internet."""
    parts = plain_https(url)
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or HTTPS, type=socket.SOCK_STREAM)
    except OSError as error:
        raise TransportError("The name could not be looked up.", outcome=Outcome.RETRY) from error
    except ValueError as error:  # a part of it longer than 63 characters, or empty
        raise TransportError("This is no name of the web.", outcome=Outcome.PERMANENT) from error
    addresses = [str(answer[4][0]) for answer in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise _inside()
    return addresses[0]


def _inside() -> TransportError:
    return TransportError("The address is not on the open internet.", outcome=Outcome.PERMANENT)


def _is_literal(name: str) -> bool:
    try:
        ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


def is_public(text: str) -> bool:
    """Addresses that wrap another one are refused; what NAT64 made of a public one is judged as that."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address in NAT64:
        address = IPv4Address(int(address) & 0xFFFFFFFF)
    if isinstance(address, IPv6Address) and address not in GIVEN_OUT:
        return False
    is_open = address.is_global and not (address.is_multicast or address.is_reserved)
    return is_open and not any(address in network for network in SPECIAL)


def target_of(parts: SplitResult) -> str:
    """What stands in the first line of the request."""
    return quote(f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", safe=PLAIN)
