"""The ports of the embedded stack."""

import socket
from collections.abc import Iterator

import pytest

from cli.ports import Ports, any_free
from cli.supervisor import StackFailed


@pytest.fixture
def used() -> Iterator[int]:
    """Return a port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_that_was_given_is_taken_or_refused(used: int) -> None:
    free = any_free()
    assert Ports(api=free).settled({}).api == free
    with pytest.raises(StackFailed, match=f"Port {used} for api is in use"):
        Ports(api=used).settled({})


def test_a_remembered_port_is_used_again_if_it_is_free(used: int) -> None:
    free = any_free()
    assert Ports().settled({"api": free}).api == free
    assert Ports().settled({"api": used}).api not in {0, used}


def test_all_ports_differ() -> None:
    same = any_free()
    settled = Ports().settled(dict.fromkeys(("api", "temporal", "temporal_ui", "slack"), same))
    assert len({settled.api, settled.temporal, settled.temporal_ui, settled.slack}) == 4
