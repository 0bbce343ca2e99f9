"""Keeps the tests off the network: only loopback addresses and unix sockets can be reached."""

import ipaddress
import sys
from typing import Any

LOCAL_NAMES = {"localhost", ""}


class NetworkForbidden(Exception):
    """A test tried to reach another machine."""


def forbid_network() -> None:
    """Refuse every connection and name look-up that leaves this machine, until the process ends."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        _, address = arguments
        # A unix socket has a path instead of a host and a port.
        if isinstance(address, tuple) and not is_local(address[0]):
            raise NetworkForbidden(f"A test connects to {address[0]}.")
    elif event == "socket.getaddrinfo" and not is_local(arguments[0]):
        raise NetworkForbidden(f"A test looks up {arguments[0]}.")


def is_local(host: str | bytes | None) -> bool:
    """Say whether a host is this machine."""
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(name.split("%")[0]).is_loopback
    except ValueError:
        return False
