"""Ports: the public one is asked for, the others are chosen and kept."""

import socket
from collections.abc import Iterator

import pytest

from hub_ext.demo.failure import CannotStart
from hub_ext.demo.ports import ADDRESS, Ports, is_free, require_free, settle
from tests.support.ports import free_port


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server((ADDRESS, 0)) as server:
        yield server.getsockname()[1]


def test_a_port_with_a_listener_is_not_free(taken: int) -> None:
    """A port with a listener is not free."""
    assert not is_free(taken)


def test_a_port_that_just_closed_is_free() -> None:
    """A port whose last connection is still closing is free for the next server."""
    with socket.create_server((ADDRESS, 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection((ADDRESS, port))
        accepted, _ = server.accept()
        accepted.close()  # this side closes first: its end stays in TIME_WAIT
        client.close()
    assert is_free(port)


def test_a_taken_public_port_is_named(taken: int) -> None:
    """A taken public port is named, and so is the way out."""
    with pytest.raises(CannotStart, match=rf"Port {taken} on 127\.0\.0\.1 is taken .* --port"):
        require_free(taken)


def test_all_ports_differ() -> None:
    """Every program gets a port of its own."""
    ports = settle(None, free_port()).model_dump().values()
    assert len(set(ports)) == len(Ports.model_fields)


def test_ports_are_kept() -> None:
    """A second start gets the ports of the first, so that addresses people stored stay right."""
    first = settle(None, free_port())
    assert settle(first, first.public) == first


def test_only_a_taken_port_is_chosen_anew() -> None:
    """A kept port that somebody took meanwhile is replaced, the others stay."""
    first = settle(None, free_port())
    with socket.create_server((ADDRESS, first.idp)):
        second = settle(first, first.public)
    assert second.idp != first.idp
    assert second.model_copy(update={"idp": first.idp}) == first


def test_a_kept_port_never_collides_with_the_public_one() -> None:
    """Asking for a public port that was a private one before moves the private one."""
    first = settle(None, free_port())
    second = settle(first, first.hub)
    assert second.public == first.hub
    assert second.hub != first.hub
