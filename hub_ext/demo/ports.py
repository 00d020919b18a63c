"""Which TCP ports the stack uses, all on 127.0.0.1: one that people see, the others kept from start to start."""

import random
import socket

from pydantic import BaseModel, ConfigDict

from hub_ext.demo.failure import CannotStart

ADDRESS = "127.0.0.1"
_PRIVATE = range(20_000, 32_000)
"""Below Linux' ephemeral ports (32768-60999), which an outgoing connection may take at any moment."""
_LOWEST_UNPRIVILEGED = 1024


class Ports(BaseModel):
    """The ports of one stack."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    public: int
    """What people open: the hub's proxy."""
    proxy_api: int
    """The proxy's own API, for the hub."""
    hub: int
    """The hub behind the proxy."""
    idp: int
    """The identity provider."""
    service: int
    """The Gatehouse service."""
    gateway: int
    """The gateway's HTTP proxy: its API and dashboards."""
    gateway_api: int
    """The gateway's API server behind that proxy."""
    gateway_tcp: int
    """The gateway's TLS proxy: the way to schedulers."""


def is_free(port: int) -> bool:
    """Say whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a port whose last connections are still closing is free, one with a listener is not.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except PermissionError:
            raise CannotStart(
                f"Port {port} needs root: ports below {_LOWEST_UNPRIVILEGED} do; choose another with --port."
            ) from None
        except OSError:
            return False
    return True


def require_free(port: int) -> None:
    """Refuse a public port that somebody else listens on.

    Raises:
        CannotStart: if it is taken; the text names it.
    """
    if not is_free(port):
        raise CannotStart(
            f"Port {port} on {ADDRESS} is taken by another program: stop that, or choose another port with --port "
            f"(make demo PORT={port + 1})."
        )


def settle(kept: Ports | None, public: int) -> Ports:
    """Return the stack's ports: what was kept where it is still free, new ones elsewhere.

    Raises:
        CannotStart: if the public port is taken.
    """
    require_free(public)
    chosen = {public}
    ports = {"public": public}
    for name in Ports.model_fields:
        if name != "public":
            ports[name] = _keep_or_choose(getattr(kept, name, None), chosen)
            chosen.add(ports[name])
    return Ports(**ports)


def _keep_or_choose(kept: int | None, chosen: set[int]) -> int:
    if kept is not None and kept not in chosen and is_free(kept):
        return kept
    candidates = random.sample(_PRIVATE, k=200)
    for port in candidates:
        if port not in chosen and is_free(port):
            return port
    raise CannotStart(f"No free port between {_PRIVATE.start} and {_PRIVATE.stop} on {ADDRESS}.")
