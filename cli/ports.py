"""The TCP ports of the embedded stack: given, remembered, usual, or any that is free."""

import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Self

from cli.supervisor import StackFailed

USUAL = {"api": 8042, "temporal": 7233, "temporal_ui": 8233, "slack": 8043}


@dataclass(frozen=True, kw_only=True)
class Ports:
    """The ports on the loopback address; zero lets the stack choose."""

    api: int = 0
    temporal: int = 0
    temporal_ui: int = 0
    slack: int = 0

    def settled(self, remembered: Mapping[str, int]) -> Self:
        """Return a port for each: the one given, else the remembered or the usual one if free, else any.

        Raises:
            StackFailed: When a port that was given is in use.

        """
        chosen: dict[str, int] = {}
        for name, given in asdict(self).items():
            if given and not is_free(given):
                raise StackFailed(f"Port {given} for {name} is in use. Choose another, or end what uses it.")
            wishes = (given, remembered.get(name, 0), USUAL[name])
            taken = set(chosen.values())
            chosen[name] = next((port for port in wishes if port and port not in taken and is_free(port)), 0)
            chosen[name] = chosen[name] or any_free()
        return type(self)(**chosen)

    @classmethod
    def any(cls) -> Self:
        """Return ports that are free now and are not the usual ones, for tests."""
        return cls(**{each.name: any_free() for each in fields(cls)})


def is_free(port: int) -> bool:
    """Say whether the loopback port can be bound now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def any_free() -> int:
    """Return a loopback port that the system says is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
