"""The guard that keeps tests off the network."""

import socket

import pytest

from tests.network import NetworkForbidden


def test_a_test_cannot_reach_another_machine() -> None:
    with socket.socket() as client, pytest.raises(NetworkForbidden, match=r"192\.0\.2\.1"):
        client.connect(("192.0.2.1", 80))


def test_a_test_cannot_look_up_a_name() -> None:
    with pytest.raises(NetworkForbidden, match="example"):
        socket.getaddrinfo("db.example", 5432)


def test_a_test_can_reach_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
